"""How far estimated lags are from the truth, and correlations after calibration: ours against Hayashi and Yoshida's.

Pairs of (fractional) Brownian motions of which the second follows, at random stamps of their own: the correlations of
Hoffmann, Rosenbaum and Yoshida (Bernoulli 2013: T = 1, lag about 0.1, correlation .25, .5, .75), rates of up to 10:1,
microstructure noise, Hurst exponents from .3 to .8; the rest is drawn from ``--seed``. All look at the same lags.
Peers: the lag with the largest Hayashi-Yoshida contrast, plain and pre-averaged (Christensen, Kinnebrock and Podolskij,
J. Econometrics 2010), and previous-tick prices on a grid with FFT correlation, each at the best of its settings in each
case.

Bars: our mean absolute lag error is at most 0.6 of that of Hayashi and Yoshida (geometric mean over the cases). The
relative bias of our correlations is at most 3 % over all cases with a correlation of at least .5, weighted by how well
it is known; without ``--quick``, where there are replications enough to tell, also in each of them.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _turns import Turns
from numpy.typing import NDArray

from _harness import Record
from learnsys import series
from learnsys.series.simulate.brownian import pair
from learnsys.series.types import Samples

QUESTION = "lead-lag"
BAR, BIAS = 0.6, 0.03
REACH = 0.12  # of the lags that are looked at, in units of the time observed
Bias = tuple[float, float]  # relative, and its standard error
Levels = tuple[NDArray[np.float64], NDArray[np.float64]]  # stamps and values


@dataclass(frozen=True)
class Case:
    """A pair of motions and how often each is seen in a time of 1."""

    name: str
    correlation: float
    rates: tuple[int, int]
    hurst: float = 0.5
    noise: float = 0.0

    @property
    def gap(self) -> float:
        """The mean gap of the series that is seen more often."""
        return 1 / max(self.rates)

    def draw(self, seed: int, rep: int) -> tuple[Samples, float]:
        """Samples, and the lag."""
        rng = np.random.default_rng([seed, rep, *self.name.encode()])
        lag = float(rng.uniform(0.08, 0.1))
        stamps = {name: rng.uniform(0, 1, n) for name, n in zip("ab", self.rates, strict=True)}
        motions = pair(self.correlation, lag, hurst=self.hurst, noise=self.noise)
        return motions.draw(stamps, seed=int(rng.integers(2**31))), lag


def cases(seed: int) -> list[Case]:
    """Draw the cases."""
    rng = np.random.default_rng(seed)

    def rates(low: float, high: float) -> tuple[int, int]:
        n, ratio = int(rng.uniform(700, 1000)), rng.uniform(low, high)
        return (n, int(n / ratio)) if rng.random() < 0.5 else (int(n / ratio), n)

    def hurst(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    rough, smooth = hurst(0.3, 0.42), hurst(0.6, 0.75)
    noise = float(rng.uniform(0.3, 0.8) * 0.033)  # standard deviations of an increment over a mean gap
    return [
        Case("BM .25", 0.25, rates(1, 2)),
        Case("BM .5", 0.5, rates(1, 2)),
        Case("BM .75", 0.75, rates(1, 2)),
        Case("BM 10:1", 0.6, rates(10, 10)),
        Case("BM and noise", 0.6, rates(1, 2), noise=noise),
        Case(f"fBM {rough:.2f}", 0.6, rates(1, 3), hurst=rough),
        Case(f"fBM {smooth:.2f}", 0.6, rates(1, 3), hurst=smooth),
        Case("fBM .8", 0.6, rates(1, 2), hurst=0.8),
        Case("fBM .8 10:1", 0.6, rates(10, 10), hurst=0.8),
    ]


def ours(samples: Samples) -> tuple[float, float]:
    """What a user writes; no setting is chosen."""
    found = series.scan(samples).lead_lag(max_lag=REACH, of="increments").collect()
    return float(found.lag_s[0]), float(found.correlation[0])


def averaged(side: Levels, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """First and last times and values of increments, or of running means of k of them with weights min(j, k - j)."""
    (t, x), g = side, np.minimum(np.arange(1, k), np.arange(k - 1, 0, -1)) / k if k > 1 else np.ones(1)
    values = np.convolve(np.diff(x), g[::-1], mode="valid")
    return t[: values.size], t[g.size :], values


def hayashi_yoshida(a: Levels, b: Levels, setting: tuple[float, int], gap: float) -> float:
    """The lag of the largest sum of products of what overlaps; setting: step of the lags in gaps, and k."""
    step, k = setting
    (first, last, x), (begin, end, y) = averaged(a, k), averaged(b, k)
    lags, total = np.arange(-REACH, REACH, step * gap), np.concatenate([[0.0], np.cumsum(y)])
    sums = [
        np.sum(x * (total[np.searchsorted(begin - lag, last)] - total[np.searchsorted(end - lag, first, "right")]))
        for lag in lags
    ]
    return float(lags[np.argmax(np.abs(sums))])


def previous_tick(a: Levels, b: Levels, setting: float, gap: float) -> float:
    """Prices of the last tick on a grid of ``setting`` gaps, differenced, correlated by FFT; a parabola on top."""
    step = setting * gap
    grid = np.arange(max(a[0][0], b[0][0]), min(a[0][-1], b[0][-1]), step)
    x, y = (np.diff(v[np.searchsorted(t, grid, "right") - 1]) for t, v in (a, b))
    size, most = 2 * x.size, int(REACH / step)
    full = np.fft.irfft(np.conj(np.fft.rfft(x - x.mean(), size)) * np.fft.rfft(y - y.mean(), size), size)
    sums = np.abs(np.concatenate([full[-most:], full[: most + 1]]))
    k = int(np.argmax(sums))
    move = 0.0
    if 0 < k < sums.size - 1 and (bend := sums[k - 1] - 2 * sums[k] + sums[k + 1]) < 0:
        move = 0.5 * (sums[k - 1] - sums[k + 1]) / bend
    return float((k - most + move) * step)


PEERS = {
    "Hayashi-Yoshida": (hayashi_yoshida, ((1.0, 1), (0.5, 1), (0.25, 1), (0.125, 1))),
    "pre-averaged Hayashi-Yoshida": (hayashi_yoshida, ((0.5, 4), (0.5, 8), (0.5, 16), (0.5, 32))),
    "previous tick and FFT": (previous_tick, (0.25, 0.5, 1.0, 2.0, 4.0)),
}


def run(case: Case, seed: int, reps: int) -> tuple[dict[tuple[str, str], NDArray[np.float64]], NDArray[np.float64]]:
    """Errors of lags by method and setting, and our correlations."""
    errors: dict[tuple[str, str], list[float]] = {}
    correlations = []
    for rep in range(reps):
        samples, truth = case.draw(seed, rep)
        lag, correlation = ours(samples)
        correlations.append(correlation)
        errors.setdefault(("ours", ""), []).append(lag - truth)
        a, b = (samples.one(d)[:2] for d in (0, 1))
        for name, (peer, settings) in PEERS.items():
            for setting in settings:
                errors.setdefault((name, str(setting)), []).append(peer(a, b, setting, case.gap) - truth)
    return {key: np.abs(np.array(found)) for key, found in errors.items()}, np.array(correlations)


def spread(mine: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """90 % interval of the ratio of means, by the bootstrap over replications."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, mine.size, (1000, mine.size))
    low, high = np.quantile(other[rows].mean(axis=1) / mine[rows].mean(axis=1), (0.05, 0.95))
    return float(low), float(high)


