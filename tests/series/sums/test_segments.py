import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.sums import segments
from learnsys.series.sums.segments import Layout


@pytest.mark.parametrize("halo", [3, 10, 40])
def test_products_are_the_transform_of_correlations(halo):
    rng = np.random.default_rng(halo)
    cells = rng.normal(size=(3, 200))
    size = segments.segment_size(halo, 200, band=1.0, series=3, pairs=6, lags=10)
    layout = Layout.of(np.array([0]), np.array([200]), (halo, size, size // 2 + 1))
    padded = np.zeros((3, layout.starts.size * layout.length))
    padded[:, :200] = cells
    a, b = segments.transforms(np.stack([np.zeros_like(padded), padded]), layout, 4)[1]
    found = np.empty((layout.frequencies, 2, 3, 3))
    segments.products(a, b, found)
    lags = np.fft.irfft(found[:, 0] + 1j * found[:, 1], n=size, axis=0)
    for j in range(-halo, halo + 1):
        expected = [[x[max(0, -j) : 200 - max(0, j)] @ y[max(0, j) : 200 + min(0, j)] for y in cells] for x in cells]
        np.testing.assert_allclose(lags[j], expected, atol=1e-10)


def test_pairs_alone_are_as_all_together():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(5, 4, 2, 6)), rng.normal(size=(5, 4, 2, 3))
    together, alone = np.empty((5, 2, 3, 3)), np.empty((5, 2, 3))
    segments.products(a, b, together)
    segments.products_of_pairs(a, b, alone)
    np.testing.assert_allclose(alone, np.diagonal(together, axis1=2, axis2=3), atol=1e-12)


def test_rows_of_blocks_share_cells_at_their_borders():
    layout = Layout.of(np.array([0, 28]), np.array([32, 60]), (4, 24, 5))
    assert layout.starts.tolist() == [0, 16, 28, 44]
    assert layout.edges.tolist() == [0, 2, 4]
    cells = np.arange(1.0, 65.0)[None]
    out = np.empty((4, 1, 24))
    segments.copy_windows(out, cells, layout.starts, (0, 16, 4, 4))
    whole = np.zeros(200)
    for row, start in enumerate(layout.starts):
        whole[100 + start : 100 + start + 16] += cells[0, 16 * row : 16 * row + 16]
    for row, start in enumerate(layout.starts):
        np.testing.assert_array_equal(out[row, 0], whole[100 + start - 4 : 100 + start + 20])


def test_empty_rows_are_left_out():
    layout = Layout.of(np.array([0, 80]), np.array([80, 160]), (4, 24, 5))
    kept = layout.without(np.array([False, True, True, False, False] + [True] * 4 + [False]))
    assert kept.starts.tolist() == [0, 48, 64, 144]
    assert kept.edges.tolist() == [0, 3, 4]
    assert kept.place.tolist() == [0, -1, -1, 1, 2, -1, -1, -1, -1, 3]


def test_segments_are_neither_all_halo_nor_larger_than_the_grid():
    for cells in (10, 1000, 100_000):
        size = segments.segment_size(50, cells, band=0.8, series=100, pairs=5050, lags=81)
        assert 100 < size <= max(cells + 110, 1000)
        assert size % 2 == 0


def test_a_grid_of_too_many_rows():
    with pytest.raises(InputError, match="cells"):
        Layout.of(np.array([0]), np.array([10**12]), (4, 24, 5))
