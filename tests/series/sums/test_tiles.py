import numpy as np
import pytest
from tests.series.sums.rows import grid_for, spec_of

from learnsys.series.sums import segments
from learnsys.series.sums import tiles as tiling
from learnsys.series.sums.tiles import Tiles, ordered, upper

ROWS, SIDE = 3, 2


@pytest.fixture
def grid():
    return grid_for(spec_of("gaussian"), 1e-9)


def cells_and_planes(grid, dtype=float):
    """Two tiles of two series: their cells, shape (series, x or w, cells), and their transforms."""
    n = ROWS * grid.length
    cells = np.random.default_rng(1).normal(size=(2, 2, SIDE, n)).astype(dtype)  # tiles, x or w, series
    planes = [segments.transforms(tile.reshape(1, 2 * SIDE, n), grid.layout(ROWS), 8)[0] for tile in cells]
    return cells.transpose(0, 2, 1, 3).reshape(4, 2, n), tuple(map(list, zip(*planes, strict=True)))


def correlated(cells, grid, i, k):
    n = cells.shape[2]
    both = ((0, 0), (0, 1), (1, 0), (1, 1))
    return [np.correlate(cells[k, b], cells[i, a], "full")[n - 1 - grid.halo : n + grid.halo] for a, b in both]


def test_correlations_are_those_of_the_cells(grid):
    cells, planes = cells_and_planes(grid)
    tiles = Tiles(grid, SIDE)
    tiles.add(*planes, slice(0, 2), 4)
    tiles.add(*planes, slice(2, 3), 5)
    numbers, pairs, r = tiles.take(4)
    assert numbers.tolist() == [4, 5]
    np.testing.assert_array_equal(pairs, upper(4))
    for pair, (i, k) in enumerate(pairs):
        np.testing.assert_allclose(r[..., pair].sum(axis=0), correlated(cells, grid, i, k), atol=1e-9)


def test_blocks_are_joined_with_what_is_not_turned_yet(grid):
    cells, planes = cells_and_planes(grid)
    tiles = Tiles(grid, SIDE)
    tiles.add(*planes, slice(0, 2), 4)
    tiles.add(*planes, slice(2, 3), 5)
    tiles.join()
    numbers, _, r = tiles.take(4)
    assert numbers.tolist() == [2]
    np.testing.assert_allclose(r[0, ..., 1], correlated(cells, grid, 0, 1), atol=1e-9)


@pytest.mark.parametrize(("dtype", "additions"), [(np.float32, [4, 4, 1]), (np.float64, [9])])
def test_products_are_turned_to_lags_now_and_then(grid, monkeypatch, dtype, additions):
    turned = []
    monkeypatch.setattr(tiling, "TURN", 4)
    monkeypatch.setattr(Tiles, "turn", lambda self, turn=Tiles.turn: (turned.append(self.added), turn(self)))
    cells, planes = cells_and_planes(grid, dtype)
    tiles = Tiles(grid, SIDE)
    for _ in range(9):
        tiles.add(*planes, slice(0, ROWS), 0)
    _, _, r = tiles.take(4)
    assert [n for n in turned if n] == additions
    expected = 9 * np.array(correlated(cells, grid, 0, 1))
    np.testing.assert_allclose(r[0, ..., 1], expected, atol=1e-5 * np.abs(expected).max())


def test_only_pairs_that_are_wanted_are_multiplied(grid):
    cells, planes = cells_and_planes(grid, np.float32)
    wanted = ordered(np.array([[3, 2], [2, 2], [2, 3]]))
    tiles = Tiles(grid, SIDE, wanted, dtype=np.float32)
    tiles.add(*planes, slice(0, ROWS), 0)
    assert tiles.keys == [(1, 1)]
    _, pairs, r = tiles.take(4)
    assert pairs.tolist() == [[2, 2], [2, 3]]
    assert r.dtype == np.float32
    np.testing.assert_allclose(r[0, ..., 1], correlated(cells, grid, 2, 3), atol=2e-3)


def test_series_may_come_later(grid):
    cells, planes = cells_and_planes(grid)
    tiles = Tiles(grid, SIDE)
    for block in (0, 1):
        tiles.add(*(side[:1] for side in planes), slice(0, 1), block)
    tiles.add(*planes, slice(0, ROWS), 1)
    tiles.join()
    _, pairs, r = tiles.take(4)
    first = cells.copy()
    first[:, :, grid.length :] = 0
    found = r[0, ..., pairs.tolist().index([0, 1])]
    # b's rows reach beyond a's: of the first row alone, what a has there
    expected = np.array(correlated(cells, grid, 0, 1)) + 2 * np.array(
        [np.correlate(cells[1, b], first[0, a], "full")[cells.shape[2] - 1 - grid.halo : cells.shape[2] + grid.halo]
         for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))]
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert r.shape[-1] == 10
