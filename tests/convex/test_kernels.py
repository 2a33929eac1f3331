"""Every compiled function against its twin."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import expit
from tests.convex import naive
from tests.convex.strategies import cases, make, quick

import learnsys
from learnsys.convex import kernels
from learnsys.convex.losses import LOSSES
from learnsys.convex.rows import Rows

numbers = st.floats(-30, 30)
signs = st.sampled_from([-1.0, 1.0])


@quick
@given(st.sampled_from(naive.NAMES), numbers, signs)
def test_losses_and_slopes(name, t, y):
    code = LOSSES[name].code
    assert_allclose(kernels.loss_value(code, t, y), naive.loss(name, t, y), rtol=1e-12, atol=1e-300)
    assert_allclose(kernels.loss_slope(code, t, y), naive.slope(name, t, y), rtol=1e-12, atol=1e-300)


@quick
@given(st.sampled_from(["logistic", "squared_hinge", "squared"]), st.floats(-5, 5), signs)
def test_curvature_is_the_slope_of_the_slope(name, t, y):
    code, e = LOSSES[name].code, 1e-6
    if abs(y * t - 1) < 1e-5:
        return  # the corner of the squared hinge
    difference = (naive.slope(name, t + e, y) - naive.slope(name, t - e, y)) / (2 * e)
    assert_allclose(kernels.loss_curvature(code, t, y), difference, atol=1e-8)


@quick
@given(st.sampled_from(naive.NAMES), st.floats(0.001, 0.999), signs)
def test_conjugates(name, a, y):
    assert_allclose(kernels.conjugate(LOSSES[name].code, a * y, y), naive.conjugate(name, a * y, y), atol=1e-7)


@pytest.mark.parametrize("name", ["logistic", "hinge", "squared_hinge"])
def test_conjugates_are_infinite_outside_their_domain_and_finite_at_its_ends(name):
    code = LOSSES[name].code
    assert kernels.conjugate(code, -0.1, 1.0) == np.inf
    assert np.isfinite(kernels.conjugate(code, 0.0, 1.0))
    assert np.isfinite(kernels.conjugate(code, -1.0, -1.0))
    assert np.isfinite(kernels.conjugate(code, 1.1, 1.0)) == (name == "squared_hinge")


@quick
@given(st.sampled_from(naive.NAMES), st.floats(-3, 3), signs)
def test_feasible_clips_to_the_domain_and_leaves_what_is_inside(name, b, y):
    code = LOSSES[name].code
    inside = kernels.feasible(code, b, y)
    assert np.isfinite(kernels.conjugate(code, inside, y))
    if np.isfinite(kernels.conjugate(code, b, y)):
        assert inside == b


@quick
@given(st.sampled_from(["hinge", "squared_hinge", "squared"]), st.floats(0, 1), numbers, signs, st.floats(1e-2, 1e3))
def test_closed_form_steps_are_the_best(name, a, t, y, q):
    fast = kernels.best_dual(LOSSES[name].code, a * y, t, y, q)
    assert_allclose(fast, naive.best_dual(name, a * y, t, y, q), atol=1e-5)


def test_an_empty_row_goes_to_the_end_of_the_hinge():
    assert kernels.best_dual(kernels.HINGE, 0.0, 0.0, -1.0, 0.0) == -1.0


@settings(deadline=None, max_examples=500)
@given(st.floats(1e-9, 1 - 1e-9), st.floats(-50, 50), st.floats(0, 1e4))
def test_a_logistic_step_stays_near_the_root(a, z, q):
    """It leaves at most a tenth of the residual, from a stored logit as from a fresh one."""
    for u, b in ((np.log(a) - np.log1p(-a), a), (kernels.FRESH, 0.0)):
        residual = lambda u, b=b: u + z + q * (expit(u) - b)  # noqa: E731
        new = kernels.logistic_step(u, b, z, q)
        assert abs(residual(new)) <= 0.1 * abs(residual(u)) + 1e-9


@quick
@given(cases())
def test_sums_over_rows(case):
    rng, X, problem = np.random.default_rng(case.seed), case.dense, case.problem
    rows = Rows(problem.X, problem.settings.bias)
    w, r, h = rng.normal(size=X.shape[1]), rng.normal(size=len(X)), rng.random(len(X))
    code, y, t = problem.settings.loss.code, problem.y, X @ w
    assert_allclose(kernels.total_loss(code, t, y), naive.loss(case.name, t, y).sum(), rtol=1e-10)
    assert_allclose(rows.scores(w), t, rtol=1e-9, atol=1e-9)
    assert_allclose(rows.pull(r), X.T @ r, rtol=1e-9, atol=1e-9)
    assert_allclose(rows.bend(h, w), X.T @ (h * t), rtol=1e-9, atol=1e-8)
    assert_allclose(rows.squared_norms(), (X**2).sum(axis=1), rtol=1e-9, atol=1e-12)
    b = kernels_feasible(code, rng.normal(size=len(X)), y)
    expected = sum(kernels.conjugate(code, *pair) for pair in zip(b, y, strict=True))
    assert_allclose(kernels.total_conjugate(code, b, y), expected, rtol=1e-10)


def kernels_feasible(code, b, y):
    return np.array([kernels.feasible(code, *pair) for pair in zip(b, y, strict=True)])


@quick
@given(cases())
def test_a_linearised_dual_point_is_what_it_says(case):
    rng, y, code = np.random.default_rng(case.seed), case.problem.y, case.problem.settings.loss.code
    t, new = rng.normal(size=y.size), rng.normal(size=y.size)
    r, h, b = np.empty(y.size), np.empty(y.size), np.empty(y.size)
    kernels.slopes(code, t, y, r, h)
    total = kernels.linear_dual(code, t, r, h, new, y, b)
    assert_allclose(b, kernels_feasible(code, -(r + h * (new - t)), y), atol=1e-12)
    assert_allclose(total, kernels.total_conjugate(code, b, y), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("form", ["dense", "sparse"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["hinge", "squared_hinge", "squared"])
def test_a_sweep_is_its_twin(name, dtype, form):
    case = make(name, n=25, d=5, bias=1.0, form=form, dtype=dtype)
    rows, y, n = Rows(case.problem.X, 1.0), case.problem.y, 25
    order, scale = np.random.default_rng(1).permutation(n), 3.0 / (case.lam * n)
    v, b = np.zeros(6), np.zeros(n)
    rows.sweep(LOSSES[name].code, y, rows.squared_norms(), order, v, scale, b, np.empty(0))
    slow_v, slow_b = naive.sweep(name, case.dense, y, order, np.zeros(6), scale, np.zeros(n))
    assert_allclose(b, slow_b, atol=1e-5)
    assert_allclose(v, slow_v, rtol=1e-4, atol=1e-4)


def test_logistic_sweeps_converge_to_the_twins_fixed_point():
    case = make("logistic", n=25, d=5)
    rows, y, n = Rows(case.problem.X), case.problem.y, 25
    scale, v, b, u = 1.0 / (case.lam * n), np.zeros(6), np.zeros(n), np.full(n, kernels.FRESH)
    for _ in range(200):
        rows.sweep(kernels.LOGISTIC, y, rows.squared_norms(), np.arange(n), v, scale, b, u)
    _, after = naive.sweep("logistic", case.dense, y, np.arange(n), v, scale, b)
    assert_allclose(after, b, atol=1e-6)


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(tmp_path):
    package = shutil.copytree(
        Path(learnsys.__file__).parent, tmp_path / "learnsys", ignore=shutil.ignore_patterns("__pycache__")
    )
    for no_folder in (package / "convex" / "__pycache__", tmp_path / "cache"):
        no_folder.touch()  # a file in its place keeps out even a user who may write everywhere
    env = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    env |= {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONWARNINGS": "error"}
    code = "from learnsys.convex import kernels as k; print(k.__file__); print(k.loss_value(k.HINGE, 0.25, 1.0))"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.splitlines() == [str(package / "convex" / "kernels.py"), "0.75"], done.stderr
    assert done.stderr == ""
