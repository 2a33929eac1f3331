import numpy as np
import pytest
from tests.series.sums.rows import grid_for, spec_of

from learnsys.core.errors import Incompatible
from learnsys.series.sums import spread
from learnsys.series.sums.cell_sums import WHOLE, CellGrid, block_numbers
from learnsys.series.sums.kernels import density
from learnsys.series.types import Kernel, Lags


@pytest.mark.parametrize("name", ["gaussian", "k4", "local-linear"])
@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-9])
def test_two_spread_samples_see_the_lag_kernel(name, tol):
    grid = grid_for(spec_of(name), tol)
    kernel, tau = Kernel(name=name, h=0.8), np.linspace(-6, 6, 25)
    rng, cells = np.random.default_rng(0), np.arange(400)
    for p in range(3 if name == "local-linear" else 1):
        matrix = grid.kernel_matrix(kernel, tau, p)
        for _ in range(5):
            u, v = 200 + rng.uniform(-3, 3, 2)
            a, b = (np.where(np.abs(cells - s) <= grid.spreading.width / 2,
                             spread.window(cells - s, grid.spreading), 0) for s in (u, v))  # fmt: skip
            r = np.correlate(b, a, "full")[399 - grid.halo : 400 + grid.halo]
            expected = density(kernel, (v - u) * grid.spreading.cell_s - tau, p)
            peak = np.abs(density(kernel, np.linspace(-3, 3, 301), p)).max()
            np.testing.assert_allclose(matrix @ r, expected, atol=2 * tol * peak)


def test_a_sample_sees_itself_as_two_at_one_place():
    grid = grid_for(spec_of("local-linear"), 1e-9)
    kernel, tau = Kernel(name="local-linear", h=0.8), np.linspace(-3, 3, 13)
    for p, response in enumerate(grid.own_responses(kernel, tau)):
        np.testing.assert_allclose(response, density(kernel, -tau, p), atol=1e-8)


def test_blocks_are_joined_two_by_two():
    grid = CellGrid.of((Kernel(name="gaussian", h=1.0),), Lags(first_s=0, step_s=1, count=5), block_s=1e4)
    rows = np.arange(-40, 40) * grid.block_rows
    for level in range(3):
        np.testing.assert_array_equal(block_numbers(rows, grid, level), np.arange(-40, 40) // 2**level)
    assert not block_numbers(rows, grid, WHOLE).any()


def test_what_a_grid_cannot_tell():
    grid = grid_for(spec_of("gaussian", h=0.8), 1e-4)
    with pytest.raises(Incompatible, match="too coarse"):
        grid.kernel_matrix(Kernel(name="gaussian", h=0.4), np.zeros(1), 0)
    with pytest.raises(Incompatible, match=r"reaches to lags of .*, but 600 s"):
        grid.kernel_matrix(Kernel(name="gaussian", h=0.8), np.array([-600.0]), 0)
