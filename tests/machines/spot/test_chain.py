import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool

from learnsys.machines.spot.chain import BINS, EDGES_S, PRIOR_DOWN, PRIOR_UP, age_bin, estimate_chain
from learnsys.machines.spot.series import Past, track


def alternating(up, down, rng, n=4000, zone="z"):
    """A pool with exponential spells."""
    lengths = np.ravel([rng.exponential(up, n), rng.exponential(down, n)], order="F").round(3) + 1e-3
    return make_pool(np.cumsum(lengths)[:-1].tolist(), end=float(lengths.sum()), zone=zone)


def chain_of(*pools, prior_s=60.0, half_life_s=1e12):
    now = min(p.end_s for p in pools) - 1
    return estimate_chain(
        Past([track(p, 1.0, 0.3) for p in pools], now), since=-np.inf, half_life_s=half_life_s, prior_s=prior_s
    )


def test_a_memoryless_pool_has_the_same_hazard_at_all_ages():
    chain = chain_of(alternating(3600, 1800, np.random.default_rng(0)))
    assert chain.up[:4] == pytest.approx(np.full(4, 1 / 3600), rel=0.15)
    assert chain.down[:4] == pytest.approx(np.full(4, 1 / 1800), rel=0.15)
    assert chain.available == pytest.approx(2 / 3, abs=0.03)
    assert chain.hop == 0


def test_nothing_seen_leaves_the_prior():
    chain = estimate_chain(Past([track(make_pool([60]), 1.0, 0.3)], 0.0), since=0.0, half_life_s=1e5, prior_s=1e4)
    assert chain.up * 3600 == pytest.approx(np.array(PRIOR_UP), rel=1e-6)
    assert chain.down * 3600 == pytest.approx(np.array(PRIOR_DOWN), rel=1e-6)


def test_a_second_pool_is_hopped_to():
    rng = np.random.default_rng(1)
    one, two = alternating(3600, 1800, rng), alternating(3600, 1800, rng, zone="y")
    # The other is down when one comes here: it is up again at rate u, down at v, and this one ends at rate v, so
    # u / (u + v) (1 - v / (u + 2 v)) = 2/3 x 3/4.
    assert chain_of(one, two).hop == pytest.approx(0.5, abs=0.04)


def test_what_is_long_past_weighs_less():
    rng = np.random.default_rng(2)
    old, new = rng.exponential(600, 400) + 1, rng.exponential(7200, 100) + 1
    times = np.cumsum(np.ravel([np.concatenate([old, new]), np.full(500, 600.0)], order="F"))
    pool = make_pool(times[:-1].tolist(), end=float(times[-1]))
    assert chain_of(pool, half_life_s=86400.0).lifetime_s > 3 * chain_of(pool).lifetime_s


def test_a_hole_ends_no_spell():
    pool = make_pool([3600, 7200], end=10800)
    pool.available[1] = np.nan
    chain = chain_of(pool, prior_s=1e-6)
    assert chain.up[:3] == pytest.approx(np.zeros(3), abs=1e-4)


@pytest.mark.parametrize("dt", [60.0, 1200.0, 7200.0])
def test_steps_are_probabilities(dt):
    up, down, ageing = chain_of(alternating(3600, 1800, np.random.default_rng(3), n=50)).step(dt)
    assert ((up >= 0) & (up <= 1) & (down >= 0) & (down <= 1)).all()
    assert ageing.sum(axis=1) == pytest.approx(np.ones(BINS))
    assert np.triu(ageing) == pytest.approx(ageing)  # nothing grows younger


def test_ages_fall_into_their_bins():
    assert [age_bin(t) for t in (0, EDGES_S[1] - 1, EDGES_S[1], 1e9)] == [0, 0, 1, BINS - 1]
