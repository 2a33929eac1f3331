"""Seconds of a whole run: a first round, which is often special, and the others.

On the machine that was measured, rounds are fitted as they were. For a cluster that is not there, each measured
round is first turned into what it would have been with a slot for every partition: the longest partition, plus what
the driver did besides; then the network is added. The source of the seconds is always named.
"""

from collections.abc import Sequence
from typing import Final, Self, final

import numpy as np
from msgspec import Struct

from learnsys.core.errors import Incompatible
from learnsys.core.trace import Network, Source, Step, Trace
from learnsys.plan.curves import rows_of
from learnsys.plan.network import network_s
from learnsys.plan.throughput import Throughput, fit_throughput

_LEAST_S: Final = 1e-7


@final
class Clock(Struct, frozen=True, kw_only=True):
    """Seconds of runs of one method.

    ``slots`` is how many workers run at once (None: all); ``worker_bytes`` is what the driver exchanges with one worker
    in a round.
    """

    first: Throughput
    later: Throughput
    source: Source
    slots: int | None
    network: Network | None
    worker_bytes: float

    def first_s(self, workers: int, rows: float) -> float:
        """Seconds of the first round and of what precedes it."""
        return self._of(self.first, workers, rows)

    def round_s(self, workers: int, rows: float) -> float:
        """Seconds of any other round."""
        return self._of(self.later, workers, rows)

    def log_sd(self, workers: int, rows: float) -> float:
        """Standard deviation of the logarithm of the true seconds around the predicted ones."""
        return self.later.log_sd(workers, rows)

    def _of(self, model: Throughput, workers: int, rows: float) -> float:
        wire = network_s(self.network, workers, self.worker_bytes) if self.network else 0.0
        return max(float(model.seconds(workers, rows, self.slots)[0]), _LEAST_S) + wire

    @classmethod
    def measured(cls, traces: Sequence[Trace], *, slots: int) -> Self:
        """Fit the rounds of ``traces`` as they were measured, for a machine that runs ``slots`` workers at once."""
        first, later = _fit(traces, cluster=False)
        return cls(
            first=first, later=later,
            source=traces[0].source, slots=slots, network=traces[0].network, worker_bytes=0.0,
        )  # fmt: skip

    @classmethod
    def cluster(cls, traces: Sequence[Trace], *, slots: int | None, network: Network | None) -> Self:
        """Fit what the rounds of ``traces`` would be with a slot for every worker, and add a network.

        Raises
        ------
        Incompatible
            If the traces do not say how long each partition took.
        """
        if bare := next((t for t in traces if not all(s.part_s for s in t.steps[1:])), None):
            raise Incompatible(
                f"a cluster cannot be simulated from trace {bare.id} of {bare.method}: it has no seconds per partition",
                value=bare.id,
                next="leave --network and --slots out, or record part_s",
            )
        sent = [(t.last.bytes_sent + t.last.bytes_received) / t.rounds / t.workers for t in traces]
        first, later = _fit(traces, cluster=True)
        return cls(
            first=first, later=later,
            source="simulated cluster", slots=slots, network=network, worker_bytes=float(np.median(sent)),
        )  # fmt: skip


def _fit(traces: Sequence[Trace], *, cluster: bool) -> tuple[Throughput, Throughput]:
    """Fit the first round and the others."""
    seen = np.maximum([_first_and_later_s(t, cluster=cluster) for t in traces], _LEAST_S)
    p, n = [t.workers for t in traces], [rows_of(t) for t in traces]
    slots = None if cluster else [t.slots for t in traces]
    return fit_throughput(p, n, seen[:, 0], slots=slots), fit_throughput(p, n, seen[:, 1], slots=slots)


def _first_and_later_s(trace: Trace, *, cluster: bool) -> tuple[float, float]:
    """Seconds until the first round was done, preparation included, and of a typical later round.

    Where steps are several rounds apart, each of these took its share. A run of one round has to let it stand for the
    others.
    """
    pairs = list(zip(trace.steps, trace.steps[1:], strict=False))
    apart = [b.iteration - a.iteration for a, b in pairs]
    own = [
        (b.wall_s - a.wall_s) / k - (_waiting_s(trace, b) if cluster else 0.0)
        for (a, b), k in zip(pairs, apart, strict=True)
    ]
    later = _middle(own[1:] or own)
    first = max(apart[0] * own[0] - (apart[0] - 1) * later, own[0])
    return trace.steps[0].wall_s + first, later


def _middle(seconds: Sequence[float]) -> float:
    """Mean of the middle half: as good a guess of a sum as the mean, and one pause does not move it."""
    x = np.sort(seconds)
    k = len(x) // 4
    return float(x[k : len(x) - k].mean())


def _waiting_s(trace: Trace, step: Step) -> float:
    """Seconds of a round that came from having fewer slots than partitions: the makespan less the longest part."""
    longest = max(step.part_s)
    return max(longest, sum(step.part_s) / min(trace.slots, len(step.part_s))) - longest
