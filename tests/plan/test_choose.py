import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.plan.simulated import Method, SimulatedJob, linear, slow_tail, superlinear, two_phase
from tests.plan.strategies import quick

from learnsys.core.errors import Incompatible, InputError, TooFewPoints
from learnsys.core.recorder import Recorder
from learnsys.core.result import encode_json
from learnsys.core.trace import Stop, Target
from learnsys.plan import Plan, PlanningCost, choose

JOB = SimulatedJob(noise=0.03)
TRACES = JOB.probes(share=0.1, rounds=60) + JOB.probes(share=0.025, rounds=60, workers=(1, 4))
COST = PlanningCost(wall_s=1.0, cpu_s=2.0, compile_s=0.5, probes=len(TRACES))


def random_job(seed):
    """Two methods of random pace, clock and care for workers."""
    rng = np.random.default_rng(seed)
    laws = {
        "lin": Method(
            linear(rng.uniform(0.1, 1.5), rng.choice([0, 0.1, 0.5, 1.0])), fixed_s=10 ** rng.uniform(-3, -1.5),
            row_s=10 ** rng.uniform(-7, -6), fan_in_s=10 ** rng.uniform(-5, -3), rows_power=rng.choice([0, 0, 0.1]),
        ),
        "sup": Method(
            superlinear(rng.uniform(0.3, 2), rng.uniform(1.4, 2.2)), fixed_s=10 ** rng.uniform(-2.5, -1.5),
            row_s=10 ** rng.uniform(-6.5, -5.5), first_s=0.02,
        ),
    }  # fmt: skip
    return SimulatedJob(laws=laws, noise=0.08, n=int(10 ** rng.uniform(5, 6)))


@pytest.fixture(scope="module")
def outcomes():
    """Plans for twenty random jobs, and what then happened to every candidate."""
    pairs, regrets = [], []
    target = Target(kind="rel", value=1e-4)
    for seed in range(20):
        job = random_job(seed)
        near = {"target": target, "rounds": 60, "seed": seed}
        plan = choose(
            job.probes(share=0.08, **near) + job.probes(share=0.02, workers=(1, 4), **near),
            target=target,
            workers="1-32",
        )
        ran = {
            (c.method, c.workers): job.run(c.method, workers=c.workers, stop=Stop(target=target), seed=1000 + seed)[0]
            for c in plan.candidates
        }
        pairs += [(c, ran[c.method, c.workers]) for c in plan.candidates]
        took = {key: t.last.wall_s for key, t in ran.items()}
        regrets.append(took[plan.choice.method, plan.choice.workers] / min(took.values()) - 1)
    return pairs, regrets


def test_intervals_hold_the_truth_about_as_often_as_they_say(outcomes):
    pairs, _ = outcomes
    inside = np.array(
        [
            (c.probed, c.rounds.low <= t.rounds <= c.rounds.high, c.time_s.low <= t.last.wall_s <= c.time_s.high)
            for c, t in pairs
        ]
    )
    for probed in (True, False):
        rounds, time = inside[inside[:, 0] == probed, 1:].mean(axis=0)
        assert rounds >= 0.85
        assert time >= 0.85
    narrow = [c.time_s.high / c.time_s.low for c, _ in pairs if c.probed]
    assert np.median(narrow) < 4, "an interval that holds everything says nothing"


def test_intervals_hold_tails_that_are_slower_than_the_beginning():
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        growth = rng.choice([0.0, 0.2, 0.5])
        fast = rng.uniform(0.3, 1.0)
        laws = {
            "turns": Method(two_phase(fast, fast / rng.uniform(4, 12), rng.uniform(4, 5), growth), row_s=1e-7),
            "slows": Method(slow_tail(rng.uniform(1, 5), rng.uniform(0.4, 0.7), growth), row_s=1e-7),
        }
        job = SimulatedJob(laws=laws, noise=0.05, n=100_000)
        # Probes end half as deep as the target, in digits, and about where the first law turns.
        plan = choose(job.probes(rounds=100, target=Target(kind="rel", value=1e-2)), target=1e-4, workers="1-8")
        for c in plan.candidates:
            ran, _ = job.run(c.method, workers=c.workers, stop=Stop(target=plan.target), seed=100 + seed)
            inside.append(
                (c.rounds.low <= ran.rounds <= c.rounds.high, c.time_s.low <= ran.last.wall_s <= c.time_s.high)
            )
    assert np.mean(inside, axis=0).min() >= 0.8


