import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime
from tests.machines import naive

from learnsys.core.errors import InputError
from learnsys.machines.models.additive import covariance, fit_additive, objective

RNG = np.random.default_rng(5)
X = RNG.uniform(-1, 1, (24, 3))
Y = np.sin(2 * X[:, 0]) + 0.5 * X[:, 1] + 0.02 * RNG.normal(size=24)
THETA = RNG.normal(size=11) * 0.3


def test_the_covariance_is_the_sum_of_its_terms():
    assert_allclose(covariance(THETA, X[:5], X[5:9]), naive.additive_covariance(THETA, X[:5], X[5:9]))


def test_the_gradient_is_that_of_the_objective():
    arguments = X[:9], np.stack([Y[:9], Y[9:18]]), RNG.uniform(0.3, 1, 9), 0.5
    slope = approx_fprime(THETA, lambda t: objective(t, *arguments)[0], 1e-6)
    assert_allclose(objective(THETA, *arguments)[1], slope, atol=1e-3)


def test_it_learns_a_sum_of_functions_of_one_feature():
    new = RNG.uniform(-0.9, 0.9, (50, 3))
    mean, sd = fit_additive(X, Y).predict(new)
    error = np.abs(mean[0] - np.sin(2 * new[:, 0]) - 0.5 * new[:, 1])
    assert error.mean() < 0.05
    assert 0.01 < sd.mean() < 0.1


def test_a_point_left_out_is_as_if_never_seen():
    model = fit_additive(X, Y)
    residual, sd = model.left_out()
    mean, claimed = naive.additive_without(model, 7)
    assert residual[0, 7] == pytest.approx(Y[7] - mean, abs=0.02)  # but for the mean of all, which knows it
    assert sd[0, 7] == pytest.approx(claimed, rel=1e-6)


def test_an_outlier_counts_less():
    twice, y = np.vstack([X, X]), np.concatenate([Y, Y + 0.01])
    y[3] += 2
    plain, robust = fit_additive(twice, y), fit_additive(twice, y, robust=True)
    error, plain_error = (np.abs(m.predict(X)[0][0] - Y).mean() for m in (robust, plain))
    assert error < 0.5 * plain_error
    assert robust.weights.argmin() == 3


def test_outputs_share_hyper_parameters_and_may_have_gaps():
    both = np.stack([Y, 3 * Y + 7])
    both[1, :5] = np.nan
    mean, sd = fit_additive(X, both).predict(X)
    assert_allclose(mean[1], 3 * mean[0] + 7, atol=0.3)
    assert (sd[1] > 2 * sd[0]).all()
    both[1] = np.nan
    assert np.isnan(fit_additive(X, both).predict(X)[0][1]).all()


def test_a_feature_that_never_varies_does_no_harm():
    same = np.column_stack([X, np.full(len(X), 3.0)])
    assert np.abs(fit_additive(same, Y).predict(same)[0][0] - Y).mean() < 0.05


def test_scale_and_shift_of_the_output_do_not_matter():
    assert_allclose(fit_additive(X, 10 * Y - 4).predict(X)[0], 10 * fit_additive(X, Y).predict(X)[0] - 4, rtol=1e-4)


def test_too_few_points_or_a_hole_are_refused():
    with pytest.raises(InputError, match="2 points are too few"):
        fit_additive(X[:2], Y[:2])
    with pytest.raises(InputError, match="not finite"):
        fit_additive(np.where(X > 0.5, np.nan, X), Y)
