import finufft
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums import nufft

WINDOWS = [nufft.SINGLE, nufft.DOUBLE, nufft.FINER, nufft.FINEST]


def direct(t, c, period_s, modes):
    return np.exp(-2j * np.pi / period_s * np.outer(np.arange(modes), t)) @ c


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(WINDOWS), st.integers(0, 300), st.integers(1, 200), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_equals_the_sum(window, n, modes, m, seed):
    rng = np.random.default_rng(seed)
    t, x, w = rng.uniform(-30, 70, n), rng.normal(size=(m, n)), rng.uniform(0, 2, n)
    out = nufft.transform(t, (x, w), CoefficientsSpec(period_s=50.0, modes=modes), window)
    for c, found in zip([*(w * x), w], out, strict=True):
        np.testing.assert_allclose(
            found, direct(t, c, 50.0, modes), atol=1.01 * window.error * max(np.abs(c).sum(), 1e-9), rtol=0
        )


@pytest.mark.parametrize("window", WINDOWS)
def test_equals_finufft_at_many_modes(window):
    rng = np.random.default_rng(1)
    t, x, modes = rng.uniform(0, 1, 5000), rng.normal(size=5000), 20_000
    out = nufft.transform(t, (x[None], np.ones(5000)), CoefficientsSpec(period_s=1.0, modes=modes), window)
    packed = finufft.nufft1d1(2 * np.pi * t, x + 1j, 2 * modes, eps=1e-14, isign=-1, modeord=1)
    mirrored = np.conj(packed[np.r_[0, -1:-modes:-1]])
    for found, wanted in zip(out, [(packed[:modes] + mirrored) / 2, (packed[:modes] - mirrored) / 2j], strict=True):
        error = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
        assert error < max(window.error / 3, 1e-11)  # finufft's phases are rounded too


def test_stamps_on_cells_and_at_the_ends_of_the_period():
    t = np.array([0.0, 0.25, 0.5, 1.0 - 1e-17, 1.0, -1e-18, 2.0])
    out = nufft.transform(t, (t[None], np.ones(7)), CoefficientsSpec(period_s=1.0, modes=9), nufft.FINEST)
    np.testing.assert_allclose(out[1], direct(t, np.ones(7), 1.0, 9), atol=1e-12)


@pytest.mark.parametrize("modes", [1, 2, 37, 4096, 99_991])
@pytest.mark.parametrize("window", WINDOWS)
def test_grids_are_fine_enough(modes, window):
    cells = nufft.cells_of(modes, window)
    assert cells % 2 == 0
    assert cells >= max(2 * window.oversampling * modes, 4 * window.width)
    assert modes > 5000 or cells < 2 * window.oversampling * modes * 1.2 + 4 * window.width + 2
