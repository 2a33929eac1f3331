import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import sici
from tests.series import naive
from tests.series.strategies import samples, sums_specs

from learnsys.core.errors import InputError
from learnsys.series.sums import direct, grid, grid_plan
from learnsys.series.sums.kernels import bandlimit, density
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

FIELDS = ("ww", "xy", "xw", "wx")
SMOOTH = ("gaussian", "k4", "local-linear")


def assert_close(ours, theirs, samples, tol):
    """Compare to ``tol`` of what the pairs of samples could add up to: the peak of the kernel times |w x| |w y|."""
    for a, b in zip(ours, theirs, strict=True):
        reach = np.linspace(-4 * a.kernel.h, 4 * a.kernel.h, 401)
        for name in FIELDS:
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None)
            if x is None:
                continue
            assert x.shape == y.shape
            size = [np.sqrt(samples.sums((samples.w * v) ** 2)) for v in (samples.x, np.ones_like(samples.x))]
            left, right = size[name[0] == "w"], size[name[1] == "w"]
            most = left[a.pairs[:, 0]] * right[a.pairs[:, 1]]
            for p in range(len(x)):
                peak = np.abs(density(a.kernel, reach, p)).max()
                assert np.all(np.abs(x[p] - y[p]) <= tol * peak * most[:, None] + 1e-300)


@settings(deadline=None, max_examples=60)
@given(samples(), sums_specs(SMOOTH), st.sampled_from([1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10]))
def test_equals_the_sum_over_all_pairs(made, spec, tol):
    assert_close(grid.sums(made, spec, tol=tol), naive.kernel_sums(made, spec), made, 3 * tol)


def many(seed, series=3, n=400, span_s=400.0, quantum=None):
    rng = np.random.default_rng(seed)
    stamps = [rng.uniform(0, span_s, n) for _ in range(series)]
    if quantum:
        stamps = [quantum * np.round(t / quantum) for t in stamps]
    return Samples.of({str(d): (t, rng.normal(size=n)) for d, t in enumerate(stamps)})


def spec_of(*names, h=0.6, pairs="all", blocks=1, cross=False):
    return SumsSpec(
        pairs=pairs, kernels=tuple(Kernel(name=name, h=h) for name in names), blocks=blocks, cross=cross,
        lags=Lags(first_s=-7.1, step_s=0.37, count=40),
    )  # fmt: skip


@pytest.mark.parametrize("blocks", [1, 24])
@pytest.mark.parametrize("tol", [1e-3, 1e-9])
def test_many_segments(blocks, tol):
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


def test_a_few_stamps_off_the_grid_are_seen():
    made = many(3, quantum=0.25)
    t = made.t.copy()
    t[17] += 0.01
    off = msgspec.structs.replace(made, t=t)
    assert grid_plan.make_plan(off, spec_of("gaussian"), 1e-6).spreading.width > 1


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


@pytest.mark.parametrize("gap_s", [30.0, 1e4, 3e8])
@pytest.mark.parametrize("blocks", [1, 3])
def test_long_gaps_cost_no_memory(gap_s, blocks):
    rng = np.random.default_rng(5)
    made = Samples.of(
        {
            name: (np.concatenate([rng.uniform(0, 20, 30), gap_s + rng.uniform(0, 20, 30)]), rng.normal(size=60))
            for name in "ab"
        }
    )
    spec = spec_of("gaussian", blocks=blocks)
    assert len(grid_plan.make_plan(made, spec, 1e-6).layout.starts) < 40
    assert_close(grid.sums(made, spec, tol=1e-6), direct.sums(made, spec), made, 1e-6)


@pytest.mark.parametrize("pairs", [((2, 0), (1, 1), (0, 2), (1, 1)), "auto", ((0, 1),)])
def test_pairs_in_any_order_and_number(pairs):
    made, spec = many(6, series=5), spec_of("k4", pairs=pairs, cross=True)
    assert_close(grid.sums(made, spec, tol=1e-8), direct.sums(made, spec), made, 1e-8)


@pytest.mark.parametrize("count", [1, 2, 13, 14])
@pytest.mark.parametrize("quantum", [None, 0.3])
def test_lags_on_both_sides_of_0(count, quantum):
    made = many(10, quantum=quantum)
    kernels = tuple(Kernel(name=name, h=0.6) for name in SMOOTH)
    around = Lags(first_s=-0.25 * (count - 1), step_s=0.5, count=count)
    spec = SumsSpec(pairs="all", kernels=kernels, lags=around, cross=True)
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


@pytest.mark.parametrize("tol", [0.0, 1.0, -1e-3])
def test_a_tolerance_that_is_none(tol):
    with pytest.raises(InputError, match="tolerance"):
        grid.sums(many(1, n=5), spec_of("gaussian"), tol=tol)


def test_a_span_that_no_grid_can_cover():
    t = np.linspace(0, 1e15, 50) + 0.123 * np.arange(50) ** 2
    made = Samples.of({"a": (t, np.ones(50))})
    with pytest.raises(InputError, match="cells"):
        grid.sums(made, spec_of("gaussian"))


def test_what_samples_leave_of_themselves_does_not_add_up():
    rng = np.random.default_rng(0)
    s = Samples.of({"a": (rng.uniform(0, 1e6, 5000), rng.normal(size=5000))})  # few neighbours, so nothing hides it
    kernel = Kernel(name="gaussian", h=5.0)
    spec = SumsSpec(pairs="auto", kernels=(kernel,), lags=Lags(first_s=-60.0, step_s=2.5, count=49))
    (got,), (wanted,) = grid.sums(s, spec, tol=1e-6), direct.sums(s, spec)
    assert np.abs(got.ww - wanted.ww).max() < 2e-6 * np.sqrt(5000) * density(kernel, np.zeros(1))[0]
