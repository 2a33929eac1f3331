import itertools

import numpy as np
import pytest
from hypothesis import given
from tests.series import strategies

from learnsys.core.errors import UnknownName
from learnsys.series.estimate.weights import CAP, voronoi, weighted
from learnsys.series.types import Samples


def naive_voronoi(t, cap):
    """Each stamp's cell, one by one; samples of a stamp share it."""
    stamps = sorted(set(t.tolist()))
    if len(stamps) < 2:
        return np.ones(len(t))
    gaps = [b - a for a, b in itertools.pairwise(stamps)]
    cells = {}
    for i, stamp in enumerate(stamps):
        before = gaps[i - 1] if i else gaps[0]
        after = gaps[i] if i < len(gaps) else gaps[-1]
        cells[stamp] = min((before + after) / 2, cap * sum(gaps) / len(gaps))
    weights = np.array([cells[v] / t.tolist().count(v) for v in t.tolist()])
    return weights / weights.mean()


@given(strategies.samples())
def test_cells_equal_their_slow_twin(samples):
    fast = weighted(samples)
    for d in range(len(samples)):
        t, x, w = fast.one(d)
        np.testing.assert_allclose(w, naive_voronoi(t, CAP), rtol=1e-12)
        np.testing.assert_array_equal(x, samples.one(d)[1])


def test_a_regular_series_weighs_the_same_everywhere_and_no_sample_stands_for_a_long_gap():
    np.testing.assert_allclose(voronoi(np.arange(10.0)), 1.0)
    t = np.concatenate([np.arange(50.0), 1000 + np.arange(50.0)])
    assert voronoi(t).max() < 2 * CAP * np.diff(t).mean() / np.median(np.diff(t))
    assert weighted(Samples.of({"a": (t, t)}), "uniform").w.tolist() == [1.0] * 100


def test_no_other_way():
    with pytest.raises(UnknownName, match="voronoi"):
        weighted(Samples.of({}), "inverse")
