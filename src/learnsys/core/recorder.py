"""A stopwatch for training loops: it turns rounds into a ``Trace``.

Only training is on the clock: what happens inside ``evaluating()`` or ``compiling()`` is kept apart, each second once
even if one is inside the other.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from math import isnan
from typing import Literal, final
from uuid import uuid4

from learnsys.core.engine.types import EngineStats
from learnsys.core.host import this_host
from learnsys.core.trace import DataRef, Ended, Network, Source, Step, Trace, Value

_Doing = Literal["train", "eval", "compile"]
NO_DATA = DataRef(name="unnamed", digest="", n=0, d=0, nnz=0)


@final
class Recorder:
    """Records any training loop.

    Parameters
    ----------
    method : str
        Name of the algorithm.
    job : str, optional
        What is trained; runs of one job are compared with each other.
    data, params, workers, slots, engine, source, network
        As in ``Trace``.
    stats : EngineStats, optional
        Counters of the engine that trains, whose CPU seconds and bytes are added.
    on_step : callable, optional
        Called with every step; if it returns True the loop is asked to end.

    Examples
    --------
    >>> recorder = Recorder("sgd", job="toy")
    >>> for loss in (0.9, 0.5, 0.4):
    ...     step = recorder.step(loss)
    >>> trace = recorder.finish("rounds")
    >>> [s.iteration for s in trace.steps], trace.last.loss
    ([0, 1, 2], 0.4)
    """

    def __init__(
        self,
        method: str,
        *,
        job: str = "",
        data: DataRef = NO_DATA,
        params: Mapping[str, Value] | None = None,
        workers: int = 1,
        slots: int = 1,
        engine: Literal["local", "ray"] = "local",
        source: Source = "measured",
        network: Network | None = None,
        stats: EngineStats | None = None,
        on_step: Callable[[Step], bool] | None = None,
    ) -> None:
        self._header = {
            "id": uuid4().hex[:12], "job": job or method, "data": data, "method": method, "params": dict(params or {}),
            "workers": workers, "slots": slots, "engine": engine, "source": source, "network": network,
        }  # fmt: skip
        self._stats = stats or EngineStats()
        self._on_step = on_step
        self._steps: list[Step] = []
        self._started = datetime.now(UTC)
        self._spent: dict[_Doing, tuple[float, float]] = {}  # wall and CPU seconds
        self._doing: _Doing = "train"
        self._since = (time.perf_counter(), self._cpu())
        self._bytes0 = (self._stats.bytes_sent, self._stats.bytes_received)
        self.interrupted = False

    def _cpu(self) -> float:
        return time.process_time() + self._stats.cpu_s

    def _turn_to(self, doing: _Doing) -> _Doing:
        """Book the time since the last turn, and say what it was spent on."""
        before, (wall0, cpu0) = self._doing, self._since
        wall, cpu = self._spent.get(before, (0.0, 0.0))
        self._doing, self._since = doing, (time.perf_counter(), self._cpu())
        self._spent[before] = (wall + self._since[0] - wall0, cpu + self._since[1] - cpu0)
        return before

    @contextmanager
    def _off_the_clock(self, what: _Doing) -> Iterator[None]:
        before = self._turn_to(what)
        try:
            yield
        finally:
            self._turn_to(before)

    def evaluating(self) -> AbstractContextManager[None]:
        """Keep the time of the ``with`` block out of training and count it as evaluation."""
        return self._off_the_clock("eval")

    def compiling(self) -> AbstractContextManager[None]:
        """Keep the time of the ``with`` block out of training and count it as compilation."""
        return self._off_the_clock("compile")

    @property
    def steps(self) -> tuple[Step, ...]:
        """Steps so far."""
        return tuple(self._steps)

    def step(self, loss: float, *, lower: float | None = None, part_s: tuple[float, ...] = ()) -> Step:
        """Note the state after one more round (the first call notes the start point, round 0).

        Parameters
        ----------
        loss : float
            Objective, penalty included.
        lower : float, optional
            A lower bound of the minimum; the best so far is kept.
        part_s : tuple of float
            Compute seconds of each partition in this round.
        """
        before = self._steps[-1].lower if self._steps else None
        bounds = [float(b) for b in (before, lower) if b is not None and not isnan(b)]
        self._turn_to(self._doing)
        wall_s, cpu_s = self._spent.get("train", (0.0, 0.0))
        step = Step(
            iteration=len(self._steps),
            wall_s=wall_s,
            cpu_s=cpu_s,
            eval_s=self._spent.get("eval", (0.0, 0.0))[0],
            loss=float(loss),
            lower=max(bounds, default=None),
            part_s=tuple(map(float, part_s)),
            bytes_sent=self._stats.bytes_sent - self._bytes0[0],
            bytes_received=self._stats.bytes_received - self._bytes0[1],
        )
        self._steps.append(step)
        with self.evaluating():  # a user's callback is no training either
            self.interrupted |= bool(self._on_step and self._on_step(step))
        return step

    def finish(self, ended: Ended) -> Trace:
        """Make the trace."""
        return Trace(
            **self._header,  # type: ignore[arg-type]  # a dict of fields has one value type
            host=this_host(),
            compile_s=self._spent.get("compile", (0.0, 0.0))[0],
            started=self._started,
            ended=ended,
            steps=self.steps,
        )
