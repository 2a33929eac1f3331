import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool

from learnsys.core.errors import InputError
from learnsys.machines.spot.series import DOWN, UNKNOWN, UP, Past, Track, overlap, spells, track
from learnsys.machines.spot.types import Pool


def test_unknown_is_neither_up_nor_down():
    pool = make_pool([10, 20, 30], end=40)
    pool.available[2] = np.nan
    seen = track(pool, 1.0, 0.3)
    assert [seen.state(t) for t in (-1, 0, 10, 20, 30, 40)] == [UNKNOWN, UP, DOWN, UNKNOWN, DOWN, UNKNOWN]
    up, ended = spells(seen.times[:-1], seen.states[:-1], 40, UP)
    down, down_ended = spells(seen.times[:-1], seen.states[:-1], 40, DOWN)
    assert (up.tolist(), ended.tolist()) == ([10], [True])
    assert (down.tolist(), down_ended.tolist()) == ([10, 10], [False, False])  # a hole, and the end of the span


def test_a_job_of_several_nodes_needs_them_all():
    pool = Pool(zone="z", instance="v", nodes=4, times_s=np.array([0.0, 5.0]), available=np.array([3.0, 4.0]),
                price_usd_hour=np.full(2, np.nan), end_s=9.0)  # fmt: skip
    assert Track(pool, 1.0, 0.3).states.tolist() == [DOWN, UP, UNKNOWN]


def test_a_price_above_the_bid_is_no_capacity():
    seen = track(make_pool([10, 20], end=30, price=[0.1, 0.1, 0.5]), 0.4, None)
    assert [seen.state(t) for t in (0, 10, 20)] == [UP, DOWN, DOWN]
    assert seen.next_change(10) == 30


def test_the_cost_is_the_integral_of_the_price():
    seen = track(make_pool([1800, 3600], end=7200, price=[0.2, 0.2, 0.4]), 1.0, None)
    assert seen.cost(0, 7200) == pytest.approx(0.2 + 0.4)
    assert seen.cost(3000, 4000) == pytest.approx((600 * 0.2 + 400 * 0.4) / 3600)
    assert seen.price(3600) == pytest.approx(0.4 / 3600)


def test_no_price_at_all_is_refused():
    with pytest.raises(InputError, match="--spot-price"):
        track(make_pool([10]), 1.0, None)


def test_the_past_ends_now_and_begins_where_asked():
    past = Past([track(make_pool([10, 20, 30], end=100), 1.0, 0.3)], 25.0)
    assert past.seen(0)[0].tolist() == [0, 10, 20]
    times, states = past.seen(0, since=15)
    assert (times.tolist(), states.tolist()) == ([15, 20], [DOWN, UP])
    past.now = 31.0
    assert past.seen(0)[0].tolist() == [0, 10, 20, 30]


def test_pools_of_different_periods_are_refused():
    late = Pool(
        zone="z", instance="v", times_s=np.array([1e6]), available=np.ones(1), price_usd_hour=np.ones(1), end_s=2e6
    )
    with pytest.raises(InputError, match="never observed together"):
        overlap([make_pool([10]), late])
    with pytest.raises(InputError, match="no pool"):
        overlap([])


def test_times_that_go_back_are_refused():
    with pytest.raises(InputError, match="not increasing"):
        Pool(zone="z", instance="v", times_s=np.array([0.0, 5.0, 4.0]), available=np.ones(3), price_usd_hour=np.ones(3),
             end_s=9.0)  # fmt: skip
