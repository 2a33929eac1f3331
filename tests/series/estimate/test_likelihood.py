import numpy as np
import pytest

from learnsys.series.estimate import likelihood
from learnsys.series.estimate.continuous import Shape
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.vector import VectorProcess

PROCESS = VectorProcess.ornstein_uhlenbeck([[1.0, -0.5], [0.2, 0.6]], [[1.0, 0.2], [0.2, 0.8]])


def starting(shape, decay):
    """Unrelated series of variance 1."""
    one = np.eye(shape.size)
    return shape.join(decay * one[None], np.sqrt(2 * decay) * one, np.full(shape.size, np.log(0.05)))


def problem(n=200):
    rng = np.random.default_rng(0)
    samples = PROCESS.sample([rng.uniform(0, n, n), rng.uniform(0, n, n // 2)], noise=0.3, seed=1)
    facts = Facts.of(samples)
    return likelihood.Problem.of(samples, facts, 1.0, seed=0)


def test_derivatives_are_those_of_differences():
    made, shape = problem(), Shape(order=1, size=2)
    rng = np.random.default_rng(2)
    v = starting(shape, 0.7) + 0.1 * rng.normal(size=shape.count)
    direction, objective = rng.normal(size=shape.count), made.objective(shape)
    numeric = (objective(v + 1e-6 * direction)[0] - objective(v - 1e-6 * direction)[0]) / 2e-6
    assert objective(v)[1] @ direction == pytest.approx(numeric, rel=1e-4)


def test_blocks_of_targets_add_up():
    made, shape = problem(), Shape(order=1, size=2)
    v = starting(shape, 0.7)
    early = made.targets.t < 70
    parts = [made.objective(shape, chosen)(v) for chosen in (early, ~early)]
    whole = made.objective(shape)(v)
    assert sum(p[0] for p in parts) == pytest.approx(whole[0])
    np.testing.assert_allclose(sum(p[1] for p in parts), whole[1])


def test_fewer_targets_stand_for_all():
    made, shape = problem(2000), Shape(order=1, size=2)
    v = starting(shape, 0.7)
    assert made.thinned(700).x.size <= 700
    assert made.thinned(700).objective(shape)(v)[0] == pytest.approx(made.objective(shape)(v)[0], rel=0.1)


def test_what_is_not_stable_is_infinitely_unlikely():
    shape = Shape(order=1, size=2)
    assert problem().objective(shape)(starting(shape, 0.5) * np.r_[-np.ones(4), np.ones(5)])[0] == np.inf


def test_the_search_does_not_end_early_for_a_slow_series():
    seed = 1002
    slow = VectorProcess.ornstein_uhlenbeck([[1 / 300]], [[2 / 300]])
    samples = slow.sample([np.random.default_rng(seed).uniform(0, 1000, 1000)], seed=seed)
    facts = Facts.of(samples)
    made = likelihood.fit(samples, facts, blocks=0, seed=0)
    problem = likelihood.Problem.of(samples, facts, made.unit_s, seed=0)
    truth = np.array([made.unit_s / 300, np.sqrt(2 * made.unit_s / 300 / facts.variance[0]), np.log(1e-6)])
    assert made.log_likelihood > -problem.objective(Shape(order=1, size=1))(truth)[0] - 1