def test_medians_are_near_the_truth(outcomes):
    pairs, _ = outcomes
    off = [abs(np.log(t.last.wall_s / c.time_s.median)) for c, t in pairs]
    assert np.median(off) < 0.25


def test_the_choice_is_seldom_regretted(outcomes):
    _, regrets = outcomes
    assert np.median(regrets) < 0.1
    assert np.mean(regrets) < 0.25


@pytest.mark.parametrize("asked", [{"target": 1e-4}, {"budget": "500ms"}])
def test_the_choice_is_the_best_prediction(asked):
    plan = choose(TRACES, workers="1-16", **asked)
    value = [(c.time_s or c.quality).median for c in plan.candidates if c.time_s or c.quality]
    assert (plan.choice.time_s or plan.choice.quality).median == min(value)
    assert value == sorted(value)


@quick
@given(st.sampled_from([1e-2, 1e-4, 1e-6]), st.floats(0.05, 20))
def test_seconds_scale_with_the_clock_and_the_choice_stays(target, k):
    slower = [replace(t, steps=tuple(replace(s, wall_s=k * s.wall_s) for s in t.steps)) for t in TRACES]
    a, b = choose(TRACES, target=target), choose(slower, target=target)
    assert (a.choice.method, a.choice.workers) == (b.choice.method, b.choice.workers)
    assert b.choice.time_s.median == pytest.approx(k * a.choice.time_s.median)
    assert b.choice.rounds == a.choice.rounds


def test_one_worker_is_an_answer():
    costly = SimulatedJob(laws={"m": Method(linear(0.5, 1.0), fixed_s=0.001, row_s=1e-8, fan_in_s=0.01)})
    plan = choose(costly.probes(rounds=30), target=1e-4, workers="1-64")
    assert plan.choice.workers == 1
    assert "faster than the next" in plan.choice.why


def test_of_equals_the_fewest_workers_come_first():
    same = SimulatedJob(laws={"m": Method(superlinear(0.5), fixed_s=0.1, row_s=0.0)})
    plan = choose(same.probes(rounds=8), target=1e-4, workers="1-8")
    assert [c.workers for c in plan.candidates] == [1, 2, 4, 8]


def test_a_method_that_never_gets_there_is_shown():
    job = SimulatedJob(floor=4.0)
    plan = choose(job.probes(rounds=100), target=1e-4)
    assert plan.choice is None
    assert len(plan.candidates) == 6
    assert all("stuck" in c.why for c in plan.candidates)
    assert "stuck" in plan.table().markdown()


def test_the_answer_names_its_seconds():
    assert choose(TRACES, target=1e-4).source == "measured"
    assert choose(TRACES, target=1e-4, slots=1).source == "measured"
    for cluster in ({"network": "10gbps"}, {"slots": 16}):
        plan = choose(TRACES, target=1e-4, workers="1-16", **cluster)
        assert plan.source == "simulated cluster"
        assert "simulated cluster" in plan.table().notes[0]
        assert any("one exchange a round" in note for note in plan.notes()) == ("network" in cluster)


def test_a_cluster_is_faster_than_two_slots_and_a_slow_network_slower():
    here, there, slow = (
        choose(TRACES, target=1e-4, workers=16, **more).candidate("newton", 16).time_s.median
        for more in ({}, {"network": "10gbps"}, {"network": "1s,10gbps"})
    )
    assert there < here < slow


def test_the_cost_of_planning_is_told_and_includes_the_fit():
    plan = choose(TRACES, target=1e-4, planning=COST)
    assert plan.planning.cpu_s > COST.cpu_s
    assert plan.planning.probes == COST.probes
    assert any(note.startswith("planning took 2") for note in plan.table().notes)


