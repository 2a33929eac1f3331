import numpy as np
import pytest
from tests.series.sums.rows import grid_for, spec_of

from learnsys.core.errors import Incompatible
from learnsys.series.sums import spread
from learnsys.series.sums.cell_sums import WHOLE, CellGrid, Tiles, block_numbers
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


def test_correlations_of_tiles_are_those_of_the_cells():
    grid = grid_for(spec_of("gaussian"), 1e-9)
    rng = np.random.default_rng(1)
    rows, side = 3, 2
    layout = grid.layout(rows)
    n = rows * grid.length
    cells = rng.normal(size=(2, 2, side, n))  # tiles, x or w, series
    from learnsys.series.sums import segments

    planes = [segments.transforms(tile.reshape(1, 2 * side, n), layout, 8)[0] for tile in cells]
    tiles = Tiles(grid, side)
    tiles.add([a for a, _ in planes], [b for _, b in planes], slice(0, 2), 4)
    tiles.add([a for a, _ in planes], [b for _, b in planes], slice(2, 3), 5)
    numbers, r = tiles.of_pairs(4)
    assert numbers.tolist() == [4, 5]
    flat = cells.transpose(0, 2, 1, 3).reshape(4, 2, n)
    for pair, (i, k) in enumerate(zip(*np.triu_indices(4), strict=True)):
        for which, (of_a, of_b) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
            full = np.correlate(flat[k, of_b], flat[i, of_a], "full")[n - 1 - grid.halo : n + grid.halo]
            np.testing.assert_allclose(r[:, which, :, pair].sum(axis=0), full, atol=1e-9)
    tiles.join()
    joined, total = tiles.of_pairs(4)
    assert joined.tolist() == [2]
    np.testing.assert_allclose(total[0], r.sum(axis=0), atol=1e-12)


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
