"""Cells: gaps are filled by what is common, and single runs are believed less than many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models.made import factors
from tests.machines.models.naive_models import naive_ridge
from tests.machines.strategies import benchmark_of

from learnsys.core.errors import InputError
from learnsys.machines.models.cells import RIDGE, _ridge, balance, fill, first_runs, log_cells, settled_cells, trust


@given(st.integers(0, 10**6), st.floats(0, 0.6))
def test_filling_keeps_what_is_known(seed, share):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(5, 4))
    x[rng.random(x.shape) < share] = np.nan
    if np.isnan(x).all():
        return
    filled, known = fill(x), np.isfinite(x)
    assert_allclose(filled[known], x[known])
    assert np.isfinite(filled).all()


def test_filling_finds_an_additive_table_again():
    truth = np.arange(6.0)[:, None] + np.array([0.0, 0.5, 2.0, 1.0])
    x = truth.copy()
    x[2, 1] = x[4, 3] = np.nan
    assert_allclose(fill(x), truth, atol=1e-3)


def test_all_rows_at_once_are_each_row_alone():
    rng = np.random.default_rng(0)
    known, factors_of = (rng.random((7, 9)) < 0.6).astype(float), rng.normal(size=(9, 3))
    y = known * rng.normal(size=(7, 9))
    assert_allclose(_ridge(known, y, factors_of), naive_ridge(known, y, factors_of, RIDGE))


def test_filling_finds_what_is_common_in_a_half_empty_table():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(100, 2)) @ rng.normal(size=(2, 120))
    x = np.where(rng.random(truth.shape) < 0.45, np.nan, truth)
    assert np.abs(fill(x) - truth)[np.isnan(x)].mean() < 0.1 * np.abs(truth).mean()


def test_nothing_measured_is_refused():
    with pytest.raises(InputError, match="no good run"):
        log_cells(benchmark_of([(0, 0, None)], 1, 1))


def test_settled_cells_are_nearer_to_the_truth():
    benchmark, log_s = factors(1, W=40, V=40, noise=0.2, reps=1)
    raw, settled = log_cells(benchmark) - log_s, settled_cells(benchmark) - log_s
    assert (settled**2).mean() < 0.9 * (raw**2).mean()


def test_a_noisy_machine_is_trusted_less_and_settled_more():
    rng = np.random.default_rng(0)
    sd = np.where(np.arange(30) < 15, 0.01, 0.2)
    rows = [
        (w, v, float(np.exp(sd[v] * rng.standard_normal()))) for w in range(40) for v in range(30) for _ in range(3)
    ]
    benchmark = benchmark_of(rows, 40, 30)
    moved = np.abs(settled_cells(benchmark) - log_cells(benchmark)).mean(axis=0) / sd
    assert moved[15:].min() > moved[:15].max()
    assert trust(benchmark)[15:].max() < 0.2 * trust(benchmark)[:15].min()


def test_few_workloads_are_left_as_they_are():
    benchmark, _ = factors(0, W=3)
    assert_allclose(settled_cells(benchmark), log_cells(benchmark))


def test_first_runs_are_the_first():
    benchmark, _ = factors(0, W=4, V=3, missing=0.3)
    log_s, counters = first_runs(benchmark)
    for w in range(4):
        for v in range(3):
            rows = benchmark.of(w, v)
            if rows.size:
                assert_allclose(log_s[w, v], np.log(benchmark.elapsed_s[rows[0]]))
                assert_allclose(counters[w, v], benchmark.counters[rows[0]])
            else:
                assert np.isnan(log_s[w, v])


def test_a_group_of_four_weighs_twice_a_group_of_one():
    p = balance(np.array(["a", "b", "b", "b", "b"]))
    assert_allclose([p.sum(), p[1:].sum() / p[0]], [1, 2])