def test_planning_that_took_longer_than_the_run_says_so():
    dear, cheap = (replace(COST, wall_s=s) for s in (1e6, 1e-6))
    said = ["\n".join(choose(TRACES, target=1e-4, planning=cost).notes()) for cost in (dear, cheap)]
    assert ["longer than the run it is for" in text for text in said] == [True, False]


def test_a_plan_survives_storage(tmp_path):
    plan = choose(TRACES, target=1e-4, workers="1-16", network="10gbps", planning=COST)
    assert msgspec.json.decode(encode_json(plan), type=Plan) == plan
    assert Plan.read(plan.save(tmp_path / "plan.json")) == plan


def test_without_bounds_the_loss_is_planned():
    job = SimulatedJob(bounded=False)
    traces = job.probes(rounds=40)
    plan = choose(traces, target="loss=0.501")
    rounds, _ = job.truth(plan.choice.method, plan.choice.workers, 0.001 / 0.5)
    assert plan.choice.rounds.low <= rounds <= plan.choice.rounds.high
    reached = choose(traces, budget="10s").choice.quality
    assert reached.median == pytest.approx(0.5, abs=1e-3)


def test_rows_can_be_others_than_were_probed():
    more, less = (choose(TRACES, target=1e-4, rows=n).choice.time_s.median for n in (4e6, 4e4))
    assert more > 3 * less


def test_it_warns_of_what_it_leans_on():
    other = replace(TRACES[0], host=replace(TRACES[0].host, cpu="another"))
    plan = choose([other, *TRACES[1:]], target=1e-4, workers="1-64")
    said = " ".join(plan.warnings)
    assert "2 kinds of hosts" in said
    assert "32 workers and more are far from the 4" in said
    assert "40,000 of 400,000 rows" in said
    whole = choose(JOB.probes(rounds=10), target=1e-2)
    assert whole.warnings == ()


@pytest.mark.parametrize(
    ("asked", "says"),
    [({}, "give a target or a budget"), ({"target": 1e-4, "budget": "1s"}, "not both"), ({"budget": 0}, "no time"),
     ({"budget": -1}, "at least 0"), ({"budget": "soon"}, "no duration"), ({"target": 0}, "not positive"),
     ({"target": "good"}, "no target"), ({"target": 1e-4, "workers": "0-4"}, "at least 1"),
     ({"target": 1e-4, "level": 1.5}, "between 0 and 1"), ({"target": 1e-4, "slots": 0}, "slots is 0"),
     ({"target": 1e-4, "rows": 0}, "rows is 0"),
     ({"target": 1e-4, "rows": float("nan")}, "rows is nan"), ({"target": 1e-4, "network": "x"}, "no network")],
)  # fmt: skip
def test_bad_questions_are_refused(asked, says):
    with pytest.raises(InputError, match=says):
        choose(TRACES, **asked)


def test_no_traces_are_refused():
    with pytest.raises(TooFewPoints, match="no traces"):
        choose([], target=1e-4)


def test_one_worker_count_is_refused_with_the_next_step_unless_it_is_all_that_is_asked():
    alone = [t for t in TRACES if t.workers == 1]
    with pytest.raises(TooFewPoints, match=r"--workers 1,2"):
        choose(alone, target=1e-4, workers="1-4")
    assert choose(alone, target=1e-4).choice.workers == 1
    assert choose(alone, target=1e-4, workers=1).choice.workers == 1


def test_traces_of_two_jobs_are_refused_naming_both():
    with pytest.raises(Incompatible, match="pretend and another"):
        choose([*TRACES, *SimulatedJob(job="another").probes(rounds=3)], target=1e-4)


@pytest.mark.parametrize(("seconds_on_two", "workers"), [(0.96, 1), (0.80, 2)])
def test_another_worker_has_to_be_worth_it(seconds_on_two, workers):
    law = {"lin": Method(linear(0.5), fixed_s=1.0, row_s=0.0)}
    job = SimulatedJob(laws=law, noise=0.0)
    (one, two) = (t for t in job.probes(rounds=60, workers=(1, 2)))
    quicker = replace(two, steps=tuple(replace(s, wall_s=s.wall_s * seconds_on_two) for s in two.steps))
    plan = choose([one, quicker], target=1e-4)
    assert plan.choice.workers == workers
    others = [c for c in plan.candidates if c is not plan.choice]
    assert all(("not worth the workers" in c.why) == (workers == 1) for c in others)


