import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.series.estimate import positive
from learnsys.series.simulate.vector import VectorProcess

PROCESS = VectorProcess.oscillator([[4.0, -1.0], [0.0, 2.0]], [[0.8, 0.0], [0.1, 0.5]], [[1.0, 0.3], [0.3, 0.5]])


@st.composite
def noisy(draw):
    """Covariances of up to three series with noise that no process has."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d, count = draw(st.integers(1, 3)), draw(st.integers(2, 12))
    values = 0.5 * rng.normal(size=(count, d, d)) * draw(st.sampled_from([1.0, 1e-6, 1e6]))
    values[0] = values[0] @ values[0].T
    return values


@given(noisy(), st.booleans())
def test_the_block_toeplitz_matrix_is_positive_to_machine_precision(values, taper):
    made = positive.project(values, taper=taper)
    lowest = np.linalg.eigvalsh(positive.toeplitz(made)).min()
    assert lowest >= -1e-13 * len(values) * np.trace(values[0])


@given(noisy())
def test_projecting_twice_is_projecting_once(values):
    once = positive.project(values, taper=False)
    np.testing.assert_allclose(positive.project(once, taper=False), once, atol=1e-9 * np.abs(values).max())


@given(noisy(), st.booleans())
def test_variances_stay(values, taper):
    made = positive.project(values, taper=taper)
    np.testing.assert_allclose(np.diagonal(made[0]), np.diagonal(values[0]), rtol=1e-9)


def test_what_is_positive_is_only_tapered():
    values = PROCESS.covariance(0.2 * np.arange(60))
    tapered = values * positive.parzen(60)[:, None, None]
    np.testing.assert_allclose(positive.project(values), tapered, atol=1e-12)


def test_projection_comes_nearer_to_the_truth():
    truth = PROCESS.covariance(0.2 * np.arange(60)) * positive.parzen(60)[:, None, None]
    rng = np.random.default_rng(1)
    for _ in range(20):
        noise = 0.3 * rng.normal(size=truth.shape)
        noise[0] = 0
        made = positive.project(truth + noise, taper=False)
        assert np.linalg.norm(made - truth) < 0.8 * np.linalg.norm(noise)


def test_the_transform_goes_back():
    values = PROCESS.covariance(0.2 * np.arange(60))
    values[-1] = (values[-1] + values[-1].T) / 2
    np.testing.assert_allclose(positive.covariances(positive.spectra(values)), values, atol=1e-12)


def test_missing_lags_are_filled_between_and_zero_beyond():
    values = np.array([1.0, np.nan, 0.5, np.nan]).reshape(4, 1, 1)
    assert positive.filled(values).ravel().tolist() == [1.0, 0.75, 0.5, 0.0]


def test_a_series_of_no_variance_has_no_covariance():
    values = np.ones((3, 2, 2))
    values[0, 0, 0] = 0.0
    made = positive.project(values)
    assert np.all(made[:, 0] == 0)
    assert made[0, 1, 1] == pytest.approx(1.0)


def test_what_cannot_be_projected_is_refused():
    with pytest.raises(InputError, match="NaN"):
        positive.project(np.full((3, 1, 1), np.nan))
    with pytest.raises(InputError, match="2 are needed"):
        positive.project(np.ones((1, 1, 1)))
