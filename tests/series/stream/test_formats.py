"""Each form of lines reads as its samples, and what is none of its form is refused."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.stream.formats import decoder, guess, nanoseconds

S = 10**9
RANGE = {
    "status": "success",
    "data": {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"__name__": "up", "job": "api", "instance": "a:80"},
                "values": [[1700000000.5, "1"], [1700000015, "NaN"], [1700000030, "+Inf"]],
            }
        ],
    },
}
OTEL = {
    "resourceMetrics": [
        {
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]},
            "scopeMetrics": [
                {
                    "metrics": [
                        {
                            "name": "load",
                            "gauge": {"dataPoints": [{"timeUnixNano": "1700000000000000001", "asDouble": 0.5}]},
                        },
                        {
                            "name": "hits",
                            "sum": {
                                "dataPoints": [
                                    {
                                        "timeUnixNano": "1700000000000000002",
                                        "asInt": "7",
                                        "attributes": [{"key": "code", "value": {"intValue": "200"}}],
                                    }
                                ]
                            },
                        },
                        {
                            "name": "wait",
                            "histogram": {"dataPoints": [{"timeUnixNano": "3", "count": "4", "sum": 2.5}]},
                        },
                    ]
                }
            ],
        }
    ]
}


def test_csv_in_long_and_wide_form():
    long = decoder("csv", header='ts,"series",value')
    assert list(long('1.5,"a, b",2')) == [("a, b", 3 * S // 2, 2.0)]
    wide = decoder("csv", header="time,cpu,memory")
    assert list(wide("2026-01-05T00:00:00Z,0.5,")) == [("cpu", 1767571200 * S, 0.5)]


def test_json_lines_in_long_and_wide_form():
    read = decoder("json")
    assert list(read('{"time": 2, "series": "a", "value": 3}')) == [("a", 2 * S, 3.0)]
    assert list(read('{"t": 2, "x": 3, "y": null}')) == [("x", 2 * S, 3.0)]


def test_the_text_form_of_prometheus():
    read = decoder("prometheus")
    assert list(read("# HELP up Whether it is up.")) == []
    assert list(read('http{code="200",path="/a\\"b, c"} 1027 1395066363000')) == [
        ('http{code="200",path="/a"b, c"}', 1395066363 * S, 1027.0)
    ]
    ((name, when, value),) = read("up 1")
    assert (name, value) == ("up", 1.0)
    assert abs(when - time.time_ns()) < 60 * S


def test_a_range_query_of_prometheus_has_labels_in_order_and_three_kinds_of_numbers():
    found = list(decoder("range")(json.dumps(RANGE)))
    assert {name for name, _, _ in found} == {'up{instance="a:80",job="api"}'}
    assert [when for _, when, _ in found] == [1700000000_500_000_000, 1700000015 * S, 1700000030 * S]
    assert [str(value) for _, _, value in found] == ["1.0", "nan", "inf"]


def test_metrics_of_open_telemetry():
    assert list(decoder("otel")(json.dumps(OTEL))) == [
        ('load{service.name="web"}', 1700000000000000001, 0.5),
        ('hits{code="200",service.name="web"}', 1700000000000000002, 7.0),
        ('wait_count{service.name="web"}', 3, 4.0),
        ('wait_sum{service.name="web"}', 3, 2.5),
    ]


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ({"name": "hits", "sum": {"isMonotonic": True, "aggregationTemporality": 2}}, "hits_total"),
        ({"name": "hits_total", "sum": {"isMonotonic": True, "aggregationTemporality": 2}}, "hits_total"),
        ({"name": "hits", "sum": {"isMonotonic": True, "aggregationTemporality": 1}}, "hits_delta"),
        ({"name": "queue", "sum": {"isMonotonic": False, "aggregationTemporality": 2}}, "queue"),
    ],
)
def test_names_tell_which_metrics_of_open_telemetry_are_counters(metric, name):
    metric["sum"]["dataPoints"] = [{"timeUnixNano": "5", "asInt": "7"}]
    document = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    assert list(decoder("otel")(json.dumps(document))) == [(name, 5, 7.0)]


@pytest.mark.parametrize(("document", "form"), [(RANGE, "range"), (OTEL, "otel"), ({"t": 1, "a": 2}, "json")])
def test_the_form_is_told_by_the_first_line(document, form):
    assert guess(json.dumps(document)) == form


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("csv", "1,a"), ("csv", "soon,a,1"), ("csv", "1,a,much"), ("csv", "2026-01-05 10:00,a,1"),
        ("json", "{"), ("json", "[1]"), ("json", '{"a": 1}'), ("json", '{"time": true, "a": 1}'),
        ("json", '{"time": NaN, "a": 1}'),
        ("prometheus", "up"), ("prometheus", "up{job} 1"), ("prometheus", "up one"),
        ("range", '{"status": "error", "error": "bad"}'),
    ],
)  # fmt: skip
def test_what_is_none_of_its_form_is_refused(form, line):
    with pytest.raises(ValueError, match=r"."):
        list(decoder(form, header="time,series,value")(line))


def test_a_local_time_is_read_in_the_zone_that_is_given():
    assert list(decoder("csv", header="time,a", tz="Europe/Paris")("1970-01-01 01:00:01,5")) == [("a", S, 5.0)]


@given(st.integers(10**17, 2**62))
def test_nanoseconds_keep_every_digit(count):
    assert nanoseconds(count) == nanoseconds(str(count)) == count


@pytest.mark.parametrize(("unit", "per"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_the_unit_of_a_number_is_told_by_its_size(unit, per):
    assert nanoseconds(1767571200 * per + per // 2) == 1767571200 * S + (S // 2 if per > 1 else 0)


def test_unknown_forms_and_headers_without_a_clock_are_refused():
    with pytest.raises(UnknownName, match="form of lines"):
        decoder("xml")
    with pytest.raises(InputError, match="no column of stamps"):
        decoder("csv", header="when,what")
