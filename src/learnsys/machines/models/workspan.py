"""What a job's own runs say of shapes of one host, before anything is learned from others: the work and span laws.

With work W (CPU seconds) and span S (seconds that no number of cores shortens), c cores take at least

    t(c) = max(W / c, S)

(Brent 1974; Blumofe & Leiserson 1999), and a quota comes near it: what waits does so while the quota refills. CPU time
tells W. A run that left cores idle tells S / W; where none did, S is W for a job that kept one core busy, 0 for one
that kept more. W differs between one core and several, where locks and caches are shared: most jobs by no more than two
runs of the same do, a few fivefold. So log W on either side is drawn to the mean m of all, the less the farther it is:

    d = log W_several - log W_one,    log W = m + d^2 / (d^2 + tau^2) (log W_side - m)
"""

from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

COUNTER: Final = "cpu_s"
BUSY: Final = 0.9  # of the cores: a run that used more was held back by them
PARALLEL: Final = 1.1  # cores in use, from which a job is taken to use as many as there are
TAU: Final = 0.3  # a difference in log W that is as likely noise as real


@final
class WorkSpan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The laws for runs on R references among V machines.

    Attributes
    ----------
    cores : ndarray, shape (V,)
    references : ndarray of int, shape (R,)
    counter : int or None
        Which counter holds CPU seconds; None if none does: then the laws say nothing.
    """

    cores: Floats
    references: Indices
    counter: int | None

    @classmethod
    def of(cls, benchmark: Benchmark, references: Indices) -> Self:
        """Find cores and counter in a benchmark."""
        names = benchmark.counter_names
        return cls(
            cores=np.array([m.vcpus for m in benchmark.catalog.machines], float),
            references=references,
            counter=names.index(COUNTER) if COUNTER in names else None,
        )

    def log_s(self, y: Floats, counters: Floats) -> Floats:
        """Give log seconds of n jobs on all machines, shape (n, V); zeros if the laws say nothing.

        Parameters
        ----------
        y : ndarray, shape (n, R)
            Log seconds on the references.
        counters : ndarray, shape (n, R, C)
            A job whose CPU seconds are not known is taken to keep one core busy.
        """
        if self.counter is None:
            return np.zeros((len(y), self.cores.size))
        c = self.cores[self.references]
        cpu = counters[:, :, self.counter]
        log_cpu = np.log(np.where(cpu > 0, cpu, np.exp(y) * np.minimum(c, 1)))
        used = np.exp(log_cpu - y)
        free = used < BUSY * c
        bound = np.where(used.max(axis=1) > PARALLEL, -np.inf, 0.0)
        span = np.where(free.any(axis=1), _mean(y - log_cpu, free), bound)
        return self._log_work(log_cpu) + np.log(np.maximum(1 / self.cores, np.exp(span)[:, None]))

    def _log_work(self, log_cpu: Floats) -> Floats:
        """Log CPU seconds on each machine, shape (n, V)."""
        several = self.cores > 1
        mean = log_cpu.mean(axis=1)
        one, more = (_mean(log_cpu, several[self.references] == side) for side in (False, True))
        real = (more - one) ** 2 / ((more - one) ** 2 + TAU**2)
        side = np.where(several, more[:, None], one[:, None])
        out: Floats = mean[:, None] + real[:, None] * (side - mean[:, None])
        return out


def _mean(values: Floats, which: NDArray[np.bool_]) -> Floats:
    """Mean of some entries of each row, shape (n,); of all where there is none of them."""
    which = np.broadcast_to(which, values.shape)
    which = which | ~which.any(axis=1, keepdims=True)
    out: Floats = np.where(which, values, 0.0).sum(axis=1) / which.sum(axis=1)
    return out
