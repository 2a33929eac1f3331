import msgspec
import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool

from learnsys.machines.spot.bid import best_bid, break_even, stays_under
from learnsys.machines.spot.types import Pool, SpotJob

HOUR = 3600.0
JOB = SpotJob(work_s=4 * HOUR, deadline_s=9 * HOUR, on_demand_usd_hour=1, restart_s=300, checkpoint_s=60)


def prices(values, each=HOUR):
    """A pool whose price changes at fixed times."""
    return Pool(zone="z", instance="v", kind="price", times_s=each * np.arange(len(values)),
                price_usd_hour=np.array(values), available=np.ones(len(values)), end_s=each * len(values))  # fmt: skip


def test_a_higher_bid_keeps_capacity_longer():
    pool = prices([0.2, 0.3, 0.6, 0.2, 0.8, 0.3, 0.2, 0.2])
    low, high = stays_under(pool, 0.3), stays_under(pool, 0.7)
    assert (low.lifetime_s, high.lifetime_s) == (3 * HOUR, 7 * HOUR)
    assert low.survives(1.5 * HOUR) < high.survives(1.5 * HOUR)


def test_capacity_that_never_goes_is_worth_the_price_on_demand():
    job = msgspec.structs.replace(JOB, checkpoint_s=0.0)
    assert break_even(job, np.inf) == pytest.approx(1.0)
    assert break_even(JOB, HOUR) < break_even(JOB, 10 * HOUR) < 1.0


def test_dear_hours_are_not_worth_bidding_for():
    pool = prices([0.2, 0.2, 0.2, 0.99] * 24)
    bid = best_bid(pool, JOB, np.linspace(0, 80 * HOUR, 8).tolist())
    assert 0.2 <= bid < 0.99


def test_without_prices_there_is_nothing_to_bid():
    assert best_bid(make_pool([60]), JOB, [0.0]) is None
