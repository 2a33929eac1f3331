"""Gap, target and stop mean what their words say, on any step."""

import math

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.core.strategies import finite, quick, steps, traces

from learnsys.core.errors import InputError
from learnsys.core.recorder import Recorder
from learnsys.core.trace import Step, Stop, Target
from learnsys.core.trace_file import read_traces

positive = st.floats(1e-12, 1e6)
targets = st.builds(Target, kind=st.sampled_from(["rel", "gap", "loss"]), value=positive)


def step(loss=1.0, lower=None, *, iteration=0, wall_s=0.0, cpu_s=0.0):
    return Step(iteration=iteration, wall_s=wall_s, cpu_s=cpu_s, eval_s=0.0, loss=loss, lower=lower)


@quick
@given(targets)
def test_a_target_is_read_as_it_is_written(target):
    rounded = msgspec.structs.replace(target, value=float(f"{target.value:g}"))
    assert Target.parse(str(rounded)) == rounded
    assert Target.parse(target) is target


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [("1e-4", "rel", 1e-4), (1e-4, "rel", 1e-4), ("rel=0.1", "rel", 0.1), ("gap=1e-6", "gap", 1e-6),
     ("loss=-3", "loss", -3.0), ("loss=0", "loss", 0.0)],
)  # fmt: skip
def test_reads(text, kind, value):
    assert Target.parse(text) == Target(kind=kind, value=value)


@pytest.mark.parametrize(
    "text", ["", "fast", "0", "-1e-3", "gap=0", "gap=", "auc=0.7", "loss=nan", "inf", "loss=inf", "nan"]
)
def test_refuses_what_no_run_could_reach(text):
    with pytest.raises(InputError, match="write"):
        Target.parse(text)


@quick
@given(finite, st.floats(0, 1e6), targets)
def test_once_met_a_target_stays_met_when_loss_falls_and_bound_rises(lower, gap, target):
    worse = step(lower + gap, lower)
    better = step(lower + gap / 2, lower + gap / 4)
    assume(worse.loss >= better.loss and (lower >= 0 or target.kind != "rel"))  # abs(lower) must not shrink
    if target.met(worse):
        assert target.met(better)


@quick
@given(st.floats(0.1, 10), st.floats(0, 10), st.floats(0.1, 10))
def test_the_relative_gap_does_not_know_the_unit_of_the_loss(lower, gap, k):
    assert step(k * (lower + gap), k * lower).rel == pytest.approx(step(lower + gap, lower).rel, abs=1e-12)


def test_the_gap_is_not_clamped_and_absent_without_a_bound():
    assert step(1.0, 1.0 + 1e-12).gap < 0
    assert (step(1.0).gap, step(1.0).rel) == (None, None)
    assert step(1.0, 0.0).rel == math.inf
    assert step(0.0, 0.0).rel == 0.0
    assert not Target.parse("1e9").met(step(1.0))
    assert Target.parse("loss=1").met(step(1.0))


@pytest.mark.parametrize("loss", [math.nan, math.inf])
@pytest.mark.parametrize("target", ["1e9", "gap=1e9", "loss=1e9"])
def test_a_run_that_went_astray_never_meets_a_target(loss, target):
    assert not Target.parse(target).met(step(loss, 0.5))


def test_a_run_ends_at_the_first_limit_and_target_comes_before_time():
    stop = Stop(target=Target.parse("loss=0.5"), rounds=10, wall_s=60, cpu_s=90)
    assert stop.reason(step(iteration=9, wall_s=59, cpu_s=89)) is None
    assert stop.reason(step(iteration=10)) == "rounds"
    assert stop.reason(step(wall_s=60)) == "time"
    assert stop.reason(step(cpu_s=90)) == "time"
    assert stop.reason(step(0.5, iteration=10, wall_s=60)) == "target"
    assert Stop().reason(step(iteration=10**9, wall_s=1e9, cpu_s=1e9)) is None


@quick
@given(traces.filter(lambda t: t.steps), targets)
def test_first_is_the_first_that_met_the_target(trace, target):
    first = trace.first(target)
    met = [s for s in trace.steps if target.met(s)]
    assert first is (met[0] if met else None)


@quick
@given(traces.filter(lambda t: t.steps))
def test_the_table_has_a_row_a_step_and_last_is_the_end(trace):
    table = trace.table()
    assert [row[0] for row in table.rows] == [s.iteration for s in trace.steps]
    assert table.text()
    assert trace.last is trace.steps[-1]
    assert trace.rounds == trace.last.iteration


@quick
@given(steps)
def test_a_better_bound_never_widens_the_gap(s):
    assume(s.lower is not None and math.isfinite(s.loss) and math.isfinite(s.lower))
    better = msgspec.structs.replace(s, lower=s.lower + abs(s.lower) * 0.5 + 1)
    assert better.gap <= s.gap


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
@quick
@given(trace=traces)
def test_a_saved_trace_can_be_read_again(tmp_path_factory, suffix, trace):
    assert read_traces(trace.save(tmp_path_factory.getbasetemp() / f"saved{suffix}")) == [trace]


def test_a_trace_saves_and_draws_as_any_result(tmp_path):
    from learnsys.core.recorder import Recorder

    recorder = Recorder("sgd")
    for loss in (1.0, 0.5, 0.4):
        recorder.step(loss, lower=0.3)
    trace = recorder.finish("rounds")
    assert trace.save(tmp_path / "t.csv").read_text().startswith("round,wall [s]")
    assert trace.save(tmp_path / "t.svg").read_text().startswith("<svg")
    assert "seconds of training" in trace.chart("time").to_json()


def test_in_hindsight_every_step_has_the_best_bound():
    recorder = Recorder("toy")
    for loss, lower in ((2.0, 0.0), (1.2, 0.5), (1.1, 1.0)):
        recorder.step(loss, lower=lower)
    trace = recorder.finish("rounds")
    assert [s.rel for s in trace.in_hindsight] == pytest.approx([1.0, 0.2, 0.1])
    assert all(h.gap <= s.gap for h, s in zip(trace.in_hindsight, trace.steps, strict=True))


def test_a_target_finer_than_rounding_is_refused():
    with pytest.raises(InputError, match="finer than float64"):
        Target.parse("1e-30")
    assert Target.parse("1e-14").value == 1e-14
