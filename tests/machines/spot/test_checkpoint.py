import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.machines.spot import naive

from learnsys.core.errors import InputError
from learnsys.machines.spot.checkpoint import best_period, expected_time


@pytest.mark.parametrize(("c", "m"), [(1, 100), (60, 3600), (300, 1000), (20, 1e6)])
def test_the_best_period_is_the_best_of_all(c, m):
    assert best_period(c, m) == pytest.approx(naive.best_period(c, m), rel=2e-3)


@given(st.floats(0.1, 100), st.floats(1e3, 1e6))
def test_approximations_are_near_where_checkpoints_are_cheap(c, m):
    if c < m / 100:
        assert naive.daly_period(c, m) == pytest.approx(best_period(c, m), rel=0.01)
        assert naive.young_period(c, m) == pytest.approx(best_period(c, m), rel=0.15)


@pytest.mark.parametrize(("work", "period", "c", "d"), [(3000, 700, 50, 100), (500, 900, 30, 0), (4000, 1000, 0, 300)])
def test_expected_time_agrees_with_random_failures(work, period, c, d):
    rng = np.random.default_rng(1)
    times = [naive.time_under_failures(work, period, c, d, 2000, rng) for _ in range(6000)]
    told = expected_time(work, period, checkpoint_s=c, restart_s=d, lifetime_s=2000)
    assert told == pytest.approx(np.mean(times), abs=4 * np.std(times) / np.sqrt(len(times)))


def test_without_failures_only_the_overheads_are_added():
    assert expected_time(1000, 300, checkpoint_s=10, restart_s=5, lifetime_s=np.inf) == 1000 + 3 * 10 + 5


def test_a_period_no_life_allows_never_ends():
    assert expected_time(1e6, 1e6, checkpoint_s=1, restart_s=1, lifetime_s=1) == np.inf


@given(st.floats(10, 1e4), st.floats(0.3, 3))
def test_no_other_period_is_expected_to_be_faster(m, factor):
    c, work = m / 50, 1000 * m
    best = best_period(c, m)
    told = [expected_time(work, p, checkpoint_s=c, restart_s=0, lifetime_s=m) for p in (best, factor * best)]
    assert told[0] <= told[1] * (1 + 1e-2)


def test_nonsense_is_refused():
    with pytest.raises(InputError, match="lifetime > 0"):
        best_period(1, 0)
    with pytest.raises(InputError, match="positive"):
        expected_time(0, 1, checkpoint_s=0, restart_s=0, lifetime_s=1)
