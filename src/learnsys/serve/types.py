"""What a load test found."""

from typing import TYPE_CHECKING, final

import msgspec

from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_duration
from learnsys.serve.latency import Bin, Percentiles, Slice

if TYPE_CHECKING:
    import altair as alt


@final
class StatusLatency(msgspec.Struct, frozen=True, kw_only=True):
    """Responses of one status: an HTTP status, ``lost`` (no connection) or ``timeout``."""

    status: str
    count: int
    latency: Percentiles


@final
class LoadReport(AbstractResult, frozen=True, kw_only=True):
    """Latencies of an open-loop load test, counted from the time each request was due.

    Attributes
    ----------
    url, model, version : str
        What was asked.
    rows : int
        Rows a request.
    rate : float
        Requests a second asked for.
    requests : int
        Requests that were due.
    elapsed_s : float
        From the start to the last answer, or to when the last request was due if that is later.
    slo_s : float
        Latency up to which an answer is within the SLO.
    within : int
        Answers with status 200 within the SLO.
    statuses : tuple of StatusLatency
        By status.
    bins : tuple of Bin
        Histogram of the latency of answers with status 200.
    timeline : tuple of Slice
        The test in slices of time.
    send_lag : Percentiles
        How late this client sent; the lag is part of the latencies.
    client_cpu_s : float
        CPU seconds of this client; near ``elapsed_s`` it was the client that could not keep up.
    """

    url: str
    model: str
    version: str
    rows: int
    encoding: str
    arrivals: str
    seed: int
    connections: int
    rate: float
    requests: int
    elapsed_s: float
    slo_s: float
    within: int
    statuses: tuple[StatusLatency, ...]
    bins: tuple[Bin, ...]
    timeline: tuple[Slice, ...]
    send_lag: Percentiles
    client_cpu_s: float

    @property
    def answered(self) -> Percentiles | None:
        """Latency of the answers with status 200, None if there was none."""
        return next((s.latency for s in self.statuses if s.status == "200"), None)

    @property
    def achieved_rate(self) -> float:
        """Responses of any HTTP status a second."""
        return sum(s.count for s in self.statuses if s.status.isdigit()) / self.elapsed_s

    @property
    def goodput(self) -> float:
        """Answers within the SLO a second."""
        return self.within / self.elapsed_s

    def table(self) -> Table:
        """Show a row a status."""
        slo = format_duration(self.slo_s)
        return Table(
            title=f"{self.requests:,} requests at {self.rate:g}/s to {self.model} ({self.url})",
            columns=(
                Column(name="status"),
                Column(name="requests", kind="integer"),
                Column(name="share", kind="percent"),
                *(Column(name=name, unit="s", kind="duration") for name in ("p50", "p90", "p99", "p99.9", "max")),
            ),
            rows=tuple(
                (s.status, s.count, s.count / self.requests,
                 s.latency.p50_s, s.latency.p90_s, s.latency.p99_s, s.latency.p999_s, s.latency.max_s)
                for s in self.statuses
            ),
            notes=(
                f"{self.within / self.requests:.1%} answered within {slo}: {self.goodput:.1f}/s "
                f"of {self.achieved_rate:.1f}/s responses",
                f"latency counts from when a request was due; this client sent {format_duration(self.send_lag.p99_s)} "
                f"late at p99 and used {self.client_cpu_s / self.elapsed_s:.0%} of a core",
            ),
        )  # fmt: skip

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the ``latency`` histogram (default) or the ``timeline``."""
        from learnsys.serve import charts

        chart: alt.Chart = charts.draw(self, kind or "latency")
        return chart
