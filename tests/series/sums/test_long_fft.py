import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.series.sums.long_fft import LONG, divisor, lowest


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [8, 1000, 2**17, 2 * 3**11, 2**9 * 3**3 * 5**2, 375 * 375, 2 * 65537])
def test_equals_the_transform_of_one_long_vector(size, dtype):
    cells = np.random.default_rng(size).normal(size=(3, size + 6)).astype(dtype)[:, 3:-3]
    wanted = scipy.fft.rfft(cells.astype(float), axis=1)
    tol = np.sqrt(size) * (1e-5 if dtype == "float32" else 1e-13)
    for modes in (1, 5, size // 3, size // 2 + 1):
        found = lowest(cells, modes)
        assert found.dtype == (np.complex64 if dtype == "float32" else np.complex128)
        assert found.flags.c_contiguous
        np.testing.assert_allclose(found, wanted[:, :modes], atol=tol)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_one_wave_is_one_frequency(above, seed):
    size = scipy.fft.next_fast_len(LONG + 1000 * above, real=True)
    k = int(np.random.default_rng(seed).integers(0, size // 2))
    found = lowest(np.cos(2 * np.pi * k * np.arange(size) / size)[None], size // 2)[0]
    assert np.argmax(np.abs(found)) == k
    assert np.abs(np.delete(found, k)).max() < 1e-8 * size


@given(st.integers(1, 10**6))
def test_divisors_divide_and_are_the_nearest_to_the_root(size):
    d = divisor(size)
    assert size % d == 0
    assert d * d <= size
    assert not any(size % e == 0 for e in range(d + 1, int(size**0.5) + 1))