def recorded(losses, *, workers=1, method="m", lower=None, ended="rounds"):
    recorder = Recorder(method, job="toy", workers=workers)
    for loss in losses:
        recorder.step(loss, lower=lower)
    return recorder.finish(ended)


@pytest.mark.parametrize("lower", [None, 0.1])
@pytest.mark.parametrize("asked", [{"budget": "1s"}, {"target": "loss=0.5"}])
def test_runs_that_only_get_worse_are_no_choice(asked, lower):
    plan = choose([recorded(np.arange(1.0, 12.0), workers=p, lower=lower) for p in (1, 2)], **asked)
    assert plan.choice is None
    assert all("where it started" in c.why for c in plan.candidates)


@pytest.mark.parametrize("asked", [{"budget": "1s"}, {"target": "loss=0.5"}])
def test_runs_without_one_finite_loss_are_refused(asked):
    with pytest.raises(TooFewPoints, match="no step of the 2 traces has a finite loss"):
        choose([recorded([np.nan] * 4, workers=p) for p in (1, 2)], **asked)


def test_a_diverged_run_has_no_quality_within_a_budget():
    fine = [recorded(1 + 0.5 ** np.arange(12.0), workers=p, lower=1.0) for p in (1, 2)]
    wild = [recorded([2.0, 1.5, 9.0, 1e9], workers=p, lower=1.0, method="wild", ended="diverged") for p in (1, 2)]
    plan = choose(fine + wild, budget="1s")
    assert plan.choice.method == "m"
    assert all(plan.candidate("wild", p).quality is None for p in (1, 2))
    assert all(plan.candidate("wild", p).why == "its probe diverged" for p in (1, 2))


def test_runs_that_reach_the_minimum_are_equals():
    plan = choose([recorded([2.0, 1.0, 1.0], workers=p, lower=1.0) for p in (1, 2)], budget="1s")
    assert {c.why.split(";")[0] for c in plan.candidates} <= {"as good as the next", "as good"}


@pytest.mark.parametrize("asked", [{"target": 5.0}, {"target": "loss=9"}, {"target": "gap=9"}])
def test_a_target_that_is_met_at_the_start_takes_a_round(asked):
    traces = [recorded(1 + 0.5 ** np.arange(12.0), workers=p, lower=1.0) for p in (1, 2)]
    assert choose(traces, **asked).choice.rounds.median == 1


def test_a_method_without_bounds_on_samples_is_named_under_a_budget():
    job = SimulatedJob()
    bare = [replace(t, steps=tuple(replace(s, lower=None) for s in t.steps)) for t in job.probes(share=0.1)[:3]]
    with pytest.raises(Incompatible, match=r"slow has no bound, so that the measure is the loss.*leave slow out") as no:
        choose([*bare, *job.probes(share=0.1)[3:]], budget="1s")
    assert "inf" not in str(no.value)


@quick
@given(st.floats(0.02, 50), st.sampled_from([0.01, 0.5, 0.9, 0.99]))
def test_the_median_lies_in_its_interval(budget, level):
    for c in choose(TRACES, budget=budget, workers="1-16", level=level).candidates:
        for e in (c.rounds, c.quality):
            assert e is None or e.low <= e.median <= e.high


def test_more_workers_than_rows_are_left_out_and_that_is_said():
    job = SimulatedJob(n=6)
    plan = choose(job.probes(rounds=20), target=1e-2, workers="1-16")
    assert {c.workers for c in plan.candidates} == {1, 2, 4}
    assert "8 workers and more are left out: there are 6 rows" in plan.warnings
    with pytest.raises(InputError, match="8 workers are more than the 6 rows"):
        choose(job.probes(rounds=20), target=1e-2, workers="8-16")
