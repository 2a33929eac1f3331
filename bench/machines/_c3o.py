"""Clusters of n machines: C3O, 30 runs of a job on distinct configurations, one repetition each, all others asked for.

What is true of a configuration is the mean of its repetitions; the error of a job is the mean over its other
configurations, the headline the mean over jobs. Draws repeat over seeds; the bootstrap is over (job, draw).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from _decisions import Record, data_folder, on_all_cores
from _figures import against, coverage, figure
from scipy.optimize import nnls

from learnsys.machines.models.forecast import Forecast
from learnsys.machines.models.scaleout import Clusters, fit_scaleout
from learnsys.machines.offline.c3o import read_c3o

QUESTION = "clusters"
POINTS = 30
BAR = 7.5
LEVELS = (0.8, 0.9, 0.95)


def configurations(clusters: Clusters, seconds: np.ndarray) -> tuple[Clusters, list[np.ndarray]]:
    """Gather the repetitions of each configuration."""
    rows = np.column_stack(
        [clusters.nodes, clusters.cores, clusters.memory_bytes, clusters.size_bytes, clusters.parameters]
    )
    _, first, of = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return clusters.only(first), [seconds[of.ravel() == i] for i in range(first.size)]


def ernest(train: Clusters, seconds: np.ndarray, new: Clusters) -> np.ndarray:
    """Ernest: 1, s/n, log n, n, all coefficients >= 0, on relative errors."""

    def terms(c: Clusters) -> np.ndarray:
        return np.column_stack([np.ones(len(c)), c.size_bytes / 1e9 / c.nodes, np.log(c.nodes), c.nodes])

    coefficients, _ = nnls(terms(train) / seconds[:, None], np.ones(len(train)))
    return np.maximum(terms(new) @ coefficients, 1e-3)


def _raw(c: Clusters) -> np.ndarray:
    return np.column_stack([c.nodes, c.cores, c.memory_bytes, c.size_bytes, c.parameters])


def pessimistic(train: Clusters, seconds: np.ndarray, new: Clusters) -> np.ndarray:
    """C3O's pessimistic model: gradient boosting on everything as it is."""
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(random_state=0).fit(_raw(train), seconds).predict(_raw(new))


def optimistic(train: Clusters, seconds: np.ndarray, new: Clusters) -> np.ndarray:
    """C3O's optimistic model: what nodes do and what inputs do are factors; here a product of powers, by ridge."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def factors(c: Clusters) -> np.ndarray:
        x = _raw(c)
        logs = np.log(np.where(x > 0, x, 1))
        return np.column_stack([logs, 1 / c.nodes, c.parameters])

    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 2, 12)))
    return np.exp(model.fit(factors(train), np.log(seconds)).predict(factors(new)))


PEERS = {"Ernest": ernest, "C3O pessimistic": pessimistic, "C3O optimistic": optimistic}


@dataclass(frozen=True)
class Draw:
    """Thirty runs of a job: errors of everybody, shares of truths inside our intervals, and their half-width."""

    errors: dict[str, float]
    inside: tuple[float, ...]
    half_width: float


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare on every job."""
    jobs = {job: configurations(*runs) for job, runs in read_c3o(data_folder() / "c3o_runs.parquet").items()}
    which = [(job, draw) for job in jobs for draw in range(12 if quick else 40)]
    draws = on_all_cores(partial(_draw, jobs, seed), which)
    names, rng = [job for job, _ in which], np.random.default_rng(seed)
    errors = {name: np.array([d.errors[name] for d in draws]) for name in ("ours", *PEERS)}
    covered, width = 100 * np.array([d.inside for d in draws]), np.array([d.half_width for d in draws])
    ours, case = errors["ours"], f"C3O, n = {POINTS}"
    noise = np.array([np.mean([_error(r, r.mean()) for r in repetitions]) for _, repetitions in jobs.values()])
    return [
        figure(QUESTION, case, "MAPE %", ours, names, rng, bar=BAR),
        *(against(QUESTION, case, "MAPE %", ours, name, errors[name], names, rng) for name in PEERS),
        *(coverage(QUESTION, case, level, covered[:, i], names, rng) for i, level in enumerate(LEVELS)),
        figure(QUESTION, case, "half-width of 90 % intervals, % of time", width, names, rng),
        figure(QUESTION, "C3O, one run against its mean: the noise floor", "MAPE %", noise, list(jobs), rng),
    ]


def _draw(jobs: dict[str, tuple[Clusters, list[np.ndarray]]], seed: int, which: tuple[str, int]) -> Draw:
    job, draw = which
    clusters, repetitions = jobs[job]
    truth, rng = np.array([r.mean() for r in repetitions]), np.random.default_rng((seed, draw))
    some = rng.choice(len(clusters), POINTS, replace=False)
    rest = np.setdiff1d(np.arange(len(clusters)), some)
    seconds = np.array([rng.choice(repetitions[i]) for i in some])
    train, new = clusters.only(some), clusters.only(rest)
    forecast = fit_scaleout(train, seconds).predict(new)
    theirs = {name: _error(peer(train, seconds, new), truth[rest]) for name, peer in PEERS.items()}
    return Draw(
        errors={"ours": _error(np.exp(forecast.log_s), truth[rest])} | theirs,
        inside=tuple(_coverage(forecast, truth[rest], level) for level in LEVELS),
        half_width=_half_width(forecast),
    )


def _error(predicted: np.ndarray, truth: np.ndarray) -> float:
    return 100 * float(np.abs(predicted / truth - 1).mean())


def _coverage(forecast: Forecast, truth: np.ndarray, level: float) -> float:
    low, high = forecast.interval(level)
    return float(((low <= truth) & (truth <= high)).mean())


def _half_width(forecast: Forecast) -> float:
    low, high = forecast.interval(0.9)
    return 100 * float(((high - low) / 2 / np.exp(forecast.log_s)).mean())
