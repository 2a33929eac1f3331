"""The paper's recipe (Yadwadkar et al., SoCC 2017, sec. 4): a random forest on fingerprint, counters and configuration.

Output is the time on the target over that on the first reference: one forest for the mean, one for the 90th percentile.
"""

import numpy as np

from learnsys.machines.benchmark import Benchmark
from learnsys.machines.models.forecast import Observed


class ParisForest:
    """Forests fitted for some references.

    Parameters
    ----------
    training : Benchmark
    references : ndarray of int
    target : {"mean", "p90"}
    """

    def __init__(self, training: Benchmark, references: np.ndarray, target: str, *, trees: int = 100, seed: int = 0):
        from sklearn.ensemble import RandomForestRegressor

        self.references = references
        self.machines = np.nan_to_num(training.features)
        truth = training.p90_s if target == "p90" else training.seconds
        rows, outputs = [], []
        for w in range(training.shape[0]):
            if not np.isfinite(training.seconds[w, references]).all():
                continue
            log_s = np.log(training.seconds[w, references])
            x = self._rows(log_s, training.cell_counters[w, references])
            known = np.isfinite(truth[w])
            rows.append(x[known])
            outputs.append(np.log(truth[w, known]) - log_s[0])
        self.forest = RandomForestRegressor(trees, max_features=0.33, min_samples_leaf=2, random_state=seed)
        self.forest.fit(np.concatenate(rows), np.concatenate(outputs))

    def seconds(self, observed: Observed) -> np.ndarray:
        """Predict on every machine."""
        return np.exp(self.forest.predict(self._rows(observed.log_s, observed.counters)) + observed.log_s[0])

    def _rows(self, log_s: np.ndarray, counters: np.ndarray) -> np.ndarray:
        known = np.isfinite(counters)
        mean = np.where(known, counters, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        job = np.concatenate([log_s - log_s[0], log_s[:1], mean])
        return np.column_stack([np.broadcast_to(job, (len(self.machines), job.size)), self.machines])
