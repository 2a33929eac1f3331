import pytest
from hypothesis import given, settings
from tests.machines.spot.strategies import jobs, make_pool, pools

from learnsys.machines.spot.bound import least_cost
from learnsys.machines.spot.foresight import Foresight, Settings
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress
from learnsys.machines.spot.simulate import simulate
from learnsys.machines.spot.types import SpotJob


@settings(deadline=None)
@given(pools(), pools(zone="z2"), jobs())
def test_no_policy_costs_less(one, two, job):
    least = least_cost([one, two], job, 0.0)
    for policy in (OnDemand(), Greedy(), UniformProgress(), Foresight(Settings(steps=24))):
        assert simulate(policy, [one, two], job).cost_usd >= least - 1e-9


def test_spot_that_never_goes_costs_work_and_one_start():
    job = SpotJob(work_s=3600, deadline_s=7200, on_demand_usd_hour=1, spot_usd_hour=0.5, restart_s=360)
    assert least_cost([make_pool([])], job, 0.0) == pytest.approx(0.5 * 1.1)


def test_without_spot_it_is_the_work_on_demand():
    job = SpotJob(work_s=3600, deadline_s=7200, on_demand_usd_hour=1, spot_usd_hour=0.5)
    assert least_cost([make_pool([], up=False)], job, 0.0) == pytest.approx(1.0)
