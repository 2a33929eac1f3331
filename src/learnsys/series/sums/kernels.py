"""Lag kernels K_h(u), their moments u^p K_h(u) and the Fourier transforms of both.

With G the Gaussian density of standard deviation h and g(w) = exp(-h^2 w^2 / 2) its transform:

    gaussian       K = G                              transform g
    k4             K = G (3 - u^2/h^2) / 2            transform g (1 + h^2 w^2 / 2): of fourth order, so that the
                                                      peak of a covariance is not flattened (bias h^4, not h^2)
    box            K = 1/(2h) for |u| < h             transform sin(h w) / (h w): slotting
    local-linear   G with its moments u G, u^2 G      transforms g, -i h^2 w g, (h^2 - h^4 w^2) g:
                                                      a line is fitted over the lags near tau
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.types import Floats, Kernel

# Bandwidths after which a kernel and its moments are below 1e-17 of their peak.
REACH: Final = {"gaussian": 8.9, "k4": 9.5, "local-linear": 9.5, "box": 1.0}


def moments(kernel: Kernel) -> tuple[int, int]:
    """Count the moments that sums of weights and sums of values need."""
    return (3, 2) if kernel.name == "local-linear" else (1, 1)


def reach_s(kernel: Kernel) -> float:
    """Tell how far from a lag a pair of samples can be and still count, in seconds."""
    return REACH[kernel.name] * kernel.h


def density(kernel: Kernel, u: Floats, p: int = 0) -> Floats:
    """Evaluate u^p K_h(u), in the shape of ``u``.

    Parameters
    ----------
    kernel : Kernel
    u : ndarray
        Distances from the lag, in seconds.
    p : int
        Moment, >= 0.

    Examples
    --------
    >>> density(Kernel(name="box", h=2.0), np.array([0.0, 1.9, 2.1])).tolist()
    [0.25, 0.25, 0.0]
    """
    h = kernel.h
    if kernel.name == "box":
        value = np.where(np.abs(u) < h, 0.5 / h, 0.0)
    else:
        value = np.exp(-0.5 * (u / h) ** 2) / (h * np.sqrt(2 * np.pi))
        if kernel.name == "k4":
            value = value * (1.5 - 0.5 * (u / h) ** 2)
    return value if p == 0 else u**p * value


def transform(kernel: Kernel, omega: Floats, p: int = 0) -> NDArray[np.complex128]:
    """Evaluate the integral of u^p K_h(u) exp(-i w u) over u, in the shape of ``omega``.

    Parameters
    ----------
    kernel : Kernel
    omega : ndarray
        Angular frequencies, radians a second.
    p : int
        Moment: 0, and for the local-linear kernel 1 and 2.

    Examples
    --------
    >>> transform(Kernel(name="k4", h=1.0), np.zeros(1)).real.tolist()
    [1.0]
    """
    h = kernel.h
    if kernel.name == "box":
        return np.asarray(np.sinc(h * omega / np.pi), complex)
    g = np.exp(-0.5 * (h * omega) ** 2)
    if kernel.name == "k4":
        return np.asarray(g * (1 + 0.5 * (h * omega) ** 2), complex)
    if p == 0:
        return np.asarray(g, complex)
    return np.asarray(-1j * h**2 * omega * g if p == 1 else (h**2 - h**4 * omega**2) * g, complex)


def bandlimit(kernel: Kernel, tol: float) -> float:
    """Find the angular frequency beyond which the transform of each moment is below ``tol`` of its largest value.

    A box has none; it is truncated where the Gaussian of equal variance would be.
    """
    sd = kernel.h / np.sqrt(3) if kernel.name == "box" else kernel.h
    power = 4 if kernel.name != "gaussian" else 0  # room for the polynomials before the Gaussian
    z = np.sqrt(-2 * np.log(tol))
    for _ in range(20):
        z = np.sqrt(-2 * np.log(tol) + power * np.log(max(z, 1.0)))
    return float(z / sd)
