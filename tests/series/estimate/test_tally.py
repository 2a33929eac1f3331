import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.series.estimate.tally import Tally

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-(10**15), 10**15), st.integers(-9, 9)), min_size=1, max_size=60
)


def tallied(rows, cuts=()):
    tally = Tally()
    codes, t, x = (np.array(part) for part in zip(*rows, strict=True))
    for part in np.split(np.arange(len(rows)), sorted(cut % len(rows) for cut in cuts)):
        known = int(codes[: part[-1] + 1].max()) + 1 if part.size else 0
        tally.add(known, codes[part].astype(np.int32), t[part], x[part].astype(float))
    return tally


@given(ROWS, st.lists(st.integers(0, 60), max_size=4))
def test_counts_and_moments_are_those_of_the_samples(rows, cuts):
    tally = tallied(rows, cuts)
    for d in range(tally.n.size):
        mine = [(t, x) for c, t, x in rows if c == d]
        t, x = np.array([t for t, _ in mine], np.int64), np.array([x for _, x in mine], float)
        gaps = np.diff(t)
        assert tally.n[d] == t.size
        assert tally.repeated[d] == (gaps == 0).sum()
        assert tally.disorder[d] == (gaps < 0).sum()
        assert tally.quantum[d] == (np.gcd.reduce(np.abs(gaps)) if gaps.size else 0)
        if t.size:
            assert (tally.first[d], tally.last[d]) == (t.min(), t.max())
            assert (tally.least[d], tally.greatest[d]) == (x.min(), x.max())
            np.testing.assert_allclose(tally.mean[d], x.mean(), atol=1e-12)
            np.testing.assert_allclose(tally.variance[d], x.var(), atol=1e-10)


@given(st.lists(st.integers(1, 10**14), min_size=1, max_size=50))
def test_gaps(gaps):
    t = np.concatenate([[0], np.cumsum(gaps)])
    tally = tallied([(0, s, 0) for s in t])
    g = np.array(gaps) / 1e9
    np.testing.assert_allclose(tally.gap_cv()[0], g.std() / g.mean(), atol=1e-6)
    low, high = np.quantile(g, 0.5, method="inverted_cdf"), np.quantile(g, 0.5, method="higher")
    assert low * 2 ** (-1 / 8) <= tally.median_gap_s()[0] <= high * 2 ** (1 / 8)
    assert 0 <= tally.share_in_gaps(3.0)[0] <= 1


def test_a_grid_is_told_exactly():
    tally = tallied([(0, 60 * 10**9 * k, 0) for k in range(100)])
    assert tally.median_gap_s()[0] == 60
    assert tally.gap_cv()[0] < 1e-6
    assert tally.share_in_gaps(10.0)[0] == 0


def test_a_night_is_a_gap():
    t = np.concatenate([np.arange(100), 1000 + np.arange(100)])
    tally = tallied([(0, int(s) * 10**9, 0) for s in t])
    np.testing.assert_allclose(tally.share_in_gaps(10.0)[0], 901 / 1099)


def test_seconds_are_stamps_too_but_not_of_any_size():
    tally = Tally()
    tally.add(1, np.zeros(3, np.int32), np.array([0.0, 0.1, 0.3]), np.zeros(3))
    assert tally.quantum[0] == 10**8
    with pytest.raises(InputError, match="292 years"):
        tally.add(1, np.zeros(1, np.int32), np.array([1e10]), np.zeros(1))
    with pytest.raises(AttributeError):
        _ = tally.mode
