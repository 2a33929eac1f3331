"""Counters of a server, and their text for Prometheus."""

from bisect import bisect_left
from collections import Counter
from typing import Final, final

EDGES_S: Final = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.010, 0.020, 0.050, 0.100, 0.500, 1.0)


@final
class Metrics:
    """Counters of one model: requests, responses by status and by seconds, batches, and rewards.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.response(200, 0.0008)
    >>> metrics.batch(requests=3, rows=4, seconds=0.0002)
    >>> print(exposition({"delay": metrics}).splitlines()[1])
    learnsys_responses_total{model="delay",status="200"} 1
    """

    def __init__(self) -> None:
        self.requests = 0
        self.statuses: Counter[int] = Counter()
        self.counts = [0] * (len(EDGES_S) + 1)
        self.seconds = 0.0
        self.batches = self.batched_requests = self.batched_rows = 0
        self.model_seconds = 0.0
        self.rewarded, self.reward = 0, 0.0

    def response(self, status: int, seconds: float) -> None:
        """Count a response, sent ``seconds`` after its request had arrived."""
        self.statuses[status] += 1
        self.counts[bisect_left(EDGES_S, seconds)] += 1
        self.seconds += seconds

    def batch(self, *, requests: int, rows: int, seconds: float) -> None:
        """Count a batch."""
        self.batches += 1
        self.batched_requests += requests
        self.batched_rows += rows
        self.model_seconds += seconds

    def feedback(self, reward: float) -> None:
        """Count an answer whose reward was told, and add that up."""
        self.rewarded += 1
        self.reward += reward


def exposition(models: dict[str, Metrics]) -> str:
    """Write the counters of all models in the Prometheus text format, version 0.0.4."""
    lines = ["# TYPE learnsys_responses_total counter"]
    for name, m in models.items():
        lines += [
            f'learnsys_responses_total{{model="{name}",status="{status}"}} {n}'
            for status, n in sorted(m.statuses.items())
        ]
    lines.append("# TYPE learnsys_response_seconds histogram")
    for name, m in models.items():
        below = 0
        for edge, count in zip((*EDGES_S, "+Inf"), m.counts, strict=True):
            below += count
            lines.append(f'learnsys_response_seconds_bucket{{model="{name}",le="{edge}"}} {below}')
        lines.append(f'learnsys_response_seconds_sum{{model="{name}"}} {m.seconds}')
        lines.append(f'learnsys_response_seconds_count{{model="{name}"}} {below}')
    for counter in ("requests", "batches", "batched_requests", "batched_rows", "model_seconds", "rewarded", "reward"):
        lines.append(f"# TYPE learnsys_{counter}_total counter")
        lines += [f'learnsys_{counter}_total{{model="{name}"}} {getattr(m, counter)}' for name, m in models.items()]
    return "\n".join(lines) + "\n"
