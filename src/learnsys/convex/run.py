"""One run of a method: it asks its workers, books their seconds, notes every step and says when to end."""

import time
from typing import Final, final

import numpy as np

from learnsys.convex.problem import Problem
from learnsys.convex.rows import Vector
from learnsys.core.engine import Group
from learnsys.core.recorder import Recorder
from learnsys.core.trace import Ended, Stop

#: The sums of a worker, and beside them its compute seconds; of several workers, the seconds of each.
Message = tuple[Vector, tuple[float, ...]]

PATIENCE: Final = 10  # rounds without progress after which more of them are of no use
_ULPS: Final = 4e-16


def merge(a: Message, b: Message) -> Message:
    """Add the sums of two messages and line up their seconds."""
    return a[0] + b[0], a[1] + b[1]


@final
class Clock:
    """Times one answer of a worker: the CPU seconds of its own thread, whatever others do meanwhile."""

    def __init__(self) -> None:
        self._start = time.thread_time()

    def message(self, *sums: Vector | float) -> Message:
        """Join sums to one vector and add the seconds since the clock was made."""
        return np.hstack(sums), (time.thread_time() - self._start,)


@final
class Run:
    """A group of workers on one problem, with a stopwatch and reasons to end.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    group : Group
        The workers; each answers with a ``Message``.
    recorder : Recorder
        Takes the time of training and keeps the steps.
    stop : Stop
        When to end.
    """

    def __init__(self, problem: Problem, group: Group, recorder: Recorder, stop: Stop) -> None:
        self.problem, self.recorder, self.stop = problem, recorder, stop
        self._group = group
        self._part_s: Vector | None = None
        self._best = (np.inf, -np.inf)  # loss and lower bound
        self._idle = 0

    def ask(self, method: str, *args: object) -> Vector:
        """Have all workers compute ``method`` and return the sum of their answers."""
        message: Message = self._group.reduce(method, *args, op=merge)
        sums, seconds = message
        self._part_s = np.array(seconds) if self._part_s is None else self._part_s + seconds
        return sums

    def evaluate(self, method: str, *args: object) -> Vector:
        """Ask what training itself does not need: off the clock."""
        with self.recorder.evaluating():
            sums: Vector = self._group.reduce(method, *args, op=merge)[0]
        return sums

    def note(self, loss: float, lower: float | None = None, *, patience: int = PATIENCE) -> Ended | None:
        """Note a step, and say why to end after it, None if the run goes on.

        A run without progress in float64 for ``patience`` rounds has done all that are of use: it ends with "rounds".
        """
        part_s = () if self._part_s is None else tuple(self._part_s.tolist())
        step = self.recorder.step(loss, lower=lower, part_s=part_s)
        self._part_s = None
        if self.recorder.interrupted:
            return "interrupted"
        if not np.isfinite(loss):
            return "diverged"
        return self.stop.reason(step) or ("rounds" if self._idle_rounds(step.loss, step.lower) >= patience else None)

    def aim(self, loss: float) -> float:
        """Convert the target to an absolute gap at ``loss``; 0 if the target is no gap."""
        target = self.stop.target
        if target is None or target.kind == "loss":
            return 0.0
        return target.value if target.kind == "gap" else target.value * abs(loss) / (1.0 + target.value)

    def _idle_rounds(self, loss: float, lower: float | None) -> int:
        best_loss, best_lower = self._best
        bound = -np.inf if lower is None else lower
        margin = _ULPS * abs(loss)
        moved = loss < best_loss - margin or bound > best_lower + margin
        self._best = (min(loss, best_loss), max(bound, best_lower))
        self._idle = 0 if moved else self._idle + 1
        return self._idle
