import numpy as np
import pytest
from scipy.integrate import quad

from learnsys.series.sums.kernels import bandlimit, density, moments, transform
from learnsys.series.types import KERNELS, Kernel

CASES = [(name, p) for name in KERNELS for p in range(moments(Kernel(name=name, h=1.0))[0])]


@pytest.mark.parametrize(("name", "p"), CASES)
@pytest.mark.parametrize("h", [0.4, 2.0])
@pytest.mark.parametrize("omega", [0.0, 0.7, 3.0])
def test_a_transform_is_the_integral(name, p, h, omega):
    kernel = Kernel(name=name, h=h)
    end = h if name == "box" else 12 * h

    def part(f):
        return quad(lambda u: float(density(kernel, np.array(u), p)) * f(omega * u), -end, end, limit=200)[0]

    assert complex(transform(kernel, np.array(omega), p)) == pytest.approx(part(np.cos) - 1j * part(np.sin), abs=1e-8)


def test_k4_has_no_second_moment():
    kernel = Kernel(name="k4", h=1.3)
    assert quad(lambda u: float(density(kernel, np.array(u), 2)), -15, 15)[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in KERNELS if n != "box"])
@pytest.mark.parametrize("tol", [1e-2, 1e-6, 1e-12])
def test_nothing_is_left_beyond_the_bandlimit(name, tol):
    kernel = Kernel(name=name, h=0.5)
    beyond = bandlimit(kernel, tol) * np.linspace(1, 3, 50)
    for p in range(moments(kernel)[0]):
        inside = np.abs(transform(kernel, np.linspace(0, beyond[0], 400), p)).max()
        assert np.abs(transform(kernel, beyond, p)).max() <= 1.01 * tol * inside
