"""Lines of text as samples: CSV, JSON lines, Prometheus and OpenTelemetry; each decoder takes a line, or refuses it.

    csv           time,series,value or time,cpu,memory ... under a header
    json          {"time": ..., "series": ..., "value": ...} or {"time": ..., "cpu": ..., "memory": ...}
    prometheus    the text form, name{label="x"} value [milliseconds], as a target exposes it
    range         the answer of Prometheus to query or query_range, one document a line
    otel          the OTLP JSON form of metrics, one document a line, as the collector's file exporter writes it

A series is named after its metric and its labels in their order by name: ``up{instance="a",job="b"}``. Stamps are
nanoseconds since 1970. A line that is none of its form raises ValueError, and whoever reads counts it.
"""

import csv
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from learnsys.core.errors import InputError, UnknownName

Sample = tuple[str, int, float]
Decoder = Callable[[str], Iterable[Sample]]
Format = Literal["csv", "json", "prometheus", "range", "otel"]

FORMATS: Final[tuple[Format, ...]] = ("csv", "json", "prometheus", "range", "otel")
TIMES: Final = ("time", "ts", "timestamp", "t")
_UNITS: Final = ((1e11, 10**9), (1e14, 10**6), (1e17, 10**3))  # a number below counts so many nanoseconds
_EXPOSED: Final = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+(-?\d+))?")
_LABEL: Final = re.compile(r'\s*([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"\s*(?:,|$)')


def decoder(form: Format, *, header: str = "", tz: str | None = None) -> Decoder:
    """Make the decoder of a form.

    Parameters
    ----------
    form : {"csv", "json", "prometheus", "range", "otel"}
    header : str
        The first line, of CSV.
    tz : str, optional
        The zone of times that do not tell theirs; such lines are malformed without it.

    Raises
    ------
    UnknownName
        If there is no such form.
    InputError
        If the header has no column of stamps.

    Examples
    --------
    >>> list(decoder("csv", header="time,a,b")("1.5,10,20"))
    [('a', 1500000000, 10.0), ('b', 1500000000, 20.0)]
    """
    zone = None if tz is None else ZoneInfo(tz)
    if form == "csv":
        return _csv(header, zone)
    decoders: Mapping[str, Decoder] = {
        "json": lambda line: _record(json.loads(line), zone), "prometheus": _exposed, "range": _range, "otel": _otel,
    }  # fmt: skip
    if form not in decoders:
        raise UnknownName.of("form of lines", form, FORMATS)
    return decoders[form]


def guess(line: str) -> Format:
    """Tell the form by the first line that is not blank.

    Examples
    --------
    >>> guess("time,series,value"), guess('{"time": 1, "a": 2}'), guess("# HELP up"), guess('up{job="a"} 1')
    ('csv', 'json', 'prometheus', 'prometheus')
    """
    line = line.strip()
    if line.startswith("{"):
        return "otel" if '"resourceMetrics"' in line else "range" if '"data"' in line and '"result"' in line else "json"
    return "prometheus" if line.startswith("#") or _EXPOSED.fullmatch(line) else "csv"


def nanoseconds(stamp: Any, zone: tzinfo | None = None) -> int:
    """Read a stamp: a number of seconds, milliseconds, microseconds or nanoseconds, told by its size; or ISO text.

    Raises
    ------
    ValueError
        If it is neither, or a local time without a zone.

    Examples
    --------
    >>> nanoseconds(1.5), nanoseconds("1970-01-01T00:00:02Z"), nanoseconds(1_700_000_000_000)
    (1500000000, 2000000000, 1700000000000000000)
    """
    if isinstance(stamp, str):
        try:
            stamp = float(stamp) if "." in stamp or "e" in stamp.lower() else int(stamp)
        except ValueError:
            return _iso(stamp, zone)
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not math.isfinite(stamp):
        raise ValueError(f"{stamp!r} is no time")
    tick = next((tick for below, tick in _UNITS if abs(stamp) < below), 1)
    return stamp * tick if isinstance(stamp, int) else round(stamp * tick)


