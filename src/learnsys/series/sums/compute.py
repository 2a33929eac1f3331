"""Sums over pairs of samples by whichever way is quickest."""

from typing import Literal

from learnsys.core.errors import UnknownName
from learnsys.series.types import KernelSums, Samples, SumsSpec

How = Literal["auto", "direct"]
WAYS: tuple[How, ...] = ("auto", "direct")


def sums(samples: Samples, spec: SumsSpec, *, tol: float = 1e-6, how: How = "auto") -> tuple[KernelSums, ...]:
    """Compute the sums, one result a kernel.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec
    tol : float
        Error of the ways that are not exact, relative to the sums of a constant series.
    how : {"auto", "direct"}
        ``"auto"`` takes the way of least cost.

    Raises
    ------
    UnknownName
        If ``how`` is none of these.
    """
    from learnsys.series.sums import direct

    if how not in WAYS:
        raise UnknownName.of("way to compute sums", how, WAYS)
    return direct.sums(samples, spec)
