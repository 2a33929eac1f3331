"""Stacking weights are convex, and find who is right."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from learnsys.machines.models.stack import RIDGE, stack


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_weights_are_convex_and_no_corner_is_better(seed, K):
    rng = np.random.default_rng(seed)
    errors = rng.normal(size=(K, 6, 4)) * rng.uniform(0.1, 3, size=(K, 1, 1))
    errors[:, rng.random((6, 4)) < 0.2] = np.nan
    w = stack(errors, np.ones(6))
    assert (w >= 0).all()
    assert_allclose(w.sum(), 1)
    assert all(cost(w, errors) <= cost(corner, errors) + 1e-6 for corner in [*np.eye(K), np.full(K, 1 / K)])


def cost(w, errors):
    total, count = 0.0, 0
    for e in np.moveaxis(errors, 1, 0):
        known = np.isfinite(e).all(axis=0)
        if known.any():
            squares = np.mean(e[:, known] ** 2)
            total, count = total + np.mean((w @ e[:, known]) ** 2) / squares, count + 1
    return total / max(count, 1) + RIDGE * ((w - 1 / len(w)) ** 2).sum()


def test_who_is_right_is_trusted():
    errors = np.stack([np.full((4, 3), 0.01), np.full((4, 3), 1.0)])
    assert stack(errors, np.ones(4))[0] > 0.9


def test_without_errors_everybody_is_trusted_alike():
    assert_allclose(stack(np.full((3, 2, 2), np.nan), np.ones(2)), 1 / 3)
