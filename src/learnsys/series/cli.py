"""``learnsys series``: describe, explain, partial and merge; the commands of other parts are mounted, not imported."""

import sys
from pathlib import Path
from typing import Any, Literal

from cyclopts import App

from learnsys.core.command import wants_json
from learnsys.core.files import check_output
from learnsys.core.result import Result
from learnsys.series.kept_states import STATE, keep, merged
from learnsys.series.options import Keeping, Reading, answer, query, symmetric

app = App(name="series", help="How irregularly sampled series move together, and who leads.")
app.command("learnsys.series.estimate.cli:xcov", name="xcov", help="Covariances at lags, with intervals.")
app.command("learnsys.series.estimate.cli:leadlag", name="leadlag", help="Which series lead which, and by how much.")
app.command("learnsys.series.estimate.cli:psd", name="psd", help="Power spectra, with intervals and peaks.")
app.command("learnsys.series.estimate.cli:coherence", name="coherence", help="At which frequencies series agree.")
app.command("learnsys.series.estimate.cli:var", name="var", help="Vector autoregressions at any step.")
app.command("learnsys.series.estimate.cli:forecast", name="forecast", help="Values at any times, with intervals.")
app.command("learnsys.series.stream.cli:watch", name="watch", help="Alarms while samples come.")
app.command("learnsys.series.simulate.cli:simulate", name="simulate", help="Make series with a known truth.")

Statistic = Literal["xcov", "lead_lag", "psd", "coherence", "var", "describe"]
PLAIN, NOTHING = Reading(), Keeping()


@app.command
def describe(
    *files: str, reading: Reading = PLAIN, keeping: Keeping = NOTHING, kind: Literal["span", "density"] = "span"
) -> Result:
    """Describe how samples lie in time, and what is odd about them.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    kind
        What is shown: the span of each series with its gaps; or how densely each is sampled over time.
    """
    if kind == "density":
        from learnsys.series.estimate.density import SamplingDensity

        return answer(lambda: query(files, reading).ask(SamplingDensity()).collect(), keeping)
    return answer(lambda: query(files, reading).describe().collect(), keeping, kind)


@app.command
def partial(
    *files: str,
    out: Path,
    bandwidth: str,
    period: str,
    weights: Literal["uniform", "voronoi"] = "uniform",
    reading: Reading = PLAIN,
    keeping: Keeping = NOTHING,
) -> Result:
    """Project samples onto frequencies and keep that: states of other files or days add to it.

    Parameters
    ----------
    files
        Parquet, CSV or Arrow files, folders or patterns.
    out
        File for the state (.state).
    bandwidth
        The least bandwidth that statistics will be asked with, a duration.
    period
        More than the time that all the data spans that will be put together, and the lags.
    weights
        How samples are weighed.
    """
    check_output(out, (STATE,))

    def make() -> Result:
        state = query(files, reading).partial(bandwidth=bandwidth, period=period, weights=weights)
        return keep(state, out)

    return answer(make, keeping)


@app.command
def merge(*states: Path, out: Path, keeping: Keeping = NOTHING) -> Result:
    """Put states of disjoint data together; learnsys series xcov reads what comes of it.

    Parameters
    ----------
    states
        States that learnsys series partial wrote.
    out
        File for the state of all (.state).
    """
    check_output(out, (STATE,))
    return answer(lambda: keep(merged(states), out), keeping)


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
        From one lag to the next, and of an autoregression; a fiftieth of the largest lag if not given.
    without
        A rule of the optimiser to switch off; may be repeated.
    phase
        Show only this phase.
    """
    from learnsys.series.graph.explain import explain as explained

    source, lags = query(files, reading), symmetric(max_lag, step)
    options: dict[str, dict[str, Any]] = {
        "xcov": {"lags": lags}, "lead_lag": {"max_lag": max_lag, "step": lags.step_s}, "var": {"dt": lags.step_s},
    }  # fmt: skip
    asked = [getattr(source, name)(**options.get(name, {})) for name in ask or ["xcov"]]
    text = explained(*asked, costs=True, phase=phase, without=tuple(without or ()))
    if wants_json():
        return {"plan": text}
    sys.stdout.write(f"{text}\n")
    return None