def records(case: Case, seed: int, reps: int, each: bool) -> tuple[list[Record], float, Bias]:
    """Measure one case; also the ratio of our error to that of Hayashi and Yoshida, and the bias of correlations."""
    errors, correlations = run(case, seed, reps)
    mine, out, against = errors["ours", ""], [], 0.0
    for name in PEERS:
        setting = min((s for n, s in errors if n == name), key=lambda s: float(errors[name, s].mean()))
        other = errors[name, setting]
        low, high = spread(mine, other)
        ratio = float(other.mean() / mine.mean())
        out.append(Record(
            QUESTION, case.name, "mean absolute lag error", float(mine.mean()), f"{name} {setting}",
            float(other.mean()), ratio, "lower", None, None, reps, low, high,
        ))  # fmt: skip
        against = against or 1 / ratio
    mean, error = float(correlations.mean()), float(correlations.std() / np.sqrt(reps))
    bias, noise = mean / case.correlation - 1, 1.645 * error / case.correlation
    judged = each and case.correlation >= 0.5
    out.append(Record(
        QUESTION, case.name, "relative bias of the correlation", bias, "truth", case.correlation, abs(bias), "lower",
        BIAS if judged else None, abs(bias) <= BIAS if judged else None, reps, bias - noise, bias + noise,
    ))  # fmt: skip
    root = [float(np.sqrt(np.mean(errors[key] ** 2))) for key in errors if key[0] in ("ours", "Hayashi-Yoshida")]
    out.append(Record(
        QUESTION, case.name, "root mean square lag error", root[0], "Hayashi-Yoshida, best", min(root[1:]),
        min(root[1:]) / root[0], "lower", None, None, reps, min(root[1:]) / root[0], max(root[1:]) / root[0],
    ))  # fmt: skip
    return out, against, (bias, error / case.correlation)


def compare(turns: Turns) -> None:
    """Run all cases and judge them."""
    reps, ratios, biases = (20 if turns.quick else 200), [], []
    for case in cases(turns.seed):
        some, ratio, bias = records(case, turns.seed, reps, not turns.quick)
        turns.records += some
        ratios.append(ratio)
        biases += [bias] if case.correlation >= 0.5 else []
        print(f"{case.name}, rates {case.rates[0]}:{case.rates[1]}: {ratio:.2f} of Hayashi and Yoshida's", flush=True)
    mean, weight = float(np.exp(np.mean(np.log(ratios)))), np.array([1 / error**2 for _, error in biases])
    bias = float(np.average([each for each, _ in biases], weights=weight))
    error = float(1.645 / np.sqrt(weight.sum()))
    turns.add(
        Record(QUESTION, "all cases", "lag error, geometric mean of ratios", mean, "Hayashi-Yoshida, best", 1.0, mean,
               "lower", BAR, mean <= BAR, len(ratios), min(ratios), max(ratios))
    )  # fmt: skip
    turns.add(
        Record(QUESTION, "all cases", "relative bias of the correlation", bias, "truth", 0.0, abs(bias), "lower", BIAS,
               abs(bias) <= BIAS, len(biases), bias - error, bias + error)
    )  # fmt: skip


if __name__ == "__main__":
    Turns(__file__, QUESTION).main(compare)
