import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan import naive
from tests.plan.simulated import Method, SimulatedJob, linear
from tests.plan.strategies import quick

from learnsys.core.trace import Target
from learnsys.plan.candidate import Question, assess
from learnsys.plan.clock import Clock
from learnsys.plan.curves import Curve, scale_of
from learnsys.plan.forecast import Forecast

REL = Target(kind="rel", value=1e-3)
JOB = SimulatedJob(laws={"m": Method(linear(0.3, 0.5), first_s=0.1)}, n=100_000, noise=0.03)
TRACES = JOB.probes(rounds=25, share=0.2)
SCALE = scale_of(TRACES, REL, JOB.n)
FORECAST = Forecast([Curve.of(t, SCALE, REL) for t in TRACES], JOB.n)
CLOCK = Clock.measured(TRACES, slots=2)


def ask(p=2, *, target=None, budget_s=None, level=0.9, forecast=FORECAST):
    goal = None if target is None else Target(kind="rel", value=target)
    question = Question(target=goal, budget_s=budget_s, scale=SCALE, rows=JOB.n, level=level)
    return assess(question, "m", p, forecast, CLOCK)


@pytest.mark.parametrize("p", [1, 4, 16])
def test_the_interval_is_that_of_drawn_rounds_and_seconds(p):
    found = ask(p, target=1e-4)
    depth = SCALE.depth(1e-4)
    needed = FORECAST.rounds(np.array([depth]), p)[0]
    drawn = naive.quantile_of_time(
        CLOCK.first_s(p, JOB.n), CLOCK.round_s(p, JOB.n), needed,
        FORECAST.log_sd(depth, p), CLOCK.log_sd(p, JOB.n), [0.05, 0.5, 0.95],
    )  # fmt: skip
    np.testing.assert_allclose([found.time_s.low, found.time_s.median, found.time_s.high], drawn, rtol=0.06)


@quick
@given(st.floats(1e-7, 0.5), st.floats(1e-7, 0.5), st.sampled_from([1, 2, 3, 16]))
def test_a_harder_target_never_takes_less(a, b, p):
    easy, hard = (ask(p, target=t) for t in (max(a, b), min(a, b)))
    assert easy.rounds.median <= hard.rounds.median
    assert easy.time_s.median <= hard.time_s.median


@quick
@given(st.floats(0.2, 100), st.floats(0.2, 100), st.sampled_from([1, 2, 3, 16]))
def test_a_larger_budget_never_reaches_less(a, b, p):
    short, long = (ask(p, budget_s=t) for t in (min(a, b), max(a, b)))
    if short.quality is not None:
        assert long.quality.median <= short.quality.median
        assert long.rounds.median >= short.rounds.median


@quick
@given(st.floats(1e-6, 0.5), st.floats(0.5, 0.99), st.sampled_from([1, 2, 8]))
def test_estimates_are_ordered_and_whole_rounds(target, level, p):
    found = ask(p, target=target, level=level)
    for e in (found.rounds, found.time_s):
        assert e.low <= e.median <= e.high
    assert found.rounds.median == int(found.rounds.median) >= 1


def test_budget_and_target_are_two_sides_of_one_curve():
    reached = ask(2, budget_s=1.0).quality.median
    assert ask(2, target=reached * 1.0001).time_s.median <= 1.0
    assert ask(2, target=reached * 0.5).time_s.median > 1.0


def test_a_budget_below_the_first_round_reaches_nothing():
    found = ask(2, budget_s=0.01)
    assert found.quality is None
    assert "not one round" in found.why


def test_what_lies_beyond_the_probes_says_so():
    assert "probes reached" in ask(2, target=1e-9).why
    assert ask(2, target=0.3).why == ""
    assert "from 1, 2, 4 workers" in ask(3, target=0.3).why


def test_a_count_that_one_probed_count_cannot_tell_is_left_open():
    alone = Forecast([Curve.of(t, SCALE, REL) for t in TRACES if t.workers == 1], JOB.n)
    assert ask(1, target=1e-2, forecast=alone).time_s is not None
    other = ask(2, target=1e-2, forecast=alone)
    assert other.time_s is None
    assert other.why == "probed on 1 worker only"


def test_a_stuck_probe_says_where():
    job = SimulatedJob(laws={"m": Method(linear(0.5))}, n=100_000, floor=3.0)
    traces = job.probes(rounds=40)
    stuck = Forecast([Curve.of(t, SCALE, REL) for t in traces], job.n)
    found = ask(2, target=1e-3, forecast=stuck)
    assert found.time_s is None
    assert found.why == "its probe got stuck at 0.05"
    assert ask(2, target=0.1, forecast=stuck).rounds.median == 5


def test_the_curve_for_the_chart_falls():
    rounds, quality = np.array(ask(4, target=1e-5).curve).T
    assert (np.diff(rounds) >= 0).all()
    assert (np.diff(quality) < 0).all()
    assert quality[-1] <= 1e-5 * 1.01
