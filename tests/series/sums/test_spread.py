import numpy as np
import pytest

from learnsys.series.sums import spread
from learnsys.series.types import KERNELS, Kernel


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("tol", [1e-2, 1e-4, 1e-6, 1e-10])
def test_the_window_has_its_transform(name, tol):
    chosen = spread.design((Kernel(name=name, h=0.7),), tol)
    z, weights = np.polynomial.legendre.leggauss(400)
    half = 0.5 * chosen.width
    x = np.linspace(0, 2 * np.pi, 50)
    integral = half * (np.cos(np.outer(x, half * z)) * weights) @ spread.window(half * z, chosen)
    np.testing.assert_allclose(spread.window_transform(x, chosen.width, chosen.sharpness), integral, atol=1e-9)


def test_cells_grow_with_the_bandwidth_and_shrink_with_the_tolerance():
    cells = [spread.design((Kernel(name="gaussian", h=h),), 1e-4).cell_s for h in (0.5, 1.0, 2.0)]
    np.testing.assert_allclose(np.divide(cells, cells[0]), [1, 2, 4], rtol=1e-12)
    widths = [spread.design((Kernel(name="gaussian", h=1.0),), tol).width for tol in (1e-2, 1e-4, 1e-6, 1e-10)]
    assert widths == sorted(widths)
    assert widths[-1] <= spread.WIDEST


def test_the_narrowest_kernel_decides():
    wide, narrow = Kernel(name="gaussian", h=2.0), Kernel(name="gaussian", h=0.5)
    assert spread.design((wide, narrow), 1e-4).band == spread.design((narrow,), 1e-4).band


@pytest.mark.parametrize(("single", "error"), [(True, 3e-7), (False, 1e-12)])
def test_the_table_is_the_window(single, error):
    chosen = spread.design((Kernel(name="gaussian", h=1.0),), 1e-6)
    phi = spread.table(chosen, single)
    places = np.random.default_rng(0).uniform(0, len(phi), 1000)
    row = places.astype(int)
    powers = (places - row - 0.5)[:, None] ** np.arange(phi.shape[1])
    found = np.einsum("np,npk->nk", powers, phi[row].astype(float))
    expected = spread.window(places[:, None] / len(phi) + np.arange(chosen.width) - 0.5 * chosen.width, chosen)
    np.testing.assert_allclose(found[:, : chosen.width], expected, atol=error)
    assert not found[:, chosen.width :].any()
    assert phi.shape[2] % spread.LANES == 0


def test_samples_are_spread_by_the_window():
    chosen = spread.design((Kernel(name="gaussian", h=1.0),), 1e-6)
    rng = np.random.default_rng(1)
    t, x, w = np.sort(rng.uniform(0, 30, 20)), rng.normal(size=20), rng.uniform(1, 2, 20)
    starts, none = np.array([0, 12, 20]), np.empty(0, np.int64)
    low, base = np.array([-10]), np.array([0])
    cells = (0.0, 1 / chosen.cell_s, 0.5 * chosen.width, 1, 0.0, 1.0, low, base, none, 1)
    out = np.zeros((2, 2, 100))
    own = np.zeros((3, 1, 2))
    spread.add_samples(out, own, (t, x, w, starts), cells, spread.table(chosen, False))
    for d in range(2):
        part = slice(starts[d], starts[d + 1])
        away = np.arange(-10, 90) - t[part, None] / chosen.cell_s
        phi = np.where(np.abs(away) <= 0.5 * chosen.width, spread.window(away, chosen), 0)
        np.testing.assert_allclose(out[0, d], (w[part] * x[part]) @ phi, atol=1e-10)
        np.testing.assert_allclose(out[1, d], w[part] @ phi, atol=1e-10)
        np.testing.assert_allclose(own[:, 0, d], [(w[part] ** 2 * x[part] ** p).sum() for p in range(3)])
