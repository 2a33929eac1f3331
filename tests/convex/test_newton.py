from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal
from tests.convex import naive
from tests.convex.faults import killer
from tests.convex.strategies import cases, make, quick

from learnsys import convex
from learnsys.convex import newton as newton_module
from learnsys.convex import samples
from learnsys.core.trace import Stop, Target

CURVED = ("logistic", "squared_hinge", "squared")


@pytest.fixture
def small_samples(monkeypatch):
    """Let problems of a hundred rows have samples too."""
    monkeypatch.setattr(samples, "LEAST", 1)
    monkeypatch.setattr(samples, "RATIO", 3)


@quick
@given(cases(CURVED))
def test_it_reaches_the_minimum_and_the_objective_falls(threads, case):
    w, trace = case.solve("newton", threads, rel=1e-8, rounds=200)
    losses = [step.loss for step in trace.steps]
    assert losses == sorted(losses, reverse=True)
    assert trace.ended == "target" or trace.last.gap < 1e-12
    assert min(step.gap for step in trace.steps) >= -1e-12
    assert_allclose(trace.last.loss, case.objective(w), rtol=1e-10, atol=1e-14)
    least = naive.minimum(case.name, case.dense, case.problem.y, case.lam)
    assert_allclose(trace.last.loss, least, rtol=1e-6, atol=1e-10)


@pytest.mark.usefixtures("small_samples")
@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_it_reaches_the_minimum_from_samples(threads, name, workers, seed):
    case = make(name, n=300, d=5, lam=0.01, bias=1.0, workers=workers, seed=seed, dtype=np.float32)
    _, trace = case.solve("newton", threads, rel=1e-9, rounds=100)
    assert trace.ended == "target"
    assert_allclose(trace.last.loss, naive.minimum(name, case.dense, case.problem.y, case.lam), rtol=1e-8)


@pytest.mark.usefixtures("small_samples")
def test_samples_that_mislead_are_left(threads):
    """The sampled rows say the opposite of all the others."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    job = convex.job(X, X[:, 0] > 0, C=10.0)
    tricked = rng.normal(size=3)
    originals = newton_module._coarse
    try:
        newton_module._coarse = lambda level, source, w: 100.0 * np.append(-tricked, 0.0)
        trace, model = job.run("newton", workers=1, stop=Stop(target=Target.parse("1e-8")), engine=threads)
    finally:
        newton_module._coarse = originals
    honest, other = job.run("newton", workers=1, stop=Stop(target=Target.parse("1e-8")), engine=threads)
    assert trace.ended == honest.ended == "target"
    assert_allclose(model.coef, other.coef, rtol=1e-3)


HARD = {
    "scales": lambda rng, X: X * np.logspace(3, -3, X.shape[1]),
    "collinear": lambda rng, X: np.hstack([X, X[:, :3] + X[:, 3:6], np.ones((len(X), 2))]),
    "correlated": lambda rng, X: X @ (np.linalg.qr(rng.normal(size=(30, 30)))[0] * np.logspace(0, -4, 30)),
    "rare": lambda rng, X: (rng.random(X.shape) < np.logspace(-0.5, -3, X.shape[1])) * 1.0,
    "outliers": lambda rng, X: X * np.where(rng.random((len(X), 1)) < 0.005, 300.0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("C", [1.0, 1000.0])
@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hard_data_in_float32_curvature(threads, kind, dtype, C):
    """Whatever the preconditioner is worth, the certificate is exact."""
    rng = np.random.default_rng(1)
    X = np.ascontiguousarray(HARD[kind](rng, rng.normal(size=(4000, 30))).astype(dtype))
    t = (X - X.mean(axis=0)) @ (rng.normal(size=X.shape[1]) / (X.std(axis=0) + 1e-3)) / 5
    y = t + rng.logistic(size=len(X)) > 0
    job = convex.job(X, y, C=C)
    trace, model = job.run("newton", workers=1, stop=Stop(target=Target.parse("1e-6"), rounds=60), engine=threads)
    assert trace.ended == "target"
    w, signs = np.append(model.coef, 0.0), np.where(y, 1.0, -1.0)
    padded = naive.dense(X, 0.0)
    assert_allclose(naive.objective("logistic", padded, signs, job.lam, w), trace.last.loss, rtol=1e-9)
    better = w - np.linalg.solve(*curvature_and_slope(padded, signs, job.lam, w))
    assert naive.objective("logistic", padded, signs, job.lam, better) >= trace.last.lower * (1 - 1e-12)


def curvature_and_slope(X, y, lam, w):
    """Hessian and gradient in float64, to look for a better point than the bound allows."""
    p = 1 / (1 + np.exp(-X @ w))
    H = (X.T * (p * (1 - p))) @ X / len(y) + lam * np.eye(len(w))
    return H, X.T @ naive.slope("logistic", X @ w, y) / len(y) + lam * w


@pytest.mark.parametrize("name", CURVED)
def test_without_a_target_it_ends_where_float64_does(threads, name):
    case = make(name, n=80, bias=1.0)
    _, trace = case.solve("newton", threads)
    assert trace.ended == "rounds"
    assert abs(trace.last.gap) < 1e-14 * max(1.0, trace.last.loss)


@pytest.mark.parametrize("name", CURVED)
def test_dense_and_sparse_rows_give_the_same(threads, name):
    dense, sparse = (make(name, form=form, workers=2, bias=1.0) for form in ("dense", "sparse"))
    assert_allclose(*(case.solve("newton", threads, rel=1e-10)[0] for case in (dense, sparse)), rtol=1e-6)


def rows(n=3000, d=8):
    """Enough rows for two samples."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(n, d)).astype(np.float32)
    return X, (X @ rng.normal(size=d) + rng.normal(size=n) > 0).astype(int)


