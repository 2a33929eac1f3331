"""The tail follows the noise: of the machine, as far as it was measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.strategies import benchmark_of

from learnsys.machines.models.tail import fit_tail, shrunk_means


def noisy(sd, workloads=30, runs=20, seed=0, scale=1.0):
    """Make a benchmark whose machine v has log-normal noise of standard deviation sd[v]."""
    rng = np.random.default_rng(seed)
    rows = [
        (w, v, scale * 100 * np.exp(s * rng.normal()))
        for w in range(workloads) for v, s in enumerate(sd) for _ in range(runs)
    ]  # fmt: skip
    return benchmark_of(rows, workloads, len(sd))


def test_a_noisy_machine_has_the_longer_tail():
    sd = np.array([0.02, 0.05, 0.15])
    assert_allclose(fit_tail(noisy(sd)), 1.2816 * sd - sd**2 / 2, rtol=0.15)


@given(st.floats(0.01, 100))
def test_the_unit_of_time_does_not_matter(k):
    a, b = (fit_tail(noisy([0.02, 0.1], workloads=6, runs=4, scale=s)) for s in (1.0, k))
    assert_allclose(b, a, rtol=1e-6)


@given(st.integers(0, 999), st.integers(2, 6), st.integers(2, 6))
def test_shrunk_means_lie_between_their_own_and_the_common_one(seed, W, V):
    rng = np.random.default_rng(seed)
    x, known = rng.normal(size=(W, V)), rng.random((W, V)) < 0.8
    known[0, 0] = True
    overall, got = x[known].mean(), shrunk_means(x, known)
    for v in range(V):
        own = x[known[:, v], v].mean() if known[:, v].any() else overall
        assert min(own, overall) - 1e-9 <= got[v] <= max(own, overall) + 1e-9


def test_noise_alone_tells_machines_nothing():
    x = np.random.default_rng(1).normal(size=(40, 30))
    assert np.std(shrunk_means(x, np.ones_like(x, bool))) < 0.3 * np.std(x.mean(axis=0))


def test_without_repeats_every_tail_is_three_per_cent():
    assert np.exp(fit_tail(benchmark_of([(0, 0, 1.0), (0, 1, 2.0)], 1, 2))) == pytest.approx([1.03, 1.03])


def test_runs_that_never_vary_have_no_tail():
    steady = benchmark_of([(w, v, 3.0) for w in range(3) for v in range(2) for _ in range(3)], 3, 2)
    assert fit_tail(steady) == pytest.approx([0, 0], abs=2e-3)
