"""Planning on data: probes are samples, the choice is trained on all rows, and a missing choice is said."""

import numpy as np
import pytest

from learnsys import convex, plan
from learnsys.core.engine import local
from learnsys.core.errors import Incompatible, InputError, TargetNotReached
from learnsys.core.trace import Stop, Target
from learnsys.loop.probe import PROBED, Ask, probe_and_choose, run_choice


@pytest.fixture(scope="module")
def job():
    rng = np.random.default_rng(7)
    X = rng.normal(size=(4000, 8))
    y = (X @ rng.normal(size=8) + rng.normal(size=4000) > 0).astype(int)
    return convex.job(X, y, name="toy")


@pytest.fixture(scope="module")
def planned(job):
    with local(slots=2) as engine:
        return probe_and_choose(job, Ask(target=Target.parse("1e-3")), engine=engine, share=0.25, probe_budget="2s")


def test_probes_are_samples_of_every_method_and_worker_count(job, planned):
    profile, _ = planned
    assert {t.workers for t in profile.traces} == set(PROBED)
    assert {t.method for t in profile.traces} == set(job.methods)
    assert max(t.data.share for t in profile.traces) == 0.25
    assert profile.planning.probes == len(profile.traces)


def test_the_choice_is_trained_on_all_rows_and_can_be_checked(job, planned):
    _, chosen = planned
    with local(slots=2) as engine:
        trace, model = run_choice(job, chosen, engine=engine)
    assert trace.data.share == 1
    assert trace.ended == "target"
    assert model.inputs[0].shape == (None, 8)
    validation = plan.validate(chosen, trace)
    assert [c.quantity for c in validation.checks] == ["rounds", "seconds"]
    assert validation.checks[0].actual == trace.rounds


def test_a_budget_is_kept(job):
    with local(slots=1) as engine:
        _, chosen = probe_and_choose(job, Ask(budget="0.2s", workers="1"), engine=engine, share=0.5, probe_budget="1s")
        trace, _ = run_choice(job, chosen, engine=engine)
    assert trace.ended in ("time", "rounds")
    assert chosen.budget_s == 0.2


def test_another_loss_than_planned_is_refused_before_training(job, planned):
    _, chosen = planned
    X, y = job.problem.X, job._labels
    other = convex.job(X, y, name="toy", loss="hinge")
    with local(slots=1) as engine, pytest.raises(Incompatible, match=r"loss logistic.*hinge"):
        run_choice(other, chosen, engine=engine, on_step=lambda step: pytest.fail("it trained"))


def test_a_plan_without_a_choice_trains_nothing(job, planned):
    import msgspec

    _, chosen = planned
    hopeless = msgspec.structs.replace(
        chosen.candidates[0], time_s=None, rounds=None, quality=None, why="never reaches it"
    )
    none = msgspec.structs.replace(chosen, candidates=(hopeless,))
    with local(slots=1) as engine, pytest.raises(TargetNotReached, match="looser target"):
        run_choice(job, none, engine=engine)


def test_a_loss_is_probed_on_all_rows_or_refused_before_any_probe(job):
    ask = Ask(target=Target(kind="loss", value=0.6))
    with local(slots=1) as engine:
        profile, chosen = probe_and_choose(job, ask, engine=engine, methods="newton", probe_budget="1s")
        with pytest.raises(InputError, match="share 1"):
            probe_and_choose(job, ask, engine=engine, share=0.5, on_trace=lambda trace: pytest.fail("it probed"))
    assert {t.data.share for t in profile.traces} == {1.0}
    assert chosen.choice is not None


def test_newton_on_sixteen_workers_is_predicted_from_one_two_and_four(job):
    target = Target.parse("1e-6")
    with local(slots=2) as engine:

        def run(workers):
            return job.run("newton", workers=workers, stop=Stop(target=target), engine=engine)[0]

        chosen = plan.choose([run(p) for p in (1, 2, 4)], target=target, workers="1-16")
        trace = run(16)
    check = plan.validate(chosen, trace).checks[0]
    assert check.inside
    assert check.predicted.high <= 3 * check.predicted.median