def test_every_engine_gives_the_same_bits(threads, processes, ray_engine):
    job = convex.job(*rows())
    stop = Stop(target=Target.parse("1e-9"))
    (_, model), *others = [job.run("newton", workers=3, stop=stop, engine=e) for e in (threads, processes, ray_engine)]
    for _, other in others:
        assert_array_equal(other.coef, model.coef)


def test_a_killed_worker_changes_nothing(threads, ray_engine):
    job = convex.job(*rows())
    stop = Stop(target=Target.parse("1e-12"))
    _, model = job.run("newton", workers=3, stop=stop, engine=threads)
    on_step, victims = killer(ray_engine, at=1)
    _, other = job.run("newton", workers=3, stop=stop, engine=ray_engine, on_step=on_step)
    assert victims
    assert_array_equal(other.coef, model.coef)


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize(("n", "d"), [(30, 60), (300, 20)])
@pytest.mark.parametrize("C", [1.0, 1e3, 1e6, 1e9])
def test_no_bound_is_above_the_minimum_however_weak_the_penalty(threads, name, n, d, C):
    """A bound inferred from the residual of the Newton equation is: that residual drifts, and is divided by lam."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d)) * np.logspace(0, 4, d)
    t = X @ rng.normal(size=d) + 0.1 * rng.normal(size=n)
    job = convex.job(X, t if name == "squared" else t > 0, loss=name, C=C)
    trace, _ = job.run("newton", workers=1, stop=Stop(target=Target.parse("1e-4"), rounds=300), engine=threads)
    best = min(step.loss for step in trace.steps)
    assert all(step.lower <= best * (1 + 1e-12) for step in trace.steps)


def level(lam=0.1, **methods):
    """A level of two columns, without rows or workers."""
    return SimpleNamespace(lam=lam, run=SimpleNamespace(problem=SimpleNamespace(d=2)), **methods)


@pytest.mark.parametrize("worst", [np.nan, np.inf, -np.inf])
def test_a_hessian_that_overflowed_leaves_the_identity(worst):
    there = level(curvature=lambda w, exact: np.diag([worst, 1.0]))
    preconditioner = newton_module.Preconditioner(there, there)
    preconditioner.prepare(np.zeros(2), 0)
    assert preconditioner.solve(np.array([3.0, 4.0])).tolist() == [3.0, 4.0]


@pytest.mark.parametrize("lam", [0.0, 1e-300, 0.1])
@pytest.mark.parametrize("diagonal", [[-1e-9, 1.0], [0.0, 0.0]])
def test_a_hessian_that_is_not_definite_is_shifted(lam, diagonal):
    there = level(lam, curvature=lambda w, exact: np.diag(diagonal))
    preconditioner = newton_module.Preconditioner(there, there)
    preconditioner.prepare(np.zeros(2), 0)
    found = preconditioner.solve(np.ones(2))
    assert (found > 0).all()
    assert np.isfinite(found).all()


@pytest.mark.parametrize("product", [0.0, -1.0, np.nan])
def test_a_product_that_underflowed_ends_the_direction(product):
    there = level(product=lambda v: product * v)
    direction = newton_module._direction(
        there, SimpleNamespace(solve=np.copy), np.ones(2), 1.0, certify=0.0, enough=0.0
    )
    assert direction.delta.tolist() == [0.0, 0.0]
    assert direction.products == 1
