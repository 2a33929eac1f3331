"""For each rule of the optimiser a question in which it matters, as a user would write it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from learnsys import series
from learnsys.series.graph.query import Asked, Query

HOW: dict[str, Any] = {"ci": None, "shrink": False, "weights": "uniform"}
LAGS = series.lags("-60s", "60s", "5s")
LATE = ["S001", "S002"]


def names(*numbers: int) -> list[str]:
    """Names of series from one number to before another."""
    return [f"S{k:03d}" for k in range(*numbers)]


def _xcov(query: Query, bandwidth: str = "5s", **more: Any) -> Asked:
    return query.xcov(**{"lags": LAGS, "bandwidth": bandwidth, **HOW, **more})


def _pair(query: Query, **more: Any) -> Asked:
    return _xcov(query, pairs=[("S000", "S001")], **more)


def _few(ticks: Query) -> Query:
    return ticks.select(names(20)).log().difference()


def _both(one: Query, other: Query) -> list[Asked]:
    """The same question of two queries."""
    return [_xcov(one), _xcov(other)]


class Case(NamedTuple):
    """A question in words, and as it is asked of ticks."""

    told: str
    asked: Callable[[Query], list[Asked]]


CASES = {
    "resample-elimination": Case(
        "covariances of samples, and of what someone resamples first",
        lambda t: _both(_few(t), _few(t).resample("5s")),
    ),
    "filter-pushdown": Case(
        "a pair of series, of large trades only", lambda t: [_pair(t.filter("size", ">", 900).log().difference())]
    ),
    "range-pushdown": Case(
        "a pair of series, on one day of 23", lambda t: [_pair(t.log().between("2026-01-07", "2026-01-08"))]
    ),
    "select-pushdown": Case("three of 100 series", lambda t: [_xcov(t.log().difference().select(names(3)))]),
    "column-pushdown": Case("a pair of series, of a file with columns for others", lambda t: [_pair(t.log())]),
    "identity-elimination": Case(
        "covariances, which weigh all alike, and spectra, which do not weigh",
        lambda t: [_xcov(t.select(names(20)).log()), t.select(names(20)).log().psd(max_hz=0.02)],
    ),
    "affine-lifting": Case(
        "increments of prices in basis points, and of those as they are",
        lambda t: _both(t.select(names(20)).log().scale(1e4).difference(), _few(t)),
    ),
    "shift-lifting": Case(
        "increments with the clocks of two series set right, and as they are",
        lambda t: _both(t.select(names(20)).shift("5s", ids=LATE).log().difference(), _few(t)),
    ),
    "affine-after-sums": Case(
        "increments, and the same in basis points", lambda t: _both(_few(t), _few(t).scale(1e4))
    ),
    "shift-after-sums": Case(
        "increments, and with two of the series moved", lambda t: _both(_few(t), _few(t).shift("5s", ids=LATE))
    ),
    "demean-after-sums": Case("increments, and without their mean", lambda t: _both(_few(t), _few(t).demean())),
    "sharing": Case("three bandwidths of the same increments",
                lambda t: [_xcov(_few(t).select(names(10)), b) for b in ("5s", "7s", "10s")]),
    "selection-union": Case(
        "each of ten pairs of series",
        lambda t: [_xcov(t.log().difference().select(names(k, k + 2))) for k in range(0, 20, 2)],
    ),
    "sums-merging": Case("three bandwidths of the same increments",
                     lambda t: [_xcov(_few(t).select(names(10)), b) for b in ("5s", "7s", "10s")]),
    "lowering": Case("all pairs of 20 series", lambda t: [_xcov(_few(t))]),
    "single-precision": Case(
        "all pairs of 100 series, at a bandwidth that is longer than most gaps",
        lambda t: [_xcov(t.log().difference(), "10m", lags=series.lags("-1h", "1h", "5m"))],
    ),
    "cache": Case("the same again", lambda t: [_xcov(_few(t))]),
}  # fmt: skip
