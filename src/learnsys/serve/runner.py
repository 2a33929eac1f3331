"""One model at work: a batcher on the event loop, the model in a thread of its own.

The loop never waits for the model, so that a request is told at its deadline even while the
model hangs; the thread never touches the batcher, so that neither needs a lock.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Final, Self, final

import numpy as np

from learnsys.core.check import check_finite
from learnsys.core.errors import InputError, WorkFailed
from learnsys.core.predictor import DTYPES, Predictor, check_batch
from learnsys.core.units import format_duration
from learnsys.serve.batcher import Batcher, Ticket
from learnsys.serve.cost import CostModel
from learnsys.serve.feedback import Feedback
from learnsys.serve.isolate import ModelFailed, Tensors, answer
from learnsys.serve.metrics import Metrics

WARM_SIZES: Final = (1, 4, 16, 64, 256, 1024)
WARM_RUNS: Final = 5
WARM_S: Final = 2.0
# A batch that takes longer than both is one that may never end.
OVERDUE_SLOS: Final = 10
OVERDUE_S: Final = 1.0


class Shed(WorkFailed):
    """A request that cannot be, or was not, answered within the SLO."""

    @classmethod
    def of(cls, slo_s: float) -> Self:
        """Nothing is wrong with the request; the server is too busy."""
        return cls(f"no answer within {format_duration(slo_s)}: the server is overloaded", next="try again later")


class ClientGone(WorkFailed):
    """The client closed its connection before it had an answer."""


@final
class Pinned:
    """A predictor whose description was read once: some work theirs out at every look."""

    def __init__(self, predictor: Predictor) -> None:
        self.name, self.version = predictor.name, predictor.version
        self.inputs, self.outputs = predictor.inputs, predictor.outputs
        self.max_rows = predictor.max_rows
        self.predict = predictor.predict


@final
class Job:
    """What a ticket carries: the tensors of a request, and where its outputs or its error go."""

    __slots__ = ("future", "inputs", "outcome")

    def __init__(self, inputs: Tensors, future: "asyncio.Future[Tensors]") -> None:
        self.inputs = inputs
        self.future = future
        self.outcome: Tensors | Exception | None = None

    def fail(self, error: Exception) -> None:
        """Answer with an error."""
        if not self.future.done():
            self.future.set_exception(error)

    def succeed(self) -> None:
        """Answer with the outcome."""
        if isinstance(self.outcome, Exception):
            self.fail(self.outcome)
        elif not self.future.done():
            assert self.outcome is not None
            self.future.set_result(self.outcome)


@final
class Runner:
    """Answers requests for one model within its SLO.

    Parameters
    ----------
    predictor : Predictor
        The model; its ``predict`` is called from one thread, one batch at a time.
    slo_s : float
        Seconds from the arrival of a request to its deadline.
    clock : callable
        Seconds, never going back. (The event loop's own clock has milliseconds under uvloop.)
    """

    def __init__(self, predictor: Predictor, *, slo_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.predictor = Pinned(predictor)
        self.metrics = Metrics()
        self.clock = clock
        self.feedback = Feedback(clock)
        self.batcher = Batcher(slo_s, CostModel(), max_rows=predictor.max_rows)
        self._jobs: SimpleQueue[list[Ticket] | None] = SimpleQueue()
        self._began = 0.0
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def warm_up(self) -> None:
        """Run the model on zeros in growing batches, so that the first request is not slow and its cost is known.

        Ends after ``WARM_S`` seconds of runs that are timed, or where a batch exceeds the SLO. A model that refuses
        zeros stays cold; nothing is wrong with that.
        """
        cost, most, left_s = self.batcher.cost, self.predictor.max_rows or WARM_SIZES[-1], WARM_S
        with suppress(Exception):
            for rows in [n for n in WARM_SIZES if n <= most]:
                batch = self._zeros(rows)
                self.predictor.predict(batch)  # may compile: not timed
                for _ in range(WARM_RUNS):
                    began = self.clock()
                    self.predictor.predict(batch)
                    cost.observe(rows, took_s := self.clock() - began)
                    left_s -= took_s
                    if left_s < 0:
                        return
                if cost.predict(rows) > self.batcher.slo_s:
                    return

    def _zeros(self, rows: int) -> Tensors:
        return {
            s.name: np.zeros((rows, *(n or 1 for n in s.shape[1:])), DTYPES[s.dtype]) for s in self.predictor.inputs
        }

    def start(self) -> None:
        """Start the model's thread; answers come to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name=f"model {self.predictor.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the model's thread end."""
        self._jobs.put(None)

    @property
    def ready(self) -> bool:
        """Whether the model's thread lives and its batch, if there is one, is not long overdue."""
        if self._thread is None or not self._thread.is_alive():
            return False
        overdue_s = max(OVERDUE_SLOS * self.batcher.slo_s, OVERDUE_S)
        return not self.batcher.busy or self.clock() - self._began <= overdue_s

    def submit(self, inputs: Tensors, *, arrived: float) -> Ticket:
        """Queue a request; its ticket's ``payload.future`` gets the outputs.

        Parameters
        ----------
        inputs : mapping of arrays
            As the predictor's ``inputs`` say.
        arrived : float
            When the request had come, on ``clock``.

        Raises
        ------
        InputError
            If a tensor is missing, unknown, of another form or not finite, or if there are more rows than ``max_rows``.
        """
        assert self._loop is not None, "start() first"
        rows = check_batch(inputs, self.predictor.inputs)
        if rows > (most := self.predictor.max_rows or rows):
            raise InputError(
                f"the request has {rows} rows, but {self.predictor.name!r} takes at most {most}",
                value=rows,
                next="send several requests",
            )
        for name, array in inputs.items():
            if array.dtype.kind == "f":
                check_finite(array if array.ndim <= 2 else array.reshape(rows, -1), f"input {name!r}")
        ticket = self.batcher.offer(Job(inputs, self._loop.create_future()), rows, self.clock(), arrived=arrived)
        self._next_batch()
        self._arm()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Forget a request whose client has gone."""
        self.batcher.leave(ticket)
        ticket.payload.fail(ClientGone("the client has gone"))

    def _next_batch(self) -> None:
        if self.batcher.busy:
            return
        self._began = self.clock()
        batch, shed = self.batcher.take(self._began)
        self._shed(shed)
        if batch:
            self._jobs.put(batch)

    def _work(self) -> None:
        """Run batches until told to stop; the only code in the model's thread."""
        while (batch := self._jobs.get()) is not None:
            inputs = [t.payload.inputs for t in batch]
            try:
                outcomes = answer(self.predictor, inputs, give_up=partial(self._too_late, batch[-1].deadline))
            except BaseException as error:  # not of the model; but the next batch waits until this one has an end
                outcomes = [ModelFailed.raised(self.predictor.name, error)] * len(batch)
            with suppress(RuntimeError):  # the loop has closed: nobody waits for this batch
                assert self._loop is not None
                self._loop.call_soon_threadsafe(self._finished, batch, outcomes)

    def _too_late(self, deadline: float) -> bool:
        return self.clock() > deadline

    def _finished(self, batch: Sequence[Ticket], outcomes: Sequence[Tensors | Exception]) -> None:
        now = self.clock()
        took_s = now - self._began
        for ticket, outcome in zip(batch, outcomes, strict=True):
            ticket.payload.outcome = outcome
        clean = not any(isinstance(o, Exception) for o in outcomes)
        answered, late = self.batcher.finish(now, took_s=took_s if clean else None)
        for ticket in answered:
            ticket.payload.succeed()
        self._shed(late)
        self.metrics.batch(requests=len(batch), rows=sum(t.rows for t in batch), seconds=took_s)
        self._next_batch()

    def _arm(self) -> None:
        """Set the timer to the earliest deadline; timers of the loop have milliseconds, and may come early."""
        deadline = self.batcher.next_deadline
        if self._timer is None and deadline is not None and self._loop is not None:
            wait_s = math.ceil(max(deadline - self.clock(), 0.0) * 1000 + 0.5) / 1000
            self._timer = self._loop.call_later(wait_s, self._on_deadline)

    def _on_deadline(self) -> None:
        self._timer = None
        self._shed(self.batcher.expire(self.clock()))
        self._arm()

    def _shed(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            ticket.payload.fail(Shed.of(self.batcher.slo_s))

    def cost_line(self) -> str:
        """Say what a row costs and how many fit in a batch."""
        one, cap = self.batcher.cost.predict(1), self.batcher.cap()
        return f"{self.predictor.name}: one row {format_duration(one)}, up to {cap:,} rows a batch"
