"""How exact sums must be, so that covariances are right to ``GOAL`` of C(0), and whether they came out so.

Away from where the kernel is, each pair of samples leaves an error of about the tolerance times the kernel's peak, of
either sign: together tol sqrt(n). In single precision rounding adds ``ROUNDING`` n. A covariance divides by the pairs
of samples near a lag, so that a plan of few neighbours needs exact sums, and dense samples do with single precision,
which is twice as quick. Before, it is only known how many pairs are near a lag on average: where they turn out too few
(samples with gaps, increments near lag 0 of a series with itself), the sums of these pairs of series are made again.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.types import Facts
from learnsys.series.sums.kernels import density
from learnsys.series.types import Kernel, KernelSums

GOAL: Final = 3e-6
LEAST: Final = 8.0  # effective pairs that a lag must have to be shown
SINGLE: Final = 2e-6  # the tolerance from which on the grid computes in single precision
DOUBLE: Final = 5e-7
ROUNDING: Final = 1e-6
FINEST: Final = 1e-11


def tight(facts: Facts) -> float:
    """The tolerance at which even a lag with the fewest pairs is right."""
    n = float(facts.n.max(initial=1))
    return float(np.clip(GOAL * LEAST / np.sqrt(max(n, 1.0)), FINEST, 1e-6))


def first_try(facts: Facts, kernels: Sequence[Kernel]) -> float:
    """The tolerance to begin with: single precision, if there are enough pairs near a lag on average."""
    some = facts.n > 1
    if not some.any():
        return tight(facts)
    n, span = facts.n[some].astype(float), (facts.last_s - facts.first_s)[some]
    near = float((n * n * min(kernel.h for kernel in kernels) / np.maximum(span, 1e-9)).min())
    good = (tol for tol in (SINGLE, DOUBLE) if _error(float(n.max()), tol) < GOAL * near)
    return next(good, tight(facts))


def holds(sums: Sequence[KernelSums], facts: Facts, tol: float) -> bool:
    """Tell whether sums computed to ``tol`` give every lag that is shown to ``GOAL``."""
    return not any(weak(one, facts, tol).any() for one in sums)


def weak(one: KernelSums, facts: Facts, tol: float) -> NDArray[np.bool_]:
    """Tell for which pairs of series sums computed to ``tol`` are not exact enough at some lag, shape (P,)."""
    if tol <= tight(facts):
        return np.zeros(len(one.pairs), bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        typical = np.nan_to_num(facts.sum_w2 / facts.sum_w, nan=1.0)
    unit = density(one.kernel, np.zeros(1))[0] * typical[one.pairs[:, 0]] * typical[one.pairs[:, 1]]
    pairs = one.ww[0].sum(axis=0) / unit[:, None]
    few = (pairs >= LEAST) & (pairs * GOAL < _error(float(facts.n.max()), tol))
    return np.asarray(few.any(axis=1))


def _error(n: float, tol: float) -> float:
    return float(tol * np.sqrt(n) + (ROUNDING * n if tol >= SINGLE else 0.0))
