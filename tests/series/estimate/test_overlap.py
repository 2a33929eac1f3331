import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.series.naive import overlaps

from learnsys.series.estimate.overlap import contrast, wrapped


def design(rng, n, span=10.0):
    return np.sort(rng.uniform(0, span, n + 1)), rng.normal(size=n)


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 30), st.integers(1, 4))
def test_the_contrast_is_the_sum_over_all_pairs(seed, n, m, blocks):
    rng = np.random.default_rng(seed)
    a, b, lags = design(rng, n), design(rng, m), np.linspace(-3, 3, 7)
    edges = np.linspace(0, 10, blocks + 1)
    got = contrast(a, b, lags, edges=edges)
    for l, lag in enumerate(lags):
        products = np.outer(a[1], b[1]) * overlaps(a[0][:-1], a[0][1:], (b[0][:-1] - lag, b[0][1:] - lag))
        for j in range(blocks):
            inside = (a[0][:-1] >= edges[j]) & (a[0][:-1] < edges[j + 1])
            np.testing.assert_allclose(got[j, l], products[inside].sum(), atol=1e-9)
    np.testing.assert_allclose(contrast(a, b, lags)[0], got.sum(axis=0), atol=1e-9)


@given(st.integers(0, 10**6), st.floats(0, 12))
def test_a_wrapped_series_is_shifted_in_a_circle(seed, lag):
    rng = np.random.default_rng(seed)
    a, b = design(rng, 12), design(rng, 9)
    period = 12.0
    once = contrast(a, wrapped(b, period), np.array([lag]))
    parts = contrast(a, b, np.array([lag, lag - period]))
    np.testing.assert_allclose(once[0, 0], parts[0].sum(), atol=1e-9)


def test_a_series_without_increments_adds_nothing():
    none = np.array([1.0]), np.empty(0)
    assert not contrast(none, (np.array([0.0, 2.0]), np.ones(1)), np.zeros(1)).any()
