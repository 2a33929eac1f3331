import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.machines.spot import naive
from tests.machines.spot.strategies import make_pool

from learnsys.core.errors import InputError
from learnsys.machines.spot.series import Past, track
from learnsys.machines.spot.survival import DEFAULT_LIFETIME_S, kaplan_meier, mean_lifetime, up_survival

SPELLS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=25)


@given(SPELLS, st.integers(0, 40))
def test_agrees_with_counting(spells, t):
    lengths, ended = zip(*spells, strict=True)
    assert kaplan_meier(lengths, ended).survives(t) == pytest.approx(naive.kaplan_meier(lengths, ended, t))


@given(SPELLS, st.integers(0, 40))
def test_the_interval_holds_the_estimate_and_stays_within_0_and_1(spells, t):
    s = kaplan_meier(*zip(*spells, strict=True))
    low, high = s.interval(t)
    assert 0 <= low <= s.survives(t) + 1e-12
    assert s.survives(t) <= high + 1e-12 <= 1 + 2e-12


def test_the_interval_covers_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        life, seen = rng.exponential(100, 60), rng.uniform(20, 300, 60)
        low, high = kaplan_meier(np.minimum(life, seen), life <= seen).interval(80)
        hits += low <= np.exp(-0.8) <= high
    assert 0.86 <= hits / 400 <= 0.94


def test_without_censoring_it_is_the_share_that_lasted():
    assert kaplan_meier([1, 2, 3, 4], [True] * 4).survives(2.5) == 0.5


def test_nothing_seen_says_nothing():
    s = kaplan_meier([], [])
    assert (s.survives(5), s.interval(5), s.lifetime_s) == (1.0, (0.0, 1.0), np.inf)


def test_lifetime_is_time_over_ends_pulled_to_the_default():
    past = Past([track(make_pool([3600, 7200, 9000], end=20000), 1.0, 0.3)], 10000.0)
    assert up_survival(past, 0).lifetime_s == pytest.approx((3600 + 1800) / 2)
    assert mean_lifetime(past) == pytest.approx((5400 + DEFAULT_LIFETIME_S) / 3)


def test_uneven_columns_and_negative_lengths_are_refused():
    with pytest.raises(InputError, match="2 lengths, but 1 ends"):
        kaplan_meier([1, 2], [True])
    with pytest.raises(InputError, match="at least 0"):
        kaplan_meier([-1.0], [True])
