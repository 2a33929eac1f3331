"""The picture of a run shows its numbers, on a scale that has a place for them."""

import math

import pytest

from learnsys.core.chart import save_chart
from learnsys.core.errors import InputError
from learnsys.core.recorder import Recorder
from learnsys.core.trace_chart import trace_chart


def run(method, workers, points):
    recorder = Recorder(method, workers=workers)
    for loss, lower in points:
        recorder.step(loss, lower=lower)
    return recorder.finish("rounds")


def drawn(chart):
    """The points and the encoding of a chart, as Vega-Lite gets them."""
    spec = chart.to_dict()
    return spec["data"]["values"], spec["encoding"]


RUNS = [run("cocoa", 4, [(2.0, 1.0), (1.5, 1.0), (1.0, 1.0)]), run("newton", 1, [(2.0, 1.0), (1.01, 1.0)])]


def test_with_bounds_the_relative_gap_is_drawn_on_a_logarithm():
    points, encoding = drawn(trace_chart(RUNS))
    assert [(p["method"], p["workers"], p["at"]) for p in points] == [
        ("cocoa", 4, 0), ("cocoa", 4, 1), ("newton", 1, 0), ("newton", 1, 1),
    ], "the gap of 0 has no place on a logarithm"  # fmt: skip
    assert [p["height"] for p in points] == pytest.approx([1.0, 0.5, 1.0, 0.01])
    assert encoding["y"]["scale"]["type"] == "log"
    assert encoding["y"]["title"] == "relative gap"
    assert encoding["color"]["field"] == "method"
    assert encoding["strokeDash"]["field"] == "workers"


def test_without_a_bound_the_loss_is_drawn():
    points, encoding = drawn(trace_chart([*RUNS, run("sgd", 1, [(-1.0, None), (math.inf, None), (math.nan, None)])]))
    assert [p["height"] for p in points] == [2.0, 1.5, 1.0, 2.0, 1.01, -1.0]
    assert encoding["y"]["scale"].get("type") != "log"
    assert encoding["y"]["title"] == "loss"


def test_by_seconds_the_wall_goes_to_the_right():
    points, encoding = drawn(trace_chart(RUNS, by="seconds"))
    assert [p["at"] for p in points] == [s.wall_s for t in RUNS for s in t.steps if s.gap]
    assert encoding["x"]["title"] == "seconds of training"


def test_runs_of_one_method_are_lines_of_their_own():
    points, encoding = drawn(trace_chart([RUNS[0], RUNS[0]]))
    assert encoding["detail"]["field"] == "run"
    assert {p["run"] for p in points} == {0, 1}


def test_it_is_a_picture_with_a_line_a_run(tmp_path):
    picture = save_chart(trace_chart(RUNS), tmp_path / "c.svg").read_text()
    assert picture.count('aria-roledescription="line mark"') == 2


def test_nothing_is_refused():
    with pytest.raises(InputError, match="no trace"):
        trace_chart([])
