import numpy as np
import pytest

from learnsys.series.estimate import likelihood, order
from learnsys.series.estimate.continuous import Forward
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.vector import VectorProcess

SMOOTH = VectorProcess.oscillator(np.diag([0.8, 2.0, 1.2]), np.diag([0.5, 0.8, 0.6]), np.diag([1.0, 2.0, 1.0]))
ROUGH = VectorProcess.ornstein_uhlenbeck([[1.0, -0.5], [0.2, 0.6]], [[1.0, 0.2], [0.2, 0.8]])


def fitted(process, rates, span=500.0):
    rng = np.random.default_rng(0)
    samples = process.sample([rng.uniform(0, span, round(rate * span)) for rate in rates], seed=0)
    return likelihood.fit(samples, Facts.of(samples), blocks=0, seed=0)


def test_smooth_series_are_not_taken_for_noisy_ones():
    made = fitted(SMOOTH, (1.0, 2.0, 0.7))
    assert made.shape.order == 2
    assert made.shape.split(made.v)[2].max() < 0.02
    own = np.arange(3)
    lags, model = np.array([0.0, 1.5]), Forward.of(made.shape, made.v).process
    found, truth = model.covariance(lags / made.unit_s)[:, own, own], SMOOTH.covariance(lags)[:, own, own]
    np.testing.assert_allclose(found[1] / found[0], truth[1] / truth[0], atol=0.15)


def test_rough_series_need_no_higher_order():
    made = fitted(ROUGH, (2.0, 1.0))
    assert made.shape.order == 1
    assert len(made.aic) in (1, 2)


def test_beginnings_have_variance_one():
    for b in ([0.5], [0.25, 1.0], [0.1, 0.3]):
        v = order._start(b)
        shape = order.Shape(order=len(b), size=1)
        assert Forward.of(shape, v).stationary[0, 0] == pytest.approx(1.0)


def test_series_are_joined_unrelated():
    alone = [order._start([0.5, 1.5]), order._start([0.2, 0.3])]
    shape = order.Shape(order=2, size=2)
    c = Forward.of(shape, order._joined(shape, alone)).process.covariance([0.0, 1.0])
    np.testing.assert_allclose(c[:, 0, 1], 0, atol=1e-12)
    np.testing.assert_allclose(np.diagonal(c[0]), 1.0)
