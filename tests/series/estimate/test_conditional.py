from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.series.estimate import conditional
from learnsys.series.estimate.conditional import CovarianceTable
from learnsys.series.simulate.vector import VectorProcess

PROCESS = VectorProcess.ornstein_uhlenbeck([[1.0, -0.6], [0.3, 0.5]], [[1.0, 0.3], [0.3, 0.5]])
STEP = 0.01


@cache
def table(nugget=0.2):
    values = PROCESS.covariance(STEP * np.arange(3000))
    return CovarianceTable(step_s=STEP, values=values, nugget=np.full(2, nugget))


def drawn(seed, n=20, noise=0.45):
    rng = np.random.default_rng(seed)
    return PROCESS.sample([rng.uniform(0, 15, n), rng.uniform(0, 15, n // 2)], noise=noise, seed=seed)


def dense(samples, nugget):
    """Covariance of all samples."""
    tau = samples.t[None, :] - samples.t[:, None]
    c = PROCESS.covariance(tau.ravel()).reshape(*tau.shape, 2, 2)
    a = samples.series
    i, j = np.indices(tau.shape)
    return c[i, j, a[:, None], a[None, :]] + nugget * np.eye(tau.shape[0])


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_neighbourhoods_of_everything_give_the_exact_likelihood(seed):
    samples = drawn(seed)
    targets = conditional.before(samples, samples.t, samples.series, most=samples.t.size)
    ours = conditional.log_likelihood(table(), samples, targets, samples.x)[0]
    s = dense(samples, 0.2)
    exact = -0.5 * (samples.x @ np.linalg.solve(s, samples.x) + np.linalg.slogdet(2 * np.pi * s)[1])
    assert ours == pytest.approx(exact, abs=1e-3)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_neighbourhoods_of_everything_give_gaussian_regression(seed):
    samples, t = drawn(seed), np.array([3.0, 8.0, 16.0])
    mean, variance = conditional.predict(
        table(), samples, conditional.around(samples, t, np.array([0, 1, 1]), most=samples.t.size)
    )
    s = dense(samples, 0.2)
    c = np.array([
        [PROCESS.covariance([t[k] - samples.t[i]])[0, samples.series[i], (0, 1, 1)[k]] for k in range(3)]
        for i in range(samples.t.size)
    ])  # fmt: skip
    w = np.linalg.solve(s, c)
    np.testing.assert_allclose(mean, samples.x @ w, atol=1e-3)
    np.testing.assert_allclose(
        variance, PROCESS.covariance([0.0])[0][[0, 1, 1], [0, 1, 1]] - np.sum(w * c, 0), atol=1e-3
    )


def test_derivatives_are_those_of_differences():
    samples, given_table = drawn(3), table()
    targets = conditional.before(samples, samples.t, samples.series, most=3)
    _, by_table, by_nugget = conditional.log_likelihood(given_table, samples, targets, samples.x)
    rng = np.random.default_rng(0)
    bump = PROCESS.covariance(STEP * np.arange(3000)) @ rng.normal(size=(2, 2)) / 2
    bump[0] = (bump[0] + bump[0].T) / 2
    nudge = rng.normal(size=2)

    def shifted(by):
        moved = msgspec.structs.replace(
            given_table, values=given_table.values + by * bump, nugget=given_table.nugget + by * nudge
        )
        return conditional.log_likelihood(moved, samples, targets, samples.x)[0]

    numeric = (shifted(1e-5) - shifted(-1e-5)) / 2e-5
    assert np.sum(by_table * bump) + by_nugget @ nudge == pytest.approx(numeric, rel=1e-4)


def test_targets_are_given_only_earlier_samples():
    samples = drawn(4)
    targets = conditional.before(samples, samples.t, samples.series, most=2)
    some = targets.near >= 0
    assert (samples.t[targets.near] <= samples.t[:, None])[some].all()
    assert not (targets.near == np.arange(samples.t.size)[:, None]).any()


def test_equal_stamps_are_ordered_by_series():
    samples = PROCESS.sample([[0.0, 1.0], [0.0, 1.0]], seed=0)
    near = conditional.before(samples, samples.t, samples.series, most=1).near
    assert near.tolist() == [[-1, -1], [0, 2], [0, -1], [1, 2]]


def test_far_samples_tell_nothing():
    far = VectorProcess.ornstein_uhlenbeck(np.eye(2), np.eye(2)).sample([[0.0], [500.0]], seed=1)
    mean, variance = conditional.predict(
        table(), far, conditional.around(far, np.array([200.0]), np.array([0]), most=1)
    )
    assert mean[0] == 0
    assert variance[0] == pytest.approx(PROCESS.covariance([0.0])[0, 0, 0])
