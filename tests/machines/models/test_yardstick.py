"""Distances do not depend on the units of what is measured, and stand what was not measured."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from learnsys.machines.models.yardstick import CLIP, yardstick

SEEDS = st.integers(0, 10**6)


def drawn(seed, W=6, R=2, C=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(W, R)), rng.exponential(size=(W, R, C))


def distances(y, counters):
    unit = yardstick(y, counters)
    known = unit.traits(y, counters)
    return unit.between(known, known)


@given(SEEDS, st.floats(-3, 3), st.floats(0.1, 10))
def test_a_clock_that_ticks_otherwise_changes_nothing(seed, shift, power):
    y, counters = drawn(seed)
    a, b = distances(y, counters), distances(shift + power * y, counters)
    for name in ("shape", "level", "counters", "product"):
        assert_allclose(getattr(b, name), getattr(a, name), atol=1e-6)


@given(SEEDS)
def test_agrees_with_loops(seed):
    y, counters = drawn(seed)
    p = np.random.default_rng(seed).dirichlet(np.ones(2))
    unit = yardstick(y, counters, p)
    known, logs = unit.traits(y, counters), np.log1p(counters)
    d = unit.between(known, known)
    rho = np.sqrt(np.mean([(y[i] - y[i] @ p) ** 2 @ p for i in range(6)]))
    z = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    for i in range(6):
        for j in range(6):
            a, b = y[i] - y[i] @ p, y[j] - y[j] @ p
            assert_allclose(d.shape[i, j], np.sqrt((a - b) ** 2 @ p) / rho, atol=1e-6)
            assert_allclose(d.product[i, j], (a * b) @ p / rho**2, atol=1e-9)
            assert_allclose(d.level[i, j], abs((y[i] - y[j]) @ p) / (y @ p).std())
            assert_allclose(d.counters[i, j], np.mean(np.abs(np.clip(z[i], -CLIP, CLIP) - np.clip(z[j], -CLIP, CLIP))))


def test_what_was_not_measured_is_as_usual():
    y, counters = drawn(0)
    unit = yardstick(y, counters)
    nothing = unit.traits(y[:1], np.full((1, 2, 3), np.nan))
    assert (nothing.counters == 0).all()


def test_workloads_that_are_all_alike_are_at_no_distance():
    d = distances(np.ones((3, 2)), np.ones((3, 2, 1)))
    assert all((getattr(d, name) == 0).all() for name in ("shape", "level", "counters"))
