"""Sums over pairs of samples by whichever way is quickest, as the cost model predicts.

Which way is taken must not change an answer by more than the tolerance.
"""

from typing import Literal

from learnsys.core.errors import UnknownName
from learnsys.series.estimate.types import Facts
from learnsys.series.sums.cost import WAYS, CostModel, Way, allowed
from learnsys.series.types import KernelSums, Samples, SumsSpec


def sums(
    samples: Samples, spec: SumsSpec, *, tol: float = 1e-6, how: Literal["auto"] | Way = "auto"
) -> tuple[KernelSums, ...]:
    """Compute the sums, one result a kernel.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec
    tol : float
        Error of the ways that are not exact, relative to the sums of a constant series.
    how : {"auto", "direct", "spectral", "grid"}
        ``"auto"`` takes the way of least cost.

    Raises
    ------
    UnknownName
        If ``how`` is none of these.
    """
    if how == "auto":
        how = choose(Facts.of(samples), spec)
    if how == "direct":
        from learnsys.series.sums import direct

        return direct.sums(samples, spec)
    if how == "spectral":
        from learnsys.series.sums import spectral

        return spectral.sums(samples, spec, tol=tol)
    if how == "grid":
        from learnsys.series.sums import grid

        return grid.sums(samples, spec, tol=tol)
    raise UnknownName.of("way to compute sums", how, ("auto", *WAYS))


def choose(facts: Facts, spec: SumsSpec, ways: tuple[Way, ...] = WAYS) -> Way:
    """Choose the way of least cost, among some, for samples of which ``facts`` tells.

    Examples
    --------
    >>> from learnsys.series.types import Kernel, Lags
    >>> facts = Facts.of(Samples.of({"a": (range(10_000), range(10_000))}))
    >>> lags = Lags(first_s=-40.0, step_s=1.0, count=81)
    >>> specs = [SumsSpec(pairs="all", kernels=(Kernel(name="k4", h=h),), lags=lags) for h in (0.001, 10.0)]
    >>> [choose(facts, spec) for spec in specs]
    ['direct', 'spectral']
    """
    costs = CostModel().sums(facts, spec)
    return min(allowed(facts, spec, ways), key=lambda way: costs[way])
