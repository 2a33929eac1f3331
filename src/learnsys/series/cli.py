"""``learnsys series``: statistics of samples in files; the commands of other parts are mounted, not imported."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from learnsys.core.chart import SUFFIXES as CHARTS
from learnsys.core.chart import save_chart
from learnsys.core.command import wants_json
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES, Result
from learnsys.series.options import Reading, pairs, query
from learnsys.series.types import KernelName, Lags, lags, signed_duration

if TYPE_CHECKING:
    from learnsys.series.graph.query import Asked

app = App(name="series", help="How irregularly sampled series move together, and who leads.")
app.command("learnsys.series.simulate.cli:simulate", name="simulate", help="Make series with a known truth.")

Statistic = Literal["xcov"]

PLAIN = Reading()


@app.command
def xcov(
    *files: str,
    max_lag: str = "60s",
    step: str | None = None,
    bandwidth: str = "auto",
    kernel: KernelName = "k4",
    weights: Literal["voronoi", "uniform"] = "voronoi",
    of: str = "all",
    ci: Literal["jackknife", "none"] = "jackknife",
    level: float = 0.95,
    reading: Reading = PLAIN,
    save: Path | None = None,
    chart: Path | None = None,
    kind: Literal["correlogram", "peaks"] = "correlogram",
) -> Result:
    """Estimate auto- and cross-covariances at lags, with intervals.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; a fiftieth of the largest if not given.
    bandwidth
        Of the lag kernel, a duration; auto chooses it.
    kernel
        The lag kernel.
    weights
        Whether samples count by the time around them, or all alike.
    of
        Pairs of series: all, auto (each with itself), or names as A:B,A:C.
    ci
        How intervals are found.
    level
        Their coverage.
    save
        File for the covariances (.json, .csv, .parquet, .md ...).
    chart
        File for a picture (.svg, .png or .html).
    kind
        What is drawn: correlation by lag, or heat maps of peaks and their lags.
    """

    def ask() -> "Asked":
        return query(files, reading).xcov(
            lags=_lags(max_lag, step), bandwidth=bandwidth, kernel=kernel, weights=weights, pairs=pairs(of),
            ci=None if ci == "none" else ci, level=level,
        )  # fmt: skip

    return _answer(ask, save, chart, kind)


@app.command
def explain(
    *files: str,
    ask: list[Statistic] | None = None,
    max_lag: str = "60s",
    step: str | None = None,
    without: list[str] | None = None,
    phase: Literal["written", "simplify", "share", "lower"] | None = None,
    reading: Reading = PLAIN,
) -> dict[str, str] | None:
    """Show how statistics would be computed together: the graph at each phase, and what each step costs.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    ask
        A statistic; may be repeated, xcov if not given.
    max_lag
        Lags reach from minus this to this.
    step
        From one lag to the next; a fiftieth of the largest if not given.
    without
        A rule of the optimiser to switch off; may be repeated.
    phase
        Show only this phase.
    """
    from learnsys.series.graph.explain import explain as explained

    source = query(files, reading)
    options = {"xcov": {"lags": _lags(max_lag, step)}}
    asked = [getattr(source, name)(**options.get(name, {})) for name in ask or ["xcov"]]
    text = explained(*asked, costs=True, phase=phase, without=tuple(without or ()))
    if wants_json():
        return {"plan": text}
    sys.stdout.write(f"{text}\n")
    return None


def _lags(most: str, step: str | None) -> Lags:
    reach = signed_duration(most)
    return lags(-reach, reach, reach / 50 if step is None else step)


def _answer(ask: Callable[[], "Asked"], save: Path | None, chart: Path | None, kind: str | None) -> Result:
    """Refuse places that cannot be written before the work, then ask, and keep what comes."""
    check_output(save, SUFFIXES)
    check_output(chart, CHARTS)
    result: Any = ask().collect()
    if save is not None:
        result.save(save)
    if chart is not None:
        save_chart(result.chart(kind), chart)
    kept: Result = result
    return kept
