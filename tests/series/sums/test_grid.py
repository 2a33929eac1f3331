import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import sici
from tests.series import naive
from tests.series.strategies import samples, sums_specs
from tests.series.sums.gridded import SMOOTH, assert_close, many, spec_of

from learnsys.series.sums import direct, grid, grid_plan
from learnsys.series.sums.kernels import bandlimit
from learnsys.series.types import Samples


@settings(deadline=None, max_examples=60)
@given(samples(), sums_specs(SMOOTH), st.sampled_from([1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10]))
def test_equals_the_sum_over_all_pairs(made, spec, tol):
    assert_close(grid.sums(made, spec, tol=tol), naive.kernel_sums(made, spec), made, 3 * tol)


@pytest.mark.parametrize("blocks", [1, 24])
@pytest.mark.parametrize("tol", [1e-3, 1e-9])
@pytest.mark.parametrize("held", [grid.TRANSFORMED, 1])  # entries of transforms: of all rows, or of one at a time
def test_many_segments(monkeypatch, held, blocks, tol):
    monkeypatch.setattr(grid, "TRANSFORMED", held)
    monkeypatch.setattr(grid, "SIDE", 2)
    made, spec = many(1), spec_of(*SMOOTH, blocks=blocks)
    plan = grid_plan.make_plan(made, spec, tol)
    assert len(plan.layout.starts) >= 4
    assert_close(grid.sums(made, spec, tol=tol), direct.sums(made, spec), made, tol)


@pytest.mark.parametrize("name", [*SMOOTH, "box"])
def test_stamps_on_a_grid_are_exact_for_every_kernel(name):
    made, spec = many(2, quantum=0.25), spec_of(name, blocks=3, cross=True)
    assert grid_plan.make_plan(made, spec, 1e-9).spreading.width == 1
    for rounded in (1e-9, 1e-3):
        assert_close(grid.sums(made, spec, tol=rounded), direct.sums(made, spec), made, max(1e-11, 4e-3 * rounded))


def test_a_box_between_stamps_is_the_box_without_high_frequencies():
    made, spec, tol = many(4), spec_of("box", h=1.5), 1e-6
    cut = bandlimit(spec.kernels[0], tol)

    def truncated(u):
        return (sici((u + 1.5) * cut)[0] - sici((u - 1.5) * cut)[0]) / (2 * np.pi * 1.5)

    found = grid.sums(made, spec, tol=tol)[0]
    (ta, xa, _), (tb, xb, _) = made.one(0), made.one(1)
    expected = [xa @ truncated(tb[None] - ta[:, None] - lag) @ xb for lag in spec.lags.values]
    size = np.linalg.norm(xa) * np.linalg.norm(xb) / 3
    np.testing.assert_allclose(found.xy[0, 0, 1], expected, rtol=0, atol=0.01 * size)


@pytest.mark.parametrize("pairs", [((2, 0), (1, 1), (0, 2), (1, 1)), "auto", ((0, 1),)])
def test_pairs_in_any_order_and_number(pairs):
    made, spec = many(6, series=5), spec_of("k4", pairs=pairs, cross=True)
    assert_close(grid.sums(made, spec, tol=1e-8), direct.sums(made, spec), made, 1e-8)


def test_tiles_hold_each_pair_once(monkeypatch):
    made, spec = many(7, series=7, n=60), spec_of("gaussian")
    monkeypatch.setattr(grid, "SIDE", 3)
    whole = grid.sums(made, spec, tol=1e-4)[0]
    tiles = [tile[0] for tile in grid.tiles(made, spec, tol=1e-4)]
    assert len(tiles) == 3
    pairs = np.concatenate([tile.pairs for tile in tiles])
    order = np.lexsort(pairs.T[::-1])
    np.testing.assert_array_equal(pairs[order], whole.pairs)
    found = np.concatenate([tile.xy for tile in tiles], axis=2)[:, :, order]
    np.testing.assert_allclose(found, whole.xy, rtol=0, atol=1e-4)


def test_a_large_mean_is_no_loss_with_cross_sums():
    made = many(8)
    high = msgspec.structs.replace(made, x=made.x + 1e4)
    spec = spec_of("gaussian", cross=True)
    ours, theirs = grid.sums(high, spec, tol=1e-4)[0], direct.sums(made, spec)[0]
    m = 1e4
    found = ours.xy - m * ours.xw - m * ours.wx + m * m * ours.ww
    np.testing.assert_allclose(found, theirs.xy, rtol=0, atol=0.1)


def test_values_that_single_precision_cannot_multiply():
    made = many(9)
    spec = spec_of("gaussian")
    tiny = msgspec.structs.replace(made, x=1e-30 * made.x)
    ours, theirs = grid.sums(tiny, spec, tol=1e-3)[0], grid.sums(made, spec, tol=1e-3)[0]
    np.testing.assert_allclose(1e60 * ours.xy, theirs.xy, rtol=0, atol=1e-2)


def test_no_samples_are_no_sums():
    made = Samples.of({"a": ([], []), "b": ([], [])})
    assert not grid.sums(made, spec_of("gaussian"))[0].ww.any()
    one = Samples.of({"a": ([], []), "b": ([1.0], [2.0])})
    np.testing.assert_allclose(grid.sums(one, spec_of("gaussian", blocks=3))[0].ww, 0, atol=1e-6)
