import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.machines.spot import naive
from tests.machines.spot.strategies import SPAN_S, jobs, make_pool, pools

from learnsys.core.errors import InputError
from learnsys.machines.spot.foresight import Foresight, Settings
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress
from learnsys.machines.spot.simulate import simulate
from learnsys.machines.spot.types import IDLE, ON_DEMAND, Pool, SpotJob

JOB_2H = SpotJob(work_s=3600, deadline_s=7200, on_demand_usd_hour=1, spot_usd_hour=0.3)


class Whim:
    """A policy that does anything, to try the guard with."""

    name = "whim"

    def __init__(self, seed):
        self.seed = seed

    def begin(self, job, past):
        rng = np.random.default_rng(self.seed)

        def decide(view):
            if rng.random() < 0.7:
                return view.place, 60.0
            return int(rng.choice([IDLE, ON_DEMAND, *range(len(view.up))])), float(rng.choice([30.0, 600.0, np.inf]))

        return decide


POLICIES = [OnDemand(), Greedy(), UniformProgress(), UniformProgress(hysteresis=False), UniformProgress(tight=0.6),
            Foresight(Settings(steps=24))]  # fmt: skip


@settings(deadline=None)
@given(pools(), pools(zone="z2"), jobs(), st.integers(0, 10**6))
def test_no_policy_is_late_and_every_second_is_accounted_for(one, two, job, seed):
    for policy in [*POLICIES, Whim(seed)]:
        run = simulate(policy, [one, two], job)
        assert run.met, (policy.name, run.finish_s - job.deadline_s)
        assert run.on_demand_s + run.spot_s + run.idle_s == pytest.approx(run.finish_s, abs=1e-3)
        used = run.restart_s + run.checkpoint_s + run.lost_s + job.work_s
        assert run.on_demand_s + run.spot_s == pytest.approx(used, abs=1e-3)
        usd = (run.on_demand_s * job.on_demand_usd_hour + run.spot_s * job.spot_usd_hour) / 3600
        assert run.cost_usd == pytest.approx(usd, abs=1e-6)
        ends = [s.end_s for s in run.segments]
        assert [s.start_s for s in run.segments[1:]] == ends[:-1]


@settings(deadline=None)
@given(pools(), jobs(), st.integers(1, SPAN_S - 1))
def test_what_happens_later_does_not_change_what_was_done_before(pool, job, now):
    keep = pool.times_s <= now
    times = np.append(pool.times_s[keep], now)
    bare = np.full(len(times), np.nan)
    other = Pool(zone="z1", instance="v", times_s=times[np.diff(times, append=np.inf) > 0], price_usd_hour=bare[
        np.diff(times, append=np.inf) > 0], available=np.append(pool.available[keep], 1.0)[
        np.diff(times, append=np.inf) > 0], end_s=pool.end_s)  # fmt: skip
    for policy in POLICIES:
        one, two = (_until(simulate(policy, [p], job), now) for p in (pool, other))
        assert one == two, policy.name


def _until(run, now):
    return [(s.start_s, min(s.end_s, now), s.place, s.doing) for s in run.segments if s.start_s < now]


@settings(deadline=None)
@given(pools(), jobs())
def test_greedy_agrees_with_its_twin_of_seconds(pool, job):
    job = msgspec.structs.replace(job, checkpoint_s=0.0, migration_s=0.0)
    run, (usd, finish) = simulate(Greedy(), [pool], job), naive.greedy_by_seconds(pool, job, 0.0)
    assert run.finish_s == pytest.approx(finish, abs=2)
    assert run.cost_usd == pytest.approx(usd, abs=5 / 3600)


def test_a_preemption_takes_the_work_since_the_last_checkpoint():
    job = SpotJob(work_s=3600, deadline_s=5 * 3600, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=60,
                  checkpoint_s=40, period_s=600)  # fmt: skip
    run = simulate(Greedy(), [make_pool([2000, 2600])], job)
    # 60 start, then three periods of 600 + 40 end at 1980: 20 s of work are lost at 2000.
    assert (run.lost_s, run.preemptions) == (pytest.approx(20), 1)
    assert run.finish_s == pytest.approx(2600 + 60 + 1800 + 2 * 40)


def test_the_price_is_paid_as_it_moves_and_a_bid_keeps_dear_hours_out():
    pool = Pool(zone="z", instance="v", kind="price", times_s=np.array([0.0, 3600.0, 7200.0]), available=np.ones(3),
                price_usd_hour=np.array([0.2, 0.6, 0.1]), end_s=20000.0)  # fmt: skip
    job = SpotJob(work_s=7200, deadline_s=15000, on_demand_usd_hour=1, restart_s=0)
    assert simulate(Greedy(), [pool], job).cost_usd == pytest.approx(0.2 + 0.6)
    careful = simulate(Greedy(), [pool], msgspec.structs.replace(job, bid_usd_hour=0.5))
    assert careful.cost_usd == pytest.approx(0.2 + 0.1)
    assert careful.finish_s == pytest.approx(10800)


def test_another_zone_costs_a_migration():
    one, two = make_pool([3000]), make_pool([100], up=False, zone="z2")
    job = SpotJob(
        work_s=5000, deadline_s=4 * 3600, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=60, migration_s=240
    )
    run = simulate(Greedy(), [one, two], job)
    assert run.moves == 2
    assert run.finish_s == pytest.approx(5000 + 60 + 300 + 0)


@pytest.mark.parametrize("period", [1.0, 30.0, 900.0])
def test_no_save_begins_that_a_preemption_would_make_too_long(period):
    """Savings longer than the spare time, capacity lost in the middle of one."""
    job = SpotJob(work_s=4 * 3600, deadline_s=5 * 3600, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=60,
                  checkpoint_s=900, period_s=period)  # fmt: skip
    for lost in range(1000, 4000, 50):
        assert simulate(Greedy(), [make_pool([lost])], job).met


def test_a_start_outside_the_history_is_refused_with_the_span():
    with pytest.raises(InputError, match="start between 1970-01-01T00:00 and 1970-01-01T04:00"):
        simulate(Greedy(), [make_pool([60])], JOB_2H, start_s=-5.0)


def test_a_job_beyond_the_history_is_refused():
    job = SpotJob(work_s=3600, deadline_s=SPAN_S + 1, on_demand_usd_hour=1, spot_usd_hour=0.3)
    with pytest.raises(InputError, match="observed together for 6 h"):
        simulate(Greedy(), [make_pool([60])], job)


def test_an_impossible_deadline_is_refused_with_the_least_one():
    with pytest.raises(InputError, match=r"at least 1\.083h"):
        SpotJob(work_s=3600, deadline_s=3700, on_demand_usd_hour=1, restart_s=300)


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_a_policy_that_argues_with_itself_is_stopped(seed):
    class Flip:
        name = "flip"

        def begin(self, job, past):
            return lambda view: (ON_DEMAND if view.place == IDLE else IDLE, 1.0)

    job = SpotJob(work_s=3600, deadline_s=3 * 3600 + seed, on_demand_usd_hour=1, spot_usd_hour=0.3)
    with pytest.raises(RuntimeError, match="flip"):
        simulate(Flip(), [make_pool([60])], job)
