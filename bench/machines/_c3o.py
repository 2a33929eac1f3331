"""Clusters of n machines: C3O, 30 runs of a job on distinct configurations, one repetition each, all others asked for.

What is true of a configuration is the mean of its repetitions; the error of a job is the mean over its other
configurations, the headline the mean over jobs. Draws repeat over seeds; the bootstrap is over (job, draw).
"""

import numpy as np
from _decisions import Record, data_folder
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


def run(quick: bool = True, seed: int = 0) -> list[Record]:
    """Compare on every job."""
    errors: dict[str, list[float]] = {name: [] for name in ("ours", *PEERS)}
    covered, width, jobs = [], [], []
    for job, (where, times) in read_c3o(data_folder() / "c3o_runs.parquet").items():
        clusters, repetitions = configurations(where, times)
        truth = np.array([r.mean() for r in repetitions])
        for draw in range(12 if quick else 40):
            rng = np.random.default_rng((seed, draw))
            some = rng.choice(len(clusters), POINTS, replace=False)
            rest = np.setdiff1d(np.arange(len(clusters)), some)
            seconds = np.array([rng.choice(repetitions[i]) for i in some])
            train, new = clusters.only(some), clusters.only(rest)
            forecast = fit_scaleout(train, seconds).predict(new)
            jobs.append(job)
            errors["ours"].append(_error(np.exp(forecast.log_s), truth[rest]))
            covered.append([_coverage(forecast, truth[rest], level) for level in LEVELS])
            width.append(_half_width(forecast))
            for name, peer in PEERS.items():
                errors[name].append(_error(peer(train, seconds, new), truth[rest]))
    rng = np.random.default_rng(seed)
    ours, covered = np.array(errors["ours"]), 100 * np.array(covered)
    case = f"C3O, n = {POINTS}"
    return [
        figure(QUESTION, case, "MAPE %", ours, jobs, rng, bar=BAR),
        *(against(QUESTION, case, "MAPE %", ours, name, np.array(errors[name]), jobs, rng) for name in PEERS),
        *(coverage(QUESTION, case, level, covered[:, i], jobs, rng) for i, level in enumerate(LEVELS)),
        figure(QUESTION, case, "half-width of 90 % intervals, % of time", np.array(width), jobs, rng),
        figure(QUESTION, "C3O, one run against its mean: the noise floor", "MAPE %", *_noise(), rng),
    ]


def _error(predicted: np.ndarray, truth: np.ndarray) -> float:
    return 100 * float(np.abs(predicted / truth - 1).mean())


def _coverage(forecast: Forecast, truth: np.ndarray, level: float) -> float:
    low, high = forecast.interval(level)
    return float(((low <= truth) & (truth <= high)).mean())


def _half_width(forecast: Forecast) -> float:
    low, high = forecast.interval(0.9)
    return 100 * float(((high - low) / 2 / np.exp(forecast.log_s)).mean())


def _noise() -> tuple[np.ndarray, list[str]]:
    """One repetition against the mean of its configuration, a figure a job."""
    errors = {}
    for job, (where, times) in read_c3o(data_folder() / "c3o_runs.parquet").items():
        _, repetitions = configurations(where, times)
        errors[job] = float(np.mean([_error(r, r.mean()) for r in repetitions]))
    return np.array(list(errors.values())), list(errors)
