import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.plan import naive
from tests.plan.simulated import SimulatedJob
from tests.plan.strategies import gaps, quick

from learnsys.core.errors import Incompatible, InputError, TooFewPoints
from learnsys.core.recorder import Recorder
from learnsys.core.trace import Target, Trace
from learnsys.plan.curves import Curve, Scale, check_one_job, minimum_of, rows_of, scale_of

REL = Target(kind="rel", value=1e-4)


def trace_of(losses, *, lower: float | None = 1.0, method="m", **facts) -> Trace:
    recorder = Recorder(method, job="toy")
    for loss in losses:
        recorder.step(loss, lower=lower)
    return replace(recorder.finish("rounds"), **facts)


@quick
@given(gaps, st.floats(1e-8, 5))
def test_crossing_is_where_a_run_would_have_stopped(relative_gaps, level):
    trace = trace_of([np.inf, *(1 + g for g in relative_gaps)])
    scale = scale_of([trace], REL, 1)
    curve = Curve.of(trace, scale, REL)
    first = naive.first_round([np.inf, *(s.rel for s in trace.steps[1:])], level)
    assume(abs(np.log([s.rel for s in trace.steps[1:]] / np.float64(level))).min() > 1e-6)
    crossed = curve.crossing(np.array([scale.depth(level)]))[0]
    assert (first is None) == np.isnan(crossed)
    if first is not None and level < scale.top:
        assert np.ceil(crossed - 1e-9) == first


@quick
@given(st.floats(1e-9, 1e9), st.floats(-10, 10), st.floats(1e-12, 1e6))
def test_quality_undoes_depth(top, minimum, left):
    scale = Scale(kind="loss", top=top, minimum=minimum)
    assert scale.quality(scale.depth(minimum + left)) == pytest.approx(minimum + left, abs=1e-9 * top, rel=1e-6)


def test_the_minimum_is_infinitely_deep_and_divergence_infinitely_high():
    scale = Scale(kind="gap", top=1.0)
    assert scale.depth(0.0) == scale.depth(-1e-9) == np.inf
    assert scale.depth(np.inf) == -np.inf


@quick
@given(gaps)
def test_depth_only_grows(relative_gaps):
    trace = trace_of([1 + g for g in relative_gaps])
    curve = Curve.of(trace, scale_of([trace], REL, 1), REL)
    assert all(a < b for a, b in zip(curve.depth, curve.depth[1:], strict=False))
    assert all(a < b for a, b in zip(curve.rounds, curve.rounds[1:], strict=False))
    grid = curve.grid()
    assert len(grid) >= 8 or curve.deepest == 0
    assert np.isfinite(curve.crossing(grid)).all()


def test_curves_of_unlike_depth_share_a_grid():
    scale = Scale(kind="rel", top=2.0)
    short, deep = (Curve.of(trace_of(losses), scale, REL).grid() for losses in ([3.0, 2.9, 2.8], [3.0, 1.1, 1.0001]))
    fine, coarse = np.diff(short[:-1])[0], np.diff(deep[:-1])[0]
    assert fine < coarse == 0.5
    assert np.log2(coarse / fine) % 1 == 0


def test_a_run_that_stays_where_it_is_is_stuck():
    improving = trace_of([2.0, *(1 + 0.8 ** np.arange(1, 20))])
    stays = trace_of([2.0, 1.5, *[1.4] * 18])
    scale = Scale(kind="rel", top=1.0)
    assert not Curve.of(improving, scale, REL).stuck
    assert Curve.of(stays, scale, REL).stuck
    assert Curve.of(replace(improving, ended="diverged"), scale, REL).stuck


def test_the_least_loss_is_found_from_the_tail_of_a_linear_run():
    losses = 0.3 + 0.9 ** np.arange(30)
    assert minimum_of([trace_of(losses, lower=None)]) == pytest.approx(0.3, abs=0.01)


@quick
@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=20), st.floats(0, 0.1))
def test_the_estimated_minimum_lies_between_the_bound_and_the_best(losses, lower):
    best = min(losses)
    assert minimum_of([trace_of(losses, lower=None)]) <= best
    assert lower <= minimum_of([trace_of(losses, lower=lower)]) <= best


def test_rows_are_the_share_of_all_rows():
    job = SimulatedJob(n=1000)
    assert rows_of(job.probes(share=0.25, rounds=1)[0]) == 250
    assert rows_of(trace_of([2.0, 1.5])) == 1


def test_no_traces_and_traces_without_rounds_are_refused():
    with pytest.raises(TooFewPoints, match="plan profile"):
        check_one_job([])
    with pytest.raises(TooFewPoints, match="holds no round"):
        check_one_job([trace_of([1.0])])


@pytest.mark.parametrize(
    ("fact", "says"),
    [({"job": "other"}, "toy and other"), ({"source": "imported"}, "measured and imported"),
     ({"engine": "ray"}, "local and ray")],
)  # fmt: skip
def test_traces_of_different_things_are_refused_naming_both(fact, says):
    with pytest.raises(Incompatible, match=says):
        check_one_job([trace_of([2.0, 1.5]), trace_of([2.0, 1.5], **fact)])


def test_traces_of_different_data_are_refused_naming_both():
    a = trace_of([2.0, 1.5])
    b = replace(a, data=replace(a.data, name="flights", digest="abcd" * 16))
    with pytest.raises(Incompatible, match="unnamed and flights abcdabcd"):
        check_one_job([a, b])


@pytest.mark.parametrize(
    ("params", "says"),
    [({"loss": "hinge", "lam": 0.1}, "loss: logistic and hinge"),
     ({"loss": "logistic", "lam": 0.2}, "lam x rows: 0.1 and 0.2")],
)  # fmt: skip
def test_traces_of_different_problems_are_refused_naming_both(params, says):
    silent = trace_of([2.0, 1.5])
    known = trace_of([2.0, 1.5], params={"loss": "logistic", "lam": 0.1})
    check_one_job([silent, known, known])
    with pytest.raises(Incompatible, match=says):
        check_one_job([silent, known, trace_of([2.0, 1.5], params=params)])


def test_a_gap_needs_a_bound():
    with pytest.raises(Incompatible, match=r"no lower bound.*--target loss="):
        scale_of([trace_of([2.0, 1.5], lower=None)], REL, 1)


def test_a_loss_below_the_bound_is_refused_with_the_bound():
    with pytest.raises(InputError, match="at least 1;"):
        scale_of([trace_of([2.0, 1.5])], Target(kind="loss", value=0.9), 1)


def test_a_loss_of_a_sample_is_not_the_loss_of_all_rows():
    traces = SimulatedJob(n=1000).probes(share=0.1, rounds=3)
    with pytest.raises(Incompatible, match=r"1,000 rows.*probed on 100.*--share 1"):
        scale_of(traces, Target(kind="loss", value=0.6), 1000)
