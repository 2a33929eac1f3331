"""Slow, obvious twins of what learnsys.serve does fast."""

import math
import statistics

import numpy as np

from learnsys.serve.batcher import Ticket


class Cost:
    """Keep all batches, and work everything out anew each time it is asked."""

    def __init__(self):
        self.seen = []

    def observe(self, rows, seconds):
        self.seen.append((rows, seconds))

    def knots(self):
        buckets = {}
        for number, (rows, seconds) in enumerate(self.seen, 1):
            buckets.setdefault(math.floor(math.log2(rows)), []).append((number, rows, seconds))
        knots = []
        for _, batches in sorted(buckets.items()):
            last = batches[-31:]
            n = statistics.median(n for _, n, _ in last)
            c = statistics.median(c for _, _, c in last)
            if knots:
                fresh = [number for number, _, _ in last if number > len(self.seen) - 500]
                if len(fresh) < 8:
                    c = min(c, knots[-1][1] / knots[-1][0] * n)
                c = max(c, knots[-1][1])
            knots.append((n, c))
        return knots

    def predict(self, rows):
        n, c = zip(*self.knots(), strict=True)
        return c[-1] * rows / n[-1] if rows > n[-1] else float(np.interp(rows, n, c))


def newest_that_fit(queue, now, cost, cap):
    """The longest tail of a queue of one-row requests that fits the cap and ends in time for its oldest."""
    best = 0
    for k in range(1, len(queue) + 1):
        if k <= max(cap, 1) and now + cost.predict(k) <= queue[-k].deadline:
            best = k
    return queue[len(queue) - best :]


class FixedBatcher:
    """First come, first served, in batches of up to ``size``; never sheds. What most servers do."""

    def __init__(self, slo_s, size):
        self.slo_s, self.size = slo_s, size
        self.queue, self.running = [], []
        self.next_deadline = None

    @property
    def busy(self):
        return bool(self.running)

    def offer(self, payload, rows, now):
        self.queue.append(Ticket(payload, rows, now, now + self.slo_s))
        return self.queue[-1]

    def take(self, now):
        if self.running:
            return [], []
        self.running, self.queue = self.queue[: self.size], self.queue[self.size :]
        return list(self.running), []

    def finish(self, now, *, took_s=None):
        done, self.running = self.running, []
        return [t for t in done if now <= t.deadline], [t for t in done if now > t.deadline]

    def expire(self, now):
        return []


def percentile(samples, q):
    """The smallest sample that at least a share q of all samples do not exceed."""
    return min(x for x in samples if sum(y <= x for y in samples) >= q * len(samples))


def lindley(due, service_s):
    """When one server with one queue, first come first served, ends each request."""
    done, free = [], 0.0
    for t in due:
        free = max(free, t) + service_s
        done.append(free)
    return done
