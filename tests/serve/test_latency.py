import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serve import naive

from learnsys.serve.latency import Percentiles, histogram, slices

samples = st.lists(st.floats(1e-6, 100.0), min_size=1, max_size=200)


@given(samples)
def test_percentiles_agree_with_counting(seconds):
    p = Percentiles.of(seconds)
    got = (p.p50_s, p.p90_s, p.p99_s, p.p999_s, p.max_s)
    assert got == tuple(naive.percentile(seconds, q) for q in (0.5, 0.9, 0.99, 0.999, 1.0))


def test_percentiles_agree_with_numpy_on_many():
    seconds = np.random.default_rng(0).lognormal(-6, 1, 5000)
    p = Percentiles.of(seconds)
    want = np.quantile(seconds, [0.5, 0.9, 0.99, 0.999], method="inverted_cdf")
    assert [p.p50_s, p.p90_s, p.p99_s, p.p999_s] == pytest.approx(want)


@given(samples)
def test_every_sample_is_in_one_bin(seconds):
    bins = histogram(seconds)
    assert sum(b.count for b in bins) == len(seconds)
    for b in bins:
        inside = sum(b.low_s * (1 - 1e-9) <= x < b.high_s * (1 + 1e-9) for x in seconds)
        assert inside >= b.count
    assert all(a.high_s <= b.low_s * (1 + 1e-9) for a, b in itertools.pairwise(bins))


def test_no_samples_no_bins():
    assert histogram([]) == ()


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0, 1), st.booleans()), min_size=1, max_size=100))
def test_slices_hold_every_request_once(requests):
    due, latency, good = map(np.array, zip(*requests, strict=True))
    cut = slices(due, latency, good, slo_s=0.1)
    assert 1 <= len(cut) <= 60
    assert sum(s.due for s in cut) == len(due)
    assert sum(s.within for s in cut) == sum(good & (latency <= 0.1))
    assert all(s.within <= s.due for s in cut)
    for s in cut:
        inside = latency[good & (due >= s.start_s) & (due < s.start_s + s.width_s)]
        if s.p50_s is not None and inside.size:
            assert inside.min() <= s.p50_s <= s.p99_s <= latency[good].max()
