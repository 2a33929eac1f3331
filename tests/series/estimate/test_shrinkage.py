from itertools import pairwise

import numpy as np
import pytest
from scipy.fft import dct, idct

from learnsys.series.estimate.intervals import independent_lags, variance
from learnsys.series.estimate.shrinkage import SLACK, lost, shrink
from learnsys.series.estimate.waves import functions, waves
from learnsys.series.types import Kernel, Lags

LAGS = Lags(first_s=-10.0, step_s=0.5, count=41)
TAU = LAGS.values
TABLE = waves(LAGS, Kernel(name="k4", h=0.5), even=False)
SMOOTHED = idct(TABLE.transformed.astype(float), axis=0, norm="ortho")


def blocks_of(sd, lags=LAGS.count):
    """Influence of 24 blocks on lags whose errors are independent, with standard error ``sd``."""
    moved = np.sqrt(24) * sd * np.random.default_rng(99).normal(size=(24, lags))
    return moved - moved.mean(axis=0)


def shrunk(y, sd, *, rate=1e-3):
    return shrink(y, blocks_of(sd), TABLE, LAGS, scale=1.0, rate=rate)


def naive_posterior(y, moved, rate):
    """Average the ridge regressions on all cells, one by one, in the lags: the noise there is a full matrix."""
    each = variance(dct(moved, axis=1, norm="ortho"))
    bands = [np.full(high - low, each[low:high].mean()) for low, high in pairwise([0, 2, 4, 8, 16, 32, y.size])]
    half_waves = dct(np.eye(y.size), axis=0, norm="ortho")
    noise = np.diag(np.concatenate(bands) + SLACK * each.sum() / independent_lags(moved))
    noise = half_waves.T @ noise @ half_waves
    functions_of = [SMOOTHED[:, k] - lost(TABLE.areas[k], rate) for k in range(len(TABLE.cells))]
    evidence = []
    for k, s in enumerate(functions_of):
        cov = noise + s @ s.T
        evidence.append(TABLE.log_prior[k] - 0.5 * np.linalg.slogdet(cov)[1] - 0.5 * y @ np.linalg.solve(cov, y))
    total, model, loss = 0.0, np.zeros_like(y), 0.0
    for k in np.flatnonzero(np.array(evidence) > max(evidence) + np.log(1e-4)):
        s = functions_of[k]
        beta = s.T @ np.linalg.solve(noise + s @ s.T, y)
        chance = np.exp(evidence[k] - max(evidence))
        total += chance
        model += chance * functions(TABLE.cells[k : k + 1], TAU - TABLE.cells[k, 0], even=False)[0] @ beta
        loss += chance * lost(TABLE.areas[k], rate) @ beta
    return model / total, loss / total


def test_the_averaged_model_equals_its_slow_twin():
    rng = np.random.default_rng(0)
    y = 0.8 * np.exp(-0.5 * np.abs(TAU - 2)) + 0.1 * rng.normal(size=TAU.size)
    found = shrunk(y, 1.0)  # so noisy that nothing of the rest is kept
    model, loss = naive_posterior(y, blocks_of(1.0), 1e-3)
    np.testing.assert_array_equal(found.kept, 0)
    np.testing.assert_allclose(found.values, model, atol=2e-4)
    assert found.loss == pytest.approx(loss, abs=1e-4)


def test_noise_is_taken_off_what_the_table_has():
    rng = np.random.default_rng(1)
    truth = np.exp(-0.5 * np.abs(TAU - 2)) * np.cos(0.8 * (TAU - 2))
    y = truth + 0.2 * rng.normal(size=(40, TAU.size))
    errors = [shrunk(v, 0.2).values - truth for v in y]
    assert np.sqrt(np.mean(np.square(errors))) < 0.55 * 0.2


def test_a_narrow_peak_beside_smooth_noise_is_kept():
    rng = np.random.default_rng(4)
    smooth = lambda n: np.sqrt(24) * 0.15 * rng.normal(size=(n, 2)) @ np.stack([np.cos(TAU / 8), np.sin(TAU / 8)])  # noqa: E731
    moved = smooth(24) - 0.0
    peak = 0.4 * np.exp(-np.abs(TAU - 5) / 0.5)
    y = np.exp(-0.3 * np.abs(TAU + 2)) + peak
    found = shrink(y, moved - moved.mean(axis=0), TABLE, LAGS, scale=1.0, rate=1e-4)
    assert np.abs(found.values - y)[np.abs(TAU - 5) < 1].max() < 0.15
    assert np.all(found.kept[3:] > 0.8)


def test_where_the_table_is_wrong_the_data_stand():
    truth = np.maximum(0, 1 - np.abs(TAU - 4) / 2) - np.maximum(0, 1 - np.abs(TAU + 6) / 1.5)  # two triangles
    y = truth + 0.01 * np.random.default_rng(2).normal(size=TAU.size)
    found = shrunk(y, 0.01)
    assert np.all(found.kept[1:] > 0.9)
    assert np.sqrt(np.mean((found.values - y) ** 2)) < 0.04  # the bias at the corners, which it takes off


def test_what_kernel_and_mean_did_is_undone():
    cell = int(np.argmin(np.abs(TABLE.cells - [0.0, 0.5, 0.0]).sum(axis=1)))
    truth = functions(TABLE.cells[cell : cell + 1], TAU - TABLE.cells[cell, 0], even=False)[0, :, 0]
    y = SMOOTHED[:, cell, 0] - lost(TABLE.areas[cell, 0], 0.003)
    found = shrunk(y, 0.003, rate=0.003)
    np.testing.assert_allclose(found.values, truth, atol=0.02)
    np.testing.assert_allclose(y - found.bias + found.loss, truth, atol=0.02)
    assert np.abs(y - truth).max() > 0.03


def test_unknown_lags_are_made_of_the_others_and_a_constant_series_is_left_alone():
    truth = np.exp(-0.5 * np.abs(TAU))
    y = truth.copy()
    y[[3, 20]] = np.nan
    np.testing.assert_allclose(shrunk(y, 0.05).values[[3, 20]], truth[[3, 20]], atol=0.16)
    nothing = shrunk(np.zeros_like(TAU), 0.0)
    np.testing.assert_array_equal(nothing.values, 0)
    np.testing.assert_array_equal(nothing.kept, 1)


def test_lags_in_bins_are_shrunk_alike():
    fine = Lags(first_s=-10.0, step_s=0.1, count=201)
    table = waves(fine, Kernel(name="k4", h=0.5), even=False)
    truth = np.exp(-0.5 * np.abs(fine.values - 2))
    y = truth + 0.1 * np.random.default_rng(3).normal(size=fine.count)
    found = shrink(y, blocks_of(0.1, fine.count), table, fine, scale=1.0, rate=1e-3)
    assert np.sqrt(np.mean((found.values - truth) ** 2)) < 0.05
