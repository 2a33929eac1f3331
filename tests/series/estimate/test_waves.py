import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import idct
from scipy.integrate import quad

from learnsys.series.estimate.waves import MOST_BINS, functions, waves
from learnsys.series.sums.kernels import density
from learnsys.series.types import KERNELS, Kernel, Lags

LAGS = Lags(first_s=-4.0, step_s=1.0, count=9)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(KERNELS), st.integers(0, 10**6), st.booleans())
def test_the_table_has_the_functions_after_the_kernel_and_their_areas(name, pick, even):
    kernel = Kernel(name=name, h=0.7)
    table = waves(LAGS, kernel, even=even)
    k = pick % len(table.cells)
    cell = table.cells[k : k + 1]
    u = np.linspace(-6 * 0.7, 6 * 0.7, 4001)
    weight = density(kernel, u) * (u[1] - u[0])
    smoothed = idct(table.transformed.astype(float), axis=0, norm="ortho")
    for l, tau in enumerate(LAGS.values):
        expected = weight @ functions(cell, tau - cell[0, 0] + u, even=even)[0]
        np.testing.assert_allclose(smoothed[l, k], expected, atol=0.02 if name == "box" else 4e-3)
    wave = table.transformed[:, k]
    i, j = np.triu_indices(wave.shape[1])
    np.testing.assert_allclose(table.products[:, k], wave[:, i] * wave[:, j], rtol=1e-4, atol=1e-5)


def test_areas_are_integrals():
    table = waves(LAGS, Kernel(name="k4", h=0.7), even=False)
    for k in range(0, len(table.cells), max(1, len(table.cells) // 7)):
        cell = np.array([[0.0, *table.cells[k, 1:]]])
        for m in range(3):
            half = quad(lambda u: functions(cell, np.array([u]), even=False)[0, 0, m], 0, 400, limit=2000)[0]  # noqa: B023
            assert table.areas[k, m] == pytest.approx(2 * half, rel=1e-3, abs=1e-6)
    np.testing.assert_array_equal(table.areas[:, 3], 0)


def test_priors_add_up_and_many_lags_are_put_in_bins():
    many = Lags(first_s=-100.0, step_s=1.0, count=201)
    table = waves(many, Kernel(name="k4", h=1.0), even=True)
    assert np.exp(table.log_prior).sum() == pytest.approx(1)
    assert len(table.bins) <= MOST_BINS
    assert table.transformed.shape[0] == len(table.bins)
    assert np.all(table.cells[:, 0] == 0)
    assert waves(many, Kernel(name="k4", h=1.0), even=True) is table
