"""What a job's own runs say of shapes of one host, before anything is learned from others: the work and span laws.

With work W (CPU seconds) and span S (seconds that no number of cores shortens), c cores take at least

    t(c) = max(W / c, S)

(Brent 1974; Blumofe & Leiserson 1999), and a quota comes near it: what waits does so while the quota refills. CPU time
tells W. A run that left cores idle tells S / W; where none did, S is W for a job that kept one core busy, 0 for one
that kept more.

W is not the same everywhere. On several cores locks and caches are shared. In little memory caches are small and files
read again, but only for a job that holds the less the less there is. Most runs differ by no more than noise, a few
fivefold, so log W is drawn to the mean m over all runs, the less the farther it is off,

    log W = m + (1 - a) s(d) (log W_side - m) + a s(e) (log W_memory - m),    s(d) = d^2 / (d^2 + tau^2)

W_side that of runs on one core or less, or on more, d the difference between the two; W_memory interpolated along log
memory, e its range; a = h^2 / (h^2 + eta^2) tells who adapts, h the range of the logarithm of what was held.
"""

from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.machines.benchmark import Benchmark

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

WORK: Final = "cpu_s"
HELD: Final = "working_set_bytes"
BUSY: Final = 0.9  # of the cores: a run that used more was held back by them
PARALLEL: Final = 1.1  # cores in use, from which a job is taken to use as many as there are
TAU: Final = 0.3  # a difference in log W that is as likely noise as real
ETA: Final = 0.2  # one in the logarithm of what was held that is as likely chance as adaptation


@final
class WorkSpan(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The laws for runs on R references among V machines.

    Attributes
    ----------
    cores, memory : ndarray, shape (V,)
        Number of cores, and the logarithm of bytes.
    references : ndarray of int, shape (R,)
    work, held : int or None
        Which counters are CPU seconds and bytes held; without CPU seconds the laws say nothing.
    """

    cores: Floats
    memory: Floats
    references: Indices
    work: int | None
    held: int | None

    @classmethod
    def of(cls, benchmark: Benchmark, references: Indices) -> Self:
        """Find cores, memory and counters in a benchmark."""
        names, machines = benchmark.counter_names, benchmark.catalog.machines
        work, held = (names.index(name) if name in names else None for name in (WORK, HELD))
        return cls(
            cores=np.array([m.vcpus for m in machines], float),
            memory=np.log([max(m.memory_bytes, 1) for m in machines]),
            references=references, work=work, held=held,
        )  # fmt: skip

    def log_s(self, y: Floats, counters: Floats) -> Floats:
        """Give log seconds of n jobs on all machines, shape (n, V); zeros if the laws say nothing.

        Parameters
        ----------
        y : ndarray, shape (n, R)
            Log seconds on the references.
        counters : ndarray, shape (n, R, C)
            A job whose CPU seconds are not known is taken to keep one core busy.
        """
        if self.work is None:
            return np.zeros((len(y), self.cores.size))
        c = self.cores[self.references]
        cpu = counters[:, :, self.work]
        log_cpu = np.log(np.where(cpu > 0, cpu, np.exp(y) * np.minimum(c, 1)))
        used = np.exp(log_cpu - y)
        free = used < BUSY * c
        bound = np.where(used.max(axis=1) > PARALLEL, -np.inf, 0.0)
        span = np.where(free.any(axis=1), _mean(y - log_cpu, free), bound)
        work = self._log_work(log_cpu, self._adapts(counters))
        return work + np.log(np.maximum(1 / self.cores, np.exp(span)[:, None]))

    def _adapts(self, counters: Floats) -> Floats:
        """How surely each job holds less where there is less memory, shape (n,)."""
        if self.held is None:
            return np.zeros(len(counters))
        held = counters[:, :, self.held]
        known = (held > 0).all(axis=1)
        return _real(np.where(known, np.ptp(np.log(np.where(held > 0, held, 1.0)), axis=1), 0.0), ETA)

    def _log_work(self, log_cpu: Floats, adapts: Floats) -> Floats:
        """Log CPU seconds on each machine, shape (n, V)."""
        R, several, m = self.references, self.cores > 1, log_cpu.mean(axis=1)
        one, more = (_mean(log_cpu, several[R] == side) for side in (False, True))
        by_side = np.where(several, more[:, None], one[:, None]) - m[:, None]
        levels, of = np.unique(self.memory[R], return_inverse=True)
        means = np.array([np.bincount(of, w) / np.bincount(of) for w in log_cpu])
        by_memory = np.array([np.interp(self.memory, levels, w) for w in means]) - m[:, None]
        a = adapts * (levels.size > 1)
        share = np.column_stack([(1 - a) * _real(more - one, TAU), a * _real(np.ptp(means, axis=1), TAU)])
        out: Floats = m[:, None] + share[:, :1] * by_side + share[:, 1:] * by_memory
        return out


def _real(difference: Floats, noise: float) -> Floats:
    """How much of a difference to believe."""
    square = difference**2
    out: Floats = square / (square + noise**2)
    return out


def _mean(values: Floats, which: NDArray[np.bool_]) -> Floats:
    """Mean of some entries of each row, shape (n,); of all where there is none of them."""
    which = np.broadcast_to(which, values.shape)
    which = which | ~which.any(axis=1, keepdims=True)
    out: Floats = np.where(which, values, 0.0).sum(axis=1) / which.sum(axis=1)
    return out
