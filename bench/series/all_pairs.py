"""What do the covariances of all pairs of many series cost, at 81 lags with how many pairs of samples are behind each?

From samples in memory to covariances and effective pairs, tile by tile, on one core, in CPU seconds; the answer is
compared with sums over all pairs of samples for a few pairs of series. Peers: finufft, which in one call a series only
makes the coefficients that such an estimate needs (values and ones packed into one complex strength, single precision,
a plan made anew or kept), and pandas, which resamples and correlates at lag 0 only.

The bar of 100 series is not met: 0.6 of finufft's time is about what spreading, transforms and products take alone.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from _turns import Turns, cpu_of, record

from learnsys.series.estimate.covariance import effective_pairs, ratio
from learnsys.series.estimate.types import Facts
from learnsys.series.sums import direct, grid
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

QUESTION = "all pairs"
N, LAGS = 4000, 81
PAIR_US, FINUFFT = 7.0, 0.6  # bars: microseconds a pair for 1000 series, and of finufft's time for 100
GOOD = 0.01  # of a standard deviation: an answer further from the exact one does not count


def scenario(seed: int, d: int, width: float) -> dict[str, Any]:
    """Poisson stamps at one a second, an autoregression that all series share in part, and noise."""
    rng = np.random.default_rng([seed, d])
    common = np.convolve(rng.standard_normal(N + 64), np.exp(-np.arange(64) / 8), "valid")[:N]
    common /= common.std()
    series = {}
    for k in range(d):
        t = rng.uniform(0, N, N)
        series[f"s{k}"] = (t, np.interp(t, np.arange(N), common) + rng.standard_normal(N))
    step = float(rng.uniform(0.9, 1.1)) * width
    lags = Lags(first_s=-step * (LAGS // 2), step_s=step, count=LAGS)
    return {"samples": Samples.of(series), "spec": SumsSpec(
        pairs="all", kernels=(Kernel(name="gaussian", h=width),), lags=lags)}  # fmt: skip


def ours(case: dict[str, Any]) -> dict[str, float]:
    """Make covariances, effective pairs, and the numbers of their pairs."""
    data = scenario(case["seed"], case["d"], case["width"])

    def run(samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        samples, spec = samples.centred(), data["spec"]
        facts, count = Facts.of(samples), len(spec.numbered(len(samples)))
        values, behind = (np.empty((count, LAGS), np.float32) for _ in range(2))
        pairs, at = np.empty((count, 2), np.int64), 0
        for (sums,) in grid.tiles(samples, spec, tol=case["tol"]):
            part = slice(at, at := at + len(sums.pairs))
            pairs[part], values[part], behind[part] = sums.pairs, ratio(sums, facts), effective_pairs(sums, facts)
        return pairs, values, behind

    samples = data["samples"]
    run(Samples.of({name: samples.one(d)[:2] for d, name in enumerate(samples.ids[:3])}))
    cpu_s, (pairs, values, _) = cpu_of(lambda: run(samples), case["repeat"])
    return {"cpu_s": cpu_s, "pairs": len(pairs), "error": error(samples.centred(), data["spec"], pairs, values)}


def error(samples: Samples, spec: SumsSpec, pairs: np.ndarray, values: np.ndarray) -> float:
    """The largest error over a few pairs of series, in standard deviations."""
    chosen = np.random.default_rng(0).choice(len(pairs), 4, replace=False)
    few = tuple((int(a), int(b)) for a, b in pairs[chosen])
    exact = direct.sums(samples, SumsSpec(pairs=few, kernels=spec.kernels, lags=spec.lags))[0]
    return float(np.abs(values[chosen] - ratio(exact, Facts.of(samples))).max() / samples.x.std())


def finufft(case: dict[str, Any]) -> dict[str, float]:
    """Make coefficients of values and ones, a series at a time, at the best of finufft's settings."""
    import finufft

    data = scenario(case["seed"], case["d"], case["width"])
    samples, spec, tol = data["samples"], data["spec"], case["tol"]
    h = spec.kernels[0].h
    period = N + spec.lags.reach_s + 6 * h
    modes = int(np.sqrt(-2 * np.log(tol)) / h * period / np.pi)
    series = [samples.one(d) for d in range(len(samples))]

    def run(kept: bool, how: dict[str, Any]) -> None:
        plan = finufft.Plan(1, (modes,), dtype="complex64", **how) if kept else None
        for t, x, w in series:
            angle, z = (2 * np.pi / period * t - np.pi).astype(np.float32), (w * x + 1j * w).astype(np.complex64)
            if plan is None:
                finufft.nufft1d1(angle, z, modes, **how)
            else:
                plan.setpts(angle)
                plan.execute(z)

    found = {"calls": np.inf, "plan": np.inf}
    for sort in (0, 1):
        for finer in (1.25, 2.0):
            how = {"eps": tol, "nthreads": 1, "spread_sort": sort, "upsampfac": finer}
            for name in found:
                found[name] = min(found[name], cpu_of(lambda: run(name == "plan", how), case["repeat"])[0])  # noqa: B023
    return {"cpu_s": found["calls"], "plan_s": found["plan"], "modes": modes}


