"""Other ways to predict times on all machines from runs on a few: each simple, faithful, at the best of its settings.

``peer(training, references, seed)`` gives a function of what was observed to log seconds on every machine. Settings are
chosen in the training fold, by the mean relative error on groups left out. The paper's forest is in ``_forest``.
"""

from collections.abc import Callable

import numpy as np
from _forest import ParisForest
from scipy.optimize import nnls

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.cells import log_cells
from learnsys.machines.models.forecast import Observed
from learnsys.machines.models.observe import observe_run

Predict = Callable[[Observed], np.ndarray]
Peer = Callable[[Benchmark, np.ndarray, int], Predict]

INNER_FOLDS = 5


def paris_forest(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """PARIS: a random forest on (fingerprint, counters, configuration), normalised by the first reference."""
    forest = ParisForest(training, references, "mean", seed=seed)
    return lambda observed: np.log(forest.seconds(observed))


def mean_of_references(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """The mean of the references, times what each machine is slower than they on average."""
    x = log_cells(training)
    slower = (x - x[:, references].mean(axis=1, keepdims=True)).mean(axis=0)
    return lambda observed: slower + observed.log_s.mean()


def linear_interpolation(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """Between the references that enclose a machine in average speed; beyond the last, the line through two."""
    speed = log_cells(training).mean(axis=0)
    order = references[np.argsort(speed[references])]

    def predict(observed: Observed) -> np.ndarray:
        y = dict(zip(observed.machines.tolist(), observed.log_s, strict=True))
        known = np.array([y[v] for v in order.tolist()])
        if known.size == 1:
            return speed - speed[order[0]] + known[0]
        low = np.clip(np.searchsorted(speed[order], speed) - 1, 0, known.size - 2)
        a, b = speed[order[low]], speed[order[low + 1]]
        share = np.clip((speed - a) / np.maximum(b - a, 1e-9), -1, 2)
        return known[low] + share * (known[low + 1] - known[low])

    return predict


def collaborative_filtering(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """Factors of the log times (rank and ridge chosen in the fold); a new workload's from its references."""

    def fitted(rank: int, ridge: float) -> Callable[[Benchmark], Predict]:
        def fit(part: Benchmark) -> Predict:
            x = log_cells(part)
            b = x - x[:, references].mean(axis=1, keepdims=True)
            m = b.mean(axis=0)
            _, s, Vt = np.linalg.svd(b - m, full_matrices=False)
            H = (s[:rank, None] * Vt[:rank]).T / np.sqrt(len(x))
            gain = H @ np.linalg.solve(H[references].T @ H[references] + ridge * np.eye(H.shape[1]), H[references].T)
            return lambda o: m + gain @ (o.log_s - o.log_s.mean() - m[references]) + o.log_s.mean()

        return fit

    return _best([fitted(rank, ridge) for rank in (2, 4, 6) for ridge in (0.003, 0.03, 0.3)], training, references)


def nearest(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """The mean of the five (or three, or nine) workloads most alike in shape on the references."""

    def fitted(k: int) -> Callable[[Benchmark], Predict]:
        def fit(part: Benchmark) -> Predict:
            x = log_cells(part)
            b = x - x[:, references].mean(axis=1, keepdims=True)

            def predict(o: Observed) -> np.ndarray:
                distance = ((b[:, references] - (o.log_s - o.log_s.mean())) ** 2).sum(axis=1)
                return b[np.argsort(distance, kind="stable")[:k]].mean(axis=0) + o.log_s.mean()

            return predict

        return fit

    return _best([fitted(k) for k in (3, 5, 9)], training, references)


def _scaled(x: np.ndarray, references: np.ndarray, power: float) -> Predict:
    """Time proportional to a power of something; two references of different size show the power themselves."""
    shift = x[references] - x[references].mean()

    def predict(observed: Observed) -> np.ndarray:
        slope = (shift @ observed.log_s) / (shift @ shift) if shift @ shift > 1e-9 else power
        return observed.log_s.mean() + slope * (x - x[references].mean())

    return predict


def cores_scaled(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """Time falls as cores rise."""
    return _scaled(np.log([m.vcpus for m in training.catalog.machines]), references, -1.0)


def price_scaled(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """Time falls as the price rises."""
    return _scaled(np.log([m.cheapest().usd_hour for m in training.catalog.machines]), references, -1.0)


def ernest(training: Benchmark, references: np.ndarray, seed: int) -> Predict:
    """Ernest's terms in cores, non-negative, on relative errors: made for one kind of machine, not for many."""
    n = np.array([m.vcpus for m in training.catalog.machines])
    terms = np.column_stack([np.ones_like(n), 1 / n, np.log(n), n])

    def predict(observed: Observed) -> np.ndarray:
        c, _ = nnls(terms[references] / np.exp(observed.log_s)[:, None], np.ones(references.size))
        return np.log(np.maximum(terms @ c, 1e-3))

    return predict


def spread(training: Benchmark, k: int) -> np.ndarray:
    """Choose references by size: well-measured machines at even steps of cores and memory, small to large."""
    share = (training.runs > 0).mean(axis=0)
    well = np.flatnonzero(share >= 0.95 * share.max())
    size = [(training.catalog.machines[v].vcpus, training.catalog.machines[v].memory_bytes) for v in well]
    order = well[sorted(range(well.size), key=lambda i: size[i])]
    return order[np.linspace(0, order.size - 1, k).round().astype(int)] if k > 1 else order[[order.size // 2]]


PEERS: dict[str, Peer] = {
    "collaborative filtering": collaborative_filtering,
    "5 nearest workloads": nearest,
    "linear interpolation": linear_interpolation,
    "mean of references": mean_of_references,
    "cores-scaled": cores_scaled,
    "price-scaled": price_scaled,
    "Ernest": ernest,
}


def _best(fits: list[Callable[[Benchmark], Predict]], training: Benchmark, references: np.ndarray) -> Predict:
    """Keep the setting of least mean relative error on groups of the training fold."""
    names, of = np.unique(training.groups, return_inverse=True)
    errors = np.zeros(len(fits))
    for fold in range(min(INNER_FOLDS, names.size)):
        out = np.flatnonzero(of % INNER_FOLDS == fold)
        part = training.only(workloads=np.flatnonzero(of % INNER_FOLDS != fold))
        for i, fit in enumerate(fits):
            predict = fit(part)
            for w in out:
                truth = training.seconds[w]
                if np.isfinite(truth[references]).all():
                    answer = predict(observe_run(training, int(w), references))
                    errors[i] += np.nanmean(np.abs(np.exp(answer) / truth - 1))
    return fits[int(np.argmin(errors))](training)
