import pytest
from tests.plan.simulated import LAWS, Method, SimulatedJob, linear, superlinear

from learnsys.core.engine import local
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.trace import Step, Target
from learnsys.plan import choose, profile
from learnsys.plan.profile import _Race

JOB = SimulatedJob()


@pytest.fixture(scope="module")
def engine():
    with local(slots=1) as engine:
        yield engine


def test_probes_every_method_on_every_count_and_two_samples(engine):
    found = profile(JOB, engine=engine)
    main = {(t.method, t.workers) for t in found.traces if t.data.share == 0.08}
    small = {(t.method, t.workers) for t in found.traces if t.data.share == 0.02}
    assert main == {(m, p) for m in LAWS for p in (1, 2, 4)}
    assert small == {(m, p) for m in LAWS for p in (1, 4)}
    assert found.planning.probes == len(found.traces) == 10
    assert found.planning.cpu_s > 0


def test_small_data_is_probed_whole(engine):
    found = profile(SimulatedJob(n=2000), engine=engine, workers="1,2")
    assert [t.data.share for t in found.traces] == [1.0] * 4


def test_the_seconds_of_all_probes_stay_within_the_budget(engine):
    job = SimulatedJob(laws={"m": Method(linear(1e-4), fixed_s=0.01, row_s=0.0)})
    found = profile(job, engine=engine, budget=1.0, workers=(1, 2))
    spent = sum(t.last.wall_s for t in found.traces)
    assert 0.9 < spent < 1.0 + 0.01 * len(found.traces)
    assert set(found.ended) == {"time"}


def test_every_probe_gets_a_round_however_small_the_budget(engine):
    found = profile(JOB, engine=engine, budget="1us")
    assert [t.rounds for t in found.traces] == [1] * 10


def test_what_one_probe_leaves_the_others_may_use(engine):
    laws = {
        "quick": Method(linear(5.0), fixed_s=0.001, row_s=0.0),
        "even": Method(linear(1e-3), fixed_s=0.01, row_s=0.0),
    }
    job = SimulatedJob(laws=laws, n=1000)
    alone = profile(job, engine=engine, budget=0.6, workers=1, methods=["even"])
    after = profile(job, engine=engine, budget=0.6, workers=1, methods=["quick", "even"])
    assert after.traces[1].rounds < alone.traces[0].rounds  # it lost the race
    assert after.ended == ("target", "hopeless")


def test_a_race_that_is_close_is_not_called(engine):
    laws = {"a": Method(linear(1.0), row_s=0.0), "b": Method(linear(0.4), row_s=0.0)}
    found = profile(SimulatedJob(laws=laws, n=1000), engine=engine, workers=1)
    assert found.ended == ("target", "target")


def test_probes_end_at_the_target(engine):
    found = profile(JOB, engine=engine, target=1e-2, methods=["newton"])
    assert set(found.ended) == {"target"}
    assert max(t.rounds for t in found.traces) == 3


def test_traces_are_handed_over_as_they_come(engine):
    seen = []
    found = profile(JOB, engine=engine, on_trace=seen.append, workers=(1, 2))
    assert tuple(seen) == found.traces


def test_a_plan_from_probes_meets_the_truth(engine):
    job = SimulatedJob(
        laws={"slow": Method(linear(0.1, 0.5), row_s=1e-6), "newton": Method(superlinear(0.7), row_s=2e-6)}
    )
    found = profile(job, engine=engine)
    plan = choose(found.traces, target=1e-4, planning=found.planning)
    rounds, seconds = job.truth(plan.choice.method, plan.choice.workers, 1e-4)
    assert plan.choice.method == "newton"
    assert plan.choice.rounds.median == rounds
    assert plan.choice.time_s.median == pytest.approx(seconds, rel=0.1)


def test_a_loss_can_be_the_target(engine):
    job = SimulatedJob(bounded=False, n=1000)
    found = profile(job, engine=engine, target="loss=0.51", workers=(1, 2))
    assert {t.ended for t in found.traces} == {"target"}


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [({"budget": 0}, InputError, "no time"), ({"share": 0}, InputError, "share is 0"),
     ({"share": 1.5}, InputError, "share is 1.5"), ({"workers": "0"}, InputError, "at least 1"),
     ({"methods": []}, InputError, "no method.*slow, newton"), ({"workers": [1.5]}, InputError, "1.5 is no number"),
     ({"methods": ["newtom"]}, UnknownName, "did you mean newton"), ({"target": -1}, InputError, "not positive")],
)  # fmt: skip
def test_bad_questions_are_refused_before_any_probe(engine, asked, error, says):
    with pytest.raises(error, match=says):
        profile(JOB, engine=engine, on_trace=lambda trace: pytest.fail("it probed"), **asked)


def test_one_method_can_be_named_without_a_list(engine):
    found = profile(JOB, engine=engine, methods="newton", workers=1)
    assert {t.method for t in found.traces} == {"newton"}


def test_a_probe_that_leaves_no_gap_has_met_its_target():
    race = _Race(Target(kind="rel", value=1e-4), 1e9, 1e-9)
    steps = [
        Step(iteration=i, wall_s=float(i), cpu_s=0.0, eval_s=0.0, loss=1.0 + (i < 12) / (1 + i), lower=1.0)
        for i in range(13)
    ]
    assert [race(step) for step in steps] == [False] * 13
    assert race.verdict == ""


def test_the_table_says_what_it_cost(engine):
    table = profile(JOB, engine=engine).table()
    assert len(table.rows) == 10
    assert "planning took" in table.notes[0]
    assert "10 s" in table.notes[0]
