"""The stopwatch counts training only, each second once, whatever is inside whatever."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core import recorder as module
from learnsys.core.engine.types import EngineStats
from learnsys.core.recorder import Recorder
from learnsys.core.trace_file import decode_traces, encode_traces


class Clock:
    """Time that passes when it is told to; a second on the wall burns two of CPU."""

    def __init__(self):
        self.now = 100.0

    def sleep(self, seconds):
        self.now += seconds

    def perf_counter(self):
        return self.now

    def process_time(self):
        return 2 * self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_training_is_on_the_clock_and_the_rest_is_kept_apart(clock):
    recorder = Recorder("sgd")
    with recorder.compiling():
        clock.sleep(5)
    clock.sleep(1)
    with recorder.evaluating():
        clock.sleep(3)
    first = recorder.step(0.5)
    clock.sleep(2)
    second = recorder.step(0.4)
    assert (first.wall_s, first.cpu_s, first.eval_s) == (1, 2, 3)
    assert (second.wall_s, second.cpu_s, second.eval_s) == (3, 6, 3)
    assert recorder.finish("rounds").compile_s == 5


def test_a_step_noted_while_evaluating_counts_no_evaluation(clock):
    recorder = Recorder("sgd")
    clock.sleep(1)
    with recorder.evaluating():
        clock.sleep(10)
        inside = recorder.step(0.5)
        clock.sleep(10)
    clock.sleep(1)
    after = recorder.step(0.4)
    assert (inside.wall_s, inside.eval_s) == (1, 10)
    assert (after.wall_s, after.eval_s) == (2, 20)


def test_compiling_while_evaluating_is_counted_once(clock):
    recorder = Recorder("sgd")
    with recorder.evaluating():
        clock.sleep(1)
        with recorder.compiling():
            clock.sleep(10)
        clock.sleep(1)
    step = recorder.step(0.5)
    assert (step.wall_s, step.eval_s) == (0, 2)
    assert recorder.finish("rounds").compile_s == 10


def test_an_error_inside_stops_the_pause(clock):
    recorder = Recorder("sgd")
    with pytest.raises(KeyError), recorder.evaluating():
        {}["while the clock is stopped"]
    clock.sleep(2)
    assert recorder.step(0.5).wall_s == 2


def test_a_callback_is_no_training_and_can_ask_for_the_end(clock):
    seen = []

    def on_step(step):
        seen.append(step)
        clock.sleep(7)
        return step.loss < 0.45

    recorder = Recorder("sgd", on_step=on_step)
    recorder.step(0.5)
    assert not recorder.interrupted
    clock.sleep(1)
    recorder.step(0.4)
    assert recorder.interrupted
    recorder.step(0.6)
    assert recorder.interrupted, "once asked for, the end stays asked for"
    assert [s.wall_s for s in seen] == [0, 1, 1]
    assert tuple(seen) == recorder.steps


@quick
@given(st.lists(st.tuples(st.sampled_from(["train", "evaluate", "compile", "step"]), st.integers(0, 9)), max_size=20))
def test_every_second_is_counted_once(events):
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", clock)
        recorder, spent = Recorder("sgd"), {"train": 0, "evaluate": 0, "compile": 0}
        for what, seconds in events:
            if what == "step":
                step = recorder.step(1.0)
                assert (step.wall_s, step.cpu_s, step.eval_s) == (spent["train"], 2 * spent["train"], spent["evaluate"])
                continue
            spent[what] += seconds
            if what == "train":
                clock.sleep(seconds)
            else:
                with recorder.evaluating() if what == "evaluate" else recorder.compiling():
                    clock.sleep(seconds)
        assert recorder.finish("rounds").compile_s == spent["compile"]


@quick
@given(st.lists(st.none() | st.floats(-10, 10) | st.just(float("nan")), min_size=1, max_size=9))
def test_the_best_bound_is_kept(bounds):
    recorder, best = Recorder("sgd"), None
    for bound in bounds:
        if bound is not None and bound == bound:
            best = bound if best is None else max(best, bound)
        assert recorder.step(1.0, lower=bound).lower == best


def test_bytes_and_foreign_cpu_seconds_are_those_since_it_began(clock):
    stats = EngineStats(bytes_sent=1000, bytes_received=2000, cpu_s=50)
    recorder = Recorder("sgd", stats=stats)
    recorder.step(1.0)
    stats.bytes_sent += 10
    stats.bytes_received += 20
    stats.cpu_s += 5
    with recorder.evaluating():
        stats.cpu_s += 100
    step = recorder.step(0.9)
    assert (step.bytes_sent, step.bytes_received, step.cpu_s, step.wall_s) == (10, 20, 5, 0)


def test_the_trace_says_what_was_given_and_can_be_kept():
    recorder = Recorder("sgd", job="toy", params={"lam": np.float64(0.1), "passes": np.int64(3)}, workers=4, slots=2)
    for loss in np.array([1.0, 0.5]):
        recorder.step(loss, lower=np.float32(0.25), part_s=tuple(np.ones(4)))
    trace = recorder.finish("target")
    assert (trace.method, trace.job, trace.workers, trace.slots, trace.ended) == ("sgd", "toy", 4, 2, "target")
    assert [s.iteration for s in trace.steps] == [0, 1]
    assert decode_traces(encode_traces([trace]), "memory") == [trace]
    assert trace.id != Recorder("sgd").finish("rounds").id
