import numpy as np
import pytest
from tests.series.sums.gridded import SMOOTH, assert_close, many

from learnsys.series.sums import direct, grid
from learnsys.series.sums.kernels import density
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec


@pytest.mark.parametrize("count", [1, 2, 13, 14])
@pytest.mark.parametrize("quantum", [None, 0.3])
def test_lags_on_both_sides_of_0(count, quantum):
    made = many(10, quantum=quantum)
    kernels = tuple(Kernel(name=name, h=0.6) for name in SMOOTH)
    around = Lags(first_s=-0.25 * (count - 1), step_s=0.5, count=count)
    spec = SumsSpec(pairs="all", kernels=kernels, lags=around, cross=True)
    assert_close(grid.sums(made, spec, tol=1e-8), direct.sums(made, spec), made, 1e-8)


def test_what_samples_leave_of_themselves_does_not_add_up():
    rng = np.random.default_rng(0)
    s = Samples.of({"a": (rng.uniform(0, 1e6, 5000), rng.normal(size=5000))})  # few neighbours, so nothing hides it
    kernel = Kernel(name="gaussian", h=5.0)
    spec = SumsSpec(pairs="auto", kernels=(kernel,), lags=Lags(first_s=-60.0, step_s=2.5, count=49))
    (got,), (wanted,) = grid.sums(s, spec, tol=1e-6), direct.sums(s, spec)
    assert np.abs(got.ww - wanted.ww).max() < 2e-6 * np.sqrt(5000) * density(kernel, np.zeros(1))[0]
