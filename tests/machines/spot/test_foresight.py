import numpy as np
import pytest
from tests.machines.spot.test_chain import alternating

from learnsys.machines.spot.foresight import Foresight
from learnsys.machines.spot.policies import Greedy, UniformProgress
from learnsys.machines.spot.simulate import simulate
from learnsys.machines.spot.types import SpotJob

HOUR = 3600.0


def test_it_is_cheaper_than_the_others_where_its_model_is_true():
    rng = np.random.default_rng(0)
    pool = alternating(1.5 * HOUR, 2 * HOUR, rng, n=600)
    job = SpotJob(work_s=12 * HOUR, deadline_s=18 * HOUR, on_demand_usd_hour=1, spot_usd_hour=0.35, restart_s=600)
    starts = np.linspace(100 * HOUR, pool.end_s - job.deadline_s, 60)
    ours, uniform, greedy = (
        np.mean([simulate(p, [pool], job, start_s=s).cost_usd for s in starts])
        for p in (Foresight(), UniformProgress(), Greedy())
    )
    assert ours < 0.97 * uniform
    assert ours < 0.99 * greedy


def test_short_lives_are_not_worth_a_start():
    pool = alternating(300, 1800, np.random.default_rng(1), n=600)
    job = SpotJob(work_s=6 * HOUR, deadline_s=9 * HOUR, on_demand_usd_hour=1, spot_usd_hour=0.4, restart_s=900)
    run = simulate(Foresight(), [pool], job, start_s=100 * HOUR)
    assert run.spot_s < 0.25 * HOUR
    assert run.cost_usd == pytest.approx(job.on_demand_cost_usd, rel=0.05)


def test_plenty_is_waited_for():
    pool = alternating(6 * HOUR, 0.5 * HOUR, np.random.default_rng(2), n=200)
    job = SpotJob(work_s=6 * HOUR, deadline_s=12 * HOUR, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=120)
    run = simulate(Foresight(), [pool], job, start_s=100 * HOUR)
    assert run.on_demand_s == 0