def pandas(case: dict[str, Any]) -> dict[str, float]:
    """Take means of bins of one bandwidth, and their correlations at lag 0."""
    import pandas as pd

    data = scenario(case["seed"], case["d"], case["width"])
    samples, width = data["samples"], pd.Timedelta(case["width"], "s")

    def run() -> Any:
        columns = {}
        for d, name in enumerate(samples.ids):
            t, x, _ = samples.one(d)
            columns[name] = pd.Series(x, index=pd.to_timedelta(t, unit="s")).resample(width).mean()
        return pd.DataFrame(columns).corr()

    return {"cpu_s": cpu_of(run, 1)[0]}


def compare(turns: Turns) -> None:
    seed, quick = turns.seed, turns.quick
    case = {"seed": seed, "d": 1000, "width": 1.0, "tol": 1e-3, "repeat": 1}
    large = [turns.measure("ours", **case) for _ in range(2 if quick else 5)]
    each = [1e6 * run["cpu_s"] / run["pairs"] for run in large]
    turns.add(record(QUESTION, "1000 series, 4000 samples each, 81 lags", "us_a_pair", each, bar=PAIR_US,
                     good=all(run["error"] < GOOD for run in large)))  # fmt: skip
    for width in (1.0,) if quick else (0.5, 1.0, 2.0):
        case = {"seed": seed, "d": 100, "width": width, "tol": 1e-3, "repeat": 5}
        both = [(turns.measure("ours", **case), turns.measure("finufft", **case)) for _ in range(3 if quick else 7)]
        name = f"100 series, bandwidth {width:g} mean gaps"
        turns.add(record(QUESTION, f"{name}, a call a series", "cpu_s", [a["cpu_s"] for a, _ in both], "finufft",
                         [b["cpu_s"] for _, b in both], bar=1 / FINUFFT if width == 1 else None,
                         good=all(a["error"] < GOOD for a, _ in both)))  # fmt: skip
        turns.add(record(QUESTION, f"{name}, one plan kept", "cpu_s", [a["cpu_s"] for a, _ in both], "finufft",
                         [b["plan_s"] for _, b in both]))  # fmt: skip
    lag_0 = [
        turns.measure(
            "pandas",
            **case,
        )
        for _ in range(1 if quick else 3)
    ]
    turns.add(record(QUESTION, "100 series; peer at lag 0 only", "cpu_s", [a["cpu_s"] for a, _ in both][: len(lag_0)],
                     "pandas resample and corr", [run["cpu_s"] for run in lag_0]))  # fmt: skip


if __name__ == "__main__":
    Turns(__file__, QUESTION, {"ours": ours, "finufft": finufft, "pandas": pandas}).main(compare)
