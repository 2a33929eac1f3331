import re

import pytest
from msgspec.structs import replace
from tests.plan.simulated import SimulatedJob

from learnsys.core.errors import Incompatible, TargetNotReached, UnknownName
from learnsys.core.trace import Stop
from learnsys.plan import choose, validate

JOB = SimulatedJob(noise=0.03)
TRACES = JOB.probes(share=0.1, rounds=80)
PLAN = choose(TRACES, target=1e-4)
IN_TIME = choose(TRACES, budget="1s")


def run(method="newton", workers=2, *, job=JOB, **stop):
    return job.run(method, workers=workers, stop=Stop(**stop), seed=7)[0]


def test_compares_rounds_and_seconds():
    trace = run(target=PLAN.target)
    checked = validate(PLAN, trace)
    rounds, seconds = checked.checks
    assert (rounds.quantity, seconds.quantity) == ("rounds", "seconds")
    assert (rounds.actual, seconds.actual) == (trace.rounds, trace.last.wall_s)
    assert rounds.predicted == PLAN.candidate("newton", 2).rounds
    assert seconds.ratio == trace.last.wall_s / PLAN.candidate("newton", 2).time_s.median
    assert rounds.inside
    assert seconds.inside


def test_a_run_beyond_the_target_is_measured_where_it_passed():
    passed = validate(PLAN, run(rounds=10)).checks
    ended = validate(PLAN, run(target=PLAN.target)).checks
    assert [c.actual for c in passed] == [c.actual for c in ended]


def test_outside_is_said():
    slow = run(target=PLAN.target)
    slow = replace(slow, steps=tuple(replace(s, wall_s=100 * s.wall_s) for s in slow.steps))
    rounds, seconds = validate(PLAN, slow).checks
    assert rounds.inside
    assert not seconds.inside
    assert validate(PLAN, slow).table().text()[1][-1] == "no"


def test_compares_what_was_reached_in_the_budget():
    checked = validate(IN_TIME, run(rounds=10))
    assert [c.quantity for c in checked.checks] == ["rounds", "relative gap"]
    within = [s for s in run(rounds=10).steps if s.wall_s <= 1.0]
    assert checked.checks[0].actual == within[-1].iteration
    assert checked.checks[1].actual == within[-1].rel


CLUSTER = choose(TRACES, target=1e-4, network="10gbps")


@pytest.mark.parametrize(
    ("plan", "workers", "facts", "says"),
    [(CLUSTER, 4, {}, "simulated cluster, the run's for measured"), (PLAN, 2, {"engine": "ray"}, "engine local.*ray"),
     (PLAN, 2, {"slots": 1}, "workers at once 2.*1")],
)  # fmt: skip
def test_seconds_of_another_clock_are_not_compared_and_that_is_said(plan, workers, facts, says):
    checked = validate(plan, replace(run(workers=workers, target=PLAN.target), **facts))
    assert [c.quantity for c in checked.checks] == ["rounds"]
    (note,) = checked.table().notes
    assert re.search(says, note)


def test_slots_beyond_the_workers_change_no_seconds():
    assert len(validate(PLAN, replace(run(workers=2, target=PLAN.target), slots=8)).checks) == 2
    assert validate(PLAN, run(target=PLAN.target)).table().notes == ()


def test_a_budget_on_another_clock_is_checked_after_the_rounds_that_were_predicted():
    plan = choose(TRACES, budget="1s", network="10gbps")
    rounds = int(plan.candidate("newton", 4).rounds.median)
    trace = run(workers=4, rounds=rounds + 2)
    (check,) = validate(plan, trace).checks
    assert check.quantity == "relative gap"
    assert check.actual == trace.steps[rounds].rel
    with pytest.raises(TargetNotReached, match=rf"{rounds} rounds.*predicted, and 1 done"):
        validate(plan, run(workers=4, rounds=1))


def test_an_input_of_the_plan_cannot_check_it():
    with pytest.raises(Incompatible, match="was an input"):
        validate(PLAN, TRACES[0])


@pytest.mark.parametrize(
    ("job", "says"), [(SimulatedJob(job="other"), "job pretend.*other"), (SimulatedJob(n=7), "rows 400,000.*7")]
)
def test_runs_of_something_else_are_refused(job, says):
    with pytest.raises(Incompatible, match=says):
        validate(PLAN, run(job=job, rounds=2))


def test_a_run_of_another_problem_is_refused_naming_both():
    hinge, logistic = ({"loss": loss, "lam": 0.1} for loss in ("hinge", "logistic"))
    plan = choose([replace(t, params={**hinge, "lam": 1.0}) for t in TRACES], target=1e-4)
    assert plan.settings == {"loss": "hinge", "lam x rows": 40_000.0}
    trace = run(target=plan.target)
    assert validate(plan, replace(trace, params=hinge)).checks
    with pytest.raises(Incompatible, match=r"loss hinge.*logistic"):
        validate(plan, replace(trace, params=logistic))


def test_a_candidate_that_was_not_planned_is_unknown():
    with pytest.raises(UnknownName, match="newton on 3"):
        validate(PLAN, run(workers=3, target=PLAN.target))


def test_a_run_that_missed_the_target_is_a_failure_that_says_what_was():
    with pytest.raises(TargetNotReached, match=r"after 1 rounds at 0\.49"):
        validate(PLAN, run(rounds=1))


def test_a_prediction_of_never_that_was_wrong_is_said():
    hopeless = choose(SimulatedJob(floor=3.0).probes(rounds=60), target=1e-4)
    with pytest.raises(TargetNotReached, match=r"never gets there \(its probe got stuck at 0.05\), but it did in 4"):
        validate(hopeless, run(target=PLAN.target))


def test_nothing_within_the_budget_is_nothing_to_compare():
    with pytest.raises(TargetNotReached, match="nothing to compare"):
        validate(choose(TRACES, budget="1ms"), run(rounds=2))
