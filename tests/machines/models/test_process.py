"""A process over workloads: leaving a group out by blocks is leaving it out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive

from learnsys.machines.models.process import Kernel, condition, left_out
from learnsys.machines.models.yardstick import yardstick

KERNEL = Kernel(shape=4.0, level=12.0, counters=1.0)


@st.composite
def problems(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    W, R, C = draw(st.integers(2, 9)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    y, counters = rng.normal(size=(W, R)), rng.normal(size=(W, R, C))
    unit = yardstick(y, counters)
    known = unit.traits(y, counters)
    anew = unit.traits(y + 0.1 * rng.normal(size=y.shape), counters)
    prior = rng.random(W) + 0.1
    groups = np.array([f"g{g}" for g in rng.integers(0, 4, W)])
    return unit.between(known, known), unit.between(anew, known), prior / prior.sum(), groups


@given(problems())
def test_leaving_out_by_blocks_is_leaving_out(problem):
    known, new, prior, groups = problem
    rows = left_out(condition(KERNEL, known, prior), new, groups)
    assert_allclose(rows, naive.left_out(KERNEL, known, new, prior, groups), atol=1e-7)


@given(problems())
def test_weights_sum_to_one(problem):
    known, new, prior, _ = problem
    assert_allclose(condition(KERNEL, known, prior).rows(new).sum(axis=1), 1, atol=1e-9)


@pytest.mark.parametrize("length", [1.0, np.inf])
def test_an_infinite_length_leaves_a_distance_out(length):
    y = np.array([[0.0, 1.0], [5.0, 6.0]])
    unit = yardstick(y, np.zeros((2, 2, 0)))
    known = unit.traits(y, np.zeros((2, 2, 0)))
    k = Kernel(shape=1.0, level=length, counters=1.0)(unit.between(known, known))
    assert (k[0, 1] == k[0, 0]) == np.isinf(length)
