"""A batcher and a model in virtual time: the runner's part played without threads, sockets or clocks."""

import heapq
from dataclasses import dataclass, field


@dataclass
class Ended:
    """What became of a request, and when; ``ends`` counts how often it was told."""

    ticket: object
    state: str = ""
    at: float = -1.0
    ends: int = 0


@dataclass
class Log:
    """All that happened."""

    ended: list = field(default_factory=list)
    batches: list = field(default_factory=list)  # (when, tickets, cap, queue before)
    idle_arrivals: list = field(default_factory=list)  # (ticket, whether it was in a batch at once)

    def goodput(self, seconds):
        """Requests answered in time, a second."""
        return sum(e.ticket.rows for e in self.ended if e.state == "answered") / seconds


def simulate(batcher, arrivals, service, *, leaves=(), learn=True):
    """Play ``arrivals``, a list of (time, rows), against ``service(rows) -> seconds``.

    ``leaves`` are (request, time): a client that goes.
    """
    log = Log()
    events = [(t, 1, i) for i, (t, _) in enumerate(arrivals)] + [(t, 2, i) for i, t in leaves]
    heapq.heapify(events)
    running, by_payload = [], {}

    def end(tickets, state, now):
        for ticket in tickets:
            e = by_payload[ticket.payload]
            e.state, e.at, e.ends = state, now, e.ends + 1

    def start(now):
        queue = (
            [e.ticket for e in log.ended if e.ends == 0 and e.ticket.state == "queued"] if len(arrivals) < 500 else []
        )
        cap = batcher.cap() if hasattr(batcher, "cap") else None
        batch, shed = batcher.take(now)
        end(shed, "shed", now)
        if batch:
            log.batches.append((now, batch, cap, queue))
            took = service(sum(t.rows for t in batch))
            running.append(took)
            heapq.heappush(events, (now + took, 0, -1))

    while events or batcher.next_deadline is not None:
        deadline = batcher.next_deadline
        if deadline is not None and (not events or deadline < events[0][0]):
            end(batcher.expire(deadline), "late", deadline)
            continue
        now, kind, i = heapq.heappop(events)
        if kind == 0:
            took = running.pop()
            answered, late = batcher.finish(now, took_s=took if learn else None)
            end(answered, "answered", now)
            end(late, "late", now)
            start(now)
        elif kind == 1:
            idle = not batcher.busy
            ticket = batcher.offer(i, arrivals[i][1], now)
            by_payload[i] = Ended(ticket)
            log.ended.append(by_payload[i])
            start(now)
            if idle:
                log.idle_arrivals.append((ticket, bool(log.batches) and ticket in log.batches[-1][1]))
        elif i in by_payload and by_payload[i].ticket.open:
            batcher.leave(by_payload[i].ticket)
            end([by_payload[i].ticket], "left", now)
    return log
