"""Which requests go into the next batch, and which are told at once that they cannot be answered in time.

A pure state machine: whoever drives it brings the clock, so that its laws are tested in virtual
time. No request waits for company: a batch forms from what came while the model was busy. When
the model is free,

* the batch has at most n rows, n the most whose cost is half the SLO: whoever arrives just after
  a batch began waits for it and then for its own (*marginal-cost cap*); capping by what is left of
  the budget instead collapses to batches of one exactly when the server is late;
* if more is queued than fits, the newest go first: they have the most time left, and serving the
  oldest first makes everyone late alike;
* whoever would be late by prediction is shed now, not after the model has worked for nothing.

An idle model takes whatever comes, whatever the prediction: a wrong estimate of the cost would
otherwise never be mended. Clipper (Crankshaw et al., NSDI 2017, sec. 4.3) has the SLO and adaptive
batches; Nexus (Shen et al., SOSP 2019) drops early.
"""

from collections import deque
from typing import Any, Literal, final

from learnsys.serve.cost import CostModel

State = Literal["queued", "running", "answered", "shed", "late", "left"]


@final
class Ticket:
    """The place of one request: its rows, when it came, when its answer is due (seconds of the driver's clock).

    ``state`` ends as exactly one of answered, shed (before it ran), late (its deadline passed) and left.
    """

    __slots__ = ("arrived", "deadline", "payload", "rows", "state")

    def __init__(self, payload: Any, rows: int, arrived: float, deadline: float) -> None:
        self.payload = payload
        self.rows = rows
        self.arrived = arrived
        self.deadline = deadline
        self.state: State = "queued"

    @property
    def open(self) -> bool:
        """Whether it still waits for its end."""
        return self.state in ("queued", "running")


@final
class Batcher:
    """Forms batches for one model that runs one batch at a time.

    Parameters
    ----------
    slo_s : float
        Seconds from arrival to deadline, > 0.
    cost : CostModel
        Seconds of a batch; ``finish`` teaches it.
    max_rows : int, optional
        Most rows in a batch whatever the cost.

    Examples
    --------
    Two requests that come while the model is busy share the next batch:

    >>> batcher = Batcher(0.010, CostModel())
    >>> first, (batch, shed) = batcher.offer("a", 1, now=0.0), batcher.take(now=0.0)
    >>> b, c = batcher.offer("b", 1, now=0.001), batcher.offer("c", 2, now=0.002)
    >>> batcher.take(now=0.002)
    ([], [])
    >>> [t.payload for t in batcher.finish(now=0.003, took_s=0.0005)[0]]
    ['a']
    >>> [t.payload for t in batcher.take(now=0.003)[0]]
    ['b', 'c']
    """

    def __init__(self, slo_s: float, cost: CostModel, *, max_rows: int | None = None) -> None:
        self.slo_s = slo_s
        self.cost = cost
        self.max_rows = max_rows
        self._queue: list[Ticket] = []
        self._running: list[Ticket] = []
        self._waiting: deque[Ticket] = deque()  # all that wait for an end, by deadline; ended ones leave lazily
        self._idle = True

    @property
    def queued(self) -> int:
        """Requests that wait for a batch."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a batch is in flight."""
        return bool(self._running)

    @property
    def next_deadline(self) -> float | None:
        """The earliest deadline of a request that still waits."""
        while self._waiting and not self._waiting[0].open:
            self._waiting.popleft()
        return self._waiting[0].deadline if self._waiting else None

    def cap(self) -> int:
        """Most rows of a batch now."""
        # Where even one row takes more than half the SLO, only the freshest can be served: give them all of it.
        rows = self.cost.most_rows(self.slo_s / 2) or self.cost.most_rows(self.slo_s) or 1
        return rows if self.max_rows is None else min(rows, self.max_rows)

    def offer(self, payload: Any, rows: int, now: float, *, arrived: float | None = None) -> Ticket:
        """Queue a request of ``rows`` >= 1 that ``arrived`` at or before ``now``, no earlier than the last one."""
        arrived = now if arrived is None else arrived
        ticket = Ticket(payload, rows, arrived, arrived + self.slo_s)
        self._queue.append(ticket)
        self._waiting.append(ticket)
        return ticket

    def take(self, now: float) -> tuple[list[Ticket], list[Ticket]]:
        """Start the next batch if the model is free.

        Returns
        -------
        batch : list of Ticket
            In order of arrival; empty if the model is busy or nothing waits.
        shed : list of Ticket
            Requests that cannot be answered in time any more.
        """
        if self._running:
            return [], []
        batch, finish = self._choose(now)
        for ticket in batch:
            ticket.state = "running"
        rest = [t for t in self._queue if t.state == "queued"]
        shed = [t for t in rest if finish + self.cost.predict(t.rows) > t.deadline]
        for ticket in shed:
            ticket.state = "shed"
        self._queue = [t for t in rest if t.state == "queued"]
        self._running, self._idle = batch, not batch
        return list(batch), shed

    def _choose(self, now: float) -> tuple[list[Ticket], float]:
        cap, rows, finish = self.cap(), 0, now
        batch: list[Ticket] = []
        for ticket in reversed(self._queue):
            if batch and rows + ticket.rows > cap:
                break
            done = now + self.cost.predict(rows + ticket.rows)
            # The one looked at is the oldest so far: if it is in time, so are all that came after it.
            if done <= ticket.deadline or (self._idle and not batch):
                batch.append(ticket)
                rows, finish = rows + ticket.rows, done
        return batch[::-1], finish

    def finish(self, now: float, *, took_s: float | None = None) -> tuple[list[Ticket], list[Ticket]]:
        """End the batch in flight.

        Parameters
        ----------
        now : float
            When its answers are there.
        took_s : float, optional
            Seconds to learn the cost from; None if the run was not like others.

        Returns
        -------
        answered, late : lists of Ticket
            Those whose answer is in time, and those whose deadline has passed; who ended before is in neither.
        """
        batch, self._running = self._running, []
        if took_s is not None:
            self.cost.observe(sum(t.rows for t in batch), took_s)
        waiting = [t for t in batch if t.open]
        answered = [t for t in waiting if now <= t.deadline]
        late = [t for t in waiting if now > t.deadline]
        for ticket in answered:
            ticket.state = "answered"
        for ticket in late:
            ticket.state = "late"
        return answered, late

    def expire(self, now: float) -> list[Ticket]:
        """End all requests, queued or running, whose deadline has passed."""
        late = []
        while (deadline := self.next_deadline) is not None and deadline <= now:
            ticket = self._waiting.popleft()
            self._end(ticket, "late")
            late.append(ticket)
        return late

    def leave(self, ticket: Ticket) -> None:
        """Forget a request whose client has gone; in flight it runs on, and nobody hears of it."""
        if ticket.open:
            self._end(ticket, "left")

    def _end(self, ticket: Ticket, state: State) -> None:
        if ticket.state == "queued":
            self._queue.remove(ticket)
        ticket.state = state