def _iso(text: str, zone: tzinfo | None) -> int:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        if zone is None:
            raise ValueError(f"{text!r} has no zone")
        when = when.replace(tzinfo=zone)
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def _csv(header: str, zone: tzinfo | None) -> Decoder:
    columns = [name.strip() for name in next(csv.reader([header]))]
    clocks = [name for name in columns if name.lower() in TIMES]
    if not clocks:
        raise InputError(
            f"the header {header.strip()!r} has no column of stamps", value=columns, next="name one of them time"
        )

    def read(line: str) -> Iterable[Sample]:
        cells = next(csv.reader([line]))
        if len(cells) != len(columns):
            raise ValueError(f"{len(cells)} cells for {len(columns)} columns")
        return _record(dict(zip(columns, cells, strict=True)), zone)

    return read


def _record(record: Any, zone: tzinfo | None) -> Sequence[Sample]:
    """Read a record in long form, with ``series`` and ``value``, or in wide form; empty cells are no samples."""
    if not isinstance(record, dict):
        raise ValueError("no record")
    clock = next((name for name in record if name.lower() in TIMES), None)
    if clock is None:
        raise ValueError("no time")
    when = nanoseconds(record[clock], zone)
    if "series" in record and "value" in record:
        return [(str(record["series"]), when, float(record["value"]))]
    cells = [(name, v) for name, v in record.items() if name != clock and v not in ("", None)]
    return [(name, when, float(value)) for name, value in cells]


def _exposed(line: str) -> Sequence[Sample]:
    """Read a line of the text form; comments tell nothing, and what has no stamp is of now."""
    if line.startswith("#"):
        return []
    match = _EXPOSED.fullmatch(line.strip())
    if match is None:
        raise ValueError("no metric")
    name, labels, value, stamp = match.groups()
    when = time.time_ns() if stamp is None else int(stamp) * 1_000_000
    return [(_named(name, _labels(labels or "")), when, _prometheus_number(value))]


def _labels(text: str) -> dict[str, str]:
    labels, at = {}, 0
    while at < len(text.rstrip()):
        match = _LABEL.match(text, at)
        if match is None:
            raise ValueError(f"no labels: {text!r}")
        labels[match[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], match[2])
        at = match.end()
    return labels


def _range(line: str) -> Iterator[Sample]:
    """Read a matrix, or a vector, of the HTTP API."""
    document = json.loads(line)
    if document.get("status") != "success":
        raise ValueError(f"the query failed: {document.get('error', 'no status')}")
    for entry in document["data"]["result"]:
        metric = dict(entry["metric"])
        name = _named(metric.pop("__name__", "value"), metric)
        for stamp, value in entry["values"] if "values" in entry else [entry["value"]]:
            yield name, round(float(stamp) * 1000) * 1_000_000, _prometheus_number(value)


def _prometheus_number(text: str) -> float:
    return float(text.replace("Inf", "inf"))


def _otel(line: str) -> Iterator[Sample]:
    """Read gauges and sums as they are, and of histograms and summaries the count and the sum.

    Sums that only grow end in ``_total``, as OpenTelemetry has it for Prometheus. What begins anew with each point
    (delta) is of no counter, and ends in ``_delta``.
    """
    for resource in json.loads(line)["resourceMetrics"]:
        about = _attributes(resource.get("resource", {}).get("attributes", ()))
        scopes = resource.get("scopeMetrics", ())
        for metric in (m for scope in scopes for m in scope.get("metrics", ())):
            for kind in ("gauge", "sum", "histogram", "exponentialHistogram", "summary"):
                points = metric.get(kind, {})
                ending = _ending(metric["name"], points)
                for point in points.get("dataPoints", ()):
                    labels = about | _attributes(point.get("attributes", ()))
                    for suffix, value in _point(point):
                        yield _named(metric["name"] + suffix + ending, labels), int(point["timeUnixNano"]), float(value)


def _ending(name: str, points: Mapping[str, Any]) -> str:
    if points.get("aggregationTemporality") in (1, "AGGREGATION_TEMPORALITY_DELTA"):
        return "_delta"
    return "_total" if points.get("isMonotonic") and not name.endswith("_total") else ""


def _point(point: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("asDouble", "asInt"):
        if name in point:
            yield "", point[name]
    if "count" in point:
        yield "_count", point["count"]
        if "sum" in point:
            yield "_sum", point["sum"]


def _attributes(listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {entry["key"]: str(next(iter(entry["value"].values()), "")) for entry in listed}


def _named(metric: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{key}="{labels[key]}"' for key in sorted(labels))
    return f"{metric}{{{inside}}}" if inside else metric
