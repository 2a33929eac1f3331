"""Draw the pictures and fill the figures of a page: ``python bench/series/_pages.py PAGE...``

Pictures are computed anew and written beside ``docs/reproduce/temgine.md``; tables of promises come from the records
in in bench/results.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import numpy as np

from _filling import PICTURES, fill, markdown, promises, records
from learnsys import series
from learnsys.core.chart import COLOURS, altair, save_chart, styled
from learnsys.series.estimate.covariance import ratio
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.dataset import Made, draw
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.simulate.stamps import poisson
from learnsys.series.sums.compute import sums
from learnsys.series.types import Kernel, KernelName, KernelSums, Samples, SumsSpec

WIDTH, HEIGHT = 520, 280
QUIET = "#9aa5ad"


def covariance(samples: Samples, found: KernelSums) -> np.ndarray:
    """Divide the sums of one pair."""
    return np.asarray(ratio(found, Facts.of(samples))[0])


def equivalence() -> str:
    """One covariance three ways, and the products of pairs of samples that it is made of."""
    samples, _ = draw(Made(series=2, samples=300, seed=3))
    samples = samples.centred()
    at = series.lags("-15s", "15s", "500ms")
    spec = SumsSpec(pairs=((0, 1),), kernels=(Kernel(name="gaussian", h=0.6),), lags=at)
    ways = {
        how: covariance(samples, sums(samples, spec, tol=1e-10, how=how)[0]) for how in ("direct", "spectral", "grid")
    }
    (ta, xa, _), (tb, xb, _) = samples.one(0), samples.one(1)
    lag, product = (tb[None, :] - ta[:, None]).ravel(), (xa[:, None] * xb[None, :]).ravel()
    near = np.flatnonzero(np.abs(lag) < 15)
    keep = np.random.default_rng(0).choice(near, 700, replace=False)
    alt = altair()
    dots = alt.Chart(alt.Data(values=[{"lag": float(lag[i]), "value": float(product[i])} for i in keep]))
    rows = [
        {"lag": float(l), "value": float(v), "way": name}
        for name, how in (("mean of products near the lag", "direct"), ("from Fourier coefficients", "spectral"))
        for l, v in zip(at.values, ways[how], strict=True)
    ]
    x = alt.X(
        "lag:Q", title="seconds from a sample of the first series to one of the second",
        scale=alt.Scale(domain=[-15, 15], nice=False),
    )  # fmt: skip
    y = alt.Y("value:Q", title="product of the values, and its mean", scale=alt.Scale(domain=[-2.5, 3.5], clamp=True))
    colour = alt.Color(
        "way:N", title=None, legend=alt.Legend(orient="top-left"), scale=alt.Scale(range=list(COLOURS[1::-1]))
    )
    curve = alt.Chart(alt.Data(values=rows)).transform_filter("datum.way != 'mean of products near the lag'")
    marks = alt.Chart(alt.Data(values=rows)).transform_filter("datum.way == 'mean of products near the lag'")
    chart = alt.layer(
        dots.mark_circle(size=9, color=QUIET, opacity=0.45).encode(x=x, y=y),
        curve.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
        marks.mark_point(size=22, filled=True, opacity=1).encode(x=x, y=y, color=colour),
    ).properties(width=WIDTH, height=HEIGHT, title="Every pair of samples, and what both ways make of them")
    save_chart(styled(chart), PICTURES / "temgine-equivalence.svg")
    scale = np.abs(ways["direct"]).max()
    apart = {how: float(np.abs(ways[how] - ways["direct"]).max() / scale) for how in ("spectral", "grid")}
    return markdown(
        [
            ["computed from", "largest difference from the sum over all pairs, relative to the peak"],
            ["Fourier coefficients", f"{apart['spectral']:.1e}"],
            ["a grid in time, segments and a matrix product", f"{apart['grid']:.1e}"],
        ]
    )


def trade_off(runs: int = 60) -> str:
    """Error by bandwidth: bias grows with it, variance falls; more data move the best one down."""
    wave = Wave(decay=0.15, omega=1.2)
    process = Followers(common=(wave,), delays_s=(0.0, 2.0), loads=(1.0, 1.0), noise=(0.5, 0.5))
    at = series.lags("0s", "6s", "250ms")
    truth = process.covariance(at.values)
    widths = np.geomspace(0.08, 2.5, 12)
    names: tuple[KernelName, ...] = ("gaussian", "k4")
    kernels = tuple(Kernel(name=name, h=float(h)) for name in names for h in widths)
    rows: list[dict[str, object]] = []
    table = [["samples a series", "kernel", "best bandwidth", "error there", "of it bias"]]
    for n in (200, 2000):
        errors = np.empty((runs, len(kernels), at.count))
        for run in range(runs):
            rng = np.random.default_rng((run, n))
            samples = process.sample([poisson(rng, n * 1.0, 1.0) for _ in range(2)], seed=run)
            found = sums(samples, SumsSpec(pairs=((0, 1),), kernels=kernels, lags=at), tol=1e-4)
            errors[run] = [covariance(samples, one) - truth for one in found]
        rmse = np.sqrt((errors**2).mean(axis=(0, 2)))
        bias = np.sqrt((errors.mean(axis=0) ** 2).mean(axis=1))
        spread = np.sqrt(errors.var(axis=0).mean(axis=1))
        for k, kernel in enumerate(kernels):
            for what, value in (("error", rmse), ("bias", bias), ("spread", spread)):
                rows.append(
                    {
                        "h": kernel.h,
                        "kernel": kernel.name,
                        "n": f"{n:,} samples",
                        "what": what,
                        "value": float(value[k]),
                    }
                )
        for name in names:
            k = min((i for i, one in enumerate(kernels) if one.name == name), key=lambda i: rmse[i])
            table.append([f"{n:,}", name, f"{kernels[k].h:.2g} s", f"{rmse[k]:.3f}", f"{bias[k]:.3f}"])
    alt = altair()
    base = alt.Chart(alt.Data(values=rows), width=210, height=170)
    colour = alt.Color("what:N", title=None, sort=["error", "bias", "spread"], legend=alt.Legend(orient="bottom"))
    x = alt.X(
        "h:Q", title="bandwidth, s", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=[0.1, 0.3, 1, 2])
    )
    lines = base.mark_line().encode(
        x=x, y=alt.Y("value:Q", title="root mean square", axis=alt.Axis(tickCount=4)), color=colour
    )
    chart = lines.facet(
        column=alt.Column("kernel:N", title=None), row=alt.Row("n:N", title=None, sort=["200 samples", "2,000 samples"])
    ).resolve_scale(y="independent")
    chart = chart.properties(title=f"Error of a covariance by bandwidth, over {runs} draws")
    save_chart(styled(chart), PICTURES / "temgine-bandwidth.svg")
    return markdown(table)


def plan() -> str:
    """What explain says of a session, before and after it ran."""
    samples, _ = draw(Made(series=6, samples=20_000, seed=5))
    src = series.scan(samples).scale(100)
    at = series.lags("-10s", "10s", "500ms")
    asked = (
        src.demean().xcov(lags=at, bandwidth="1s", ci=None),
        src.shift("2s", ids=["s0"]).demean().xcov(lags=at, bandwidth="1s", ci=None),
        src.demean().xcov(lags=at, bandwidth="500ms", kernel="gaussian", ci=None), src.describe(),
    )  # fmt: skip
    series.collect(*asked)
    parts = [series.explain(*asked, phase=phase) for phase in ("written", "share")]  # type: ignore[arg-type]  # literals
    return "```text\n" + "\n\n".join([*parts, steps(series.explain(*asked, costs=True))]) + "\n```\n"


def steps(text: str) -> str:
    """The part about steps, without how long they took here."""
    return re.sub(r", took [^\n]*", "", text[text.index("after lower") :])


def correlogram() -> str:
    """Two pictures that results draw of themselves."""
    samples, _ = draw(Made(series=5, samples=3000, seed=2))
    src = series.scan(samples)
    out = series.collect(
        src.xcov(lags=series.lags("-12s", "12s", "250ms"), pairs=[("s0", "s1")]), src.lead_lag(max_lag="12s")
    )
    save_chart(out[0].chart(), PICTURES / "temgine-correlogram.svg")
    save_chart(out[1].chart(), PICTURES / "temgine-network.svg")
    return markdown(
        [["leads", "follows", "seconds", "correlation"]]
        + [
            [a, b, f"{lag:.2f}", f"{rho:.2f}"]
            for a, b, lag, rho in sorted(out[1].network(), key=lambda e: (e[2], e[0]))[:4]
        ]
    )


FIGURES: dict[str, Callable[[], str]] = {
    "series equivalence": equivalence, "series trade-off": trade_off, "series plan": plan,
    "series leads": correlogram, "series promises": lambda: promises(records("series")),
}  # fmt: skip


if __name__ == "__main__":
    fill(FIGURES)
