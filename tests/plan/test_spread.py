import numpy as np
import pytest

from learnsys.plan.spread import USUAL_SD, Spread, octaves


def test_octaves_count_doublings_to_the_nearest():
    assert octaves(16, [1, 2, 4]) == 2
    assert octaves(3, [1, 2, 4]) == pytest.approx(np.log2(4 / 3))
    assert octaves(2, [1, 2, 4]) == 0


def test_without_errors_it_is_what_is_usual():
    assert Spread.of([], []).near == pytest.approx(USUAL_SD)


def test_many_errors_outvote_what_is_usual():
    errors = 0.5 * np.random.default_rng(0).standard_normal(400)
    spread = Spread.of(errors, errors[:300], 10 * errors[:200])
    assert (spread.near, spread.octave, spread.deeper) == pytest.approx((0.5, 0.5, 5.0), rel=0.1)


def test_good_beginnings_do_not_vouch_for_the_tail():
    spread = Spread.of([0.01] * 50, [0.01] * 50, [0.01] * 50)
    assert np.exp(1.645 * spread.at(2, [2], beyond=np.log(2))) >= 10
    assert np.exp(1.645 * spread.at(2, [2])) < 1.1


def test_it_grows_with_the_distance():
    spread = Spread(near=0.1, octave=0.2, deeper=0.3)
    at = [spread.at(p, [1, 2]) for p in (2, 4, 8, 64)]
    assert at == sorted(at)
    assert at[0] == pytest.approx(0.1)
    assert spread.at(2, [1, 2], beyond=1.0) == pytest.approx(np.hypot(0.1, 0.3))
