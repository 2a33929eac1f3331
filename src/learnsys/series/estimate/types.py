"""How an estimator tells what it needs, so that several share one pass over the samples."""

from typing import Any, Protocol, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.result import Result
from learnsys.series.types import Floats, Samples, SumsSpec


@final
class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass over the samples tells of each of D series; arrays of shape (D,).

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
        Origin of the stamps.
    n : ndarray of int64
        Samples.
    first_s, last_s : ndarray
        Stamps of the first and the last sample; NaN where there is none.
    sum_w, sum_w2 : ndarray
        Sums of the weights and of their squares.
    mean, variance : ndarray
        Weighted, of the values before a mean was removed.
    """

    ids: tuple[str, ...]
    t0_ns: int
    n: NDArray[np.int64]
    first_s: Floats
    last_s: Floats
    sum_w: Floats
    sum_w2: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, samples: Samples) -> Self:
        """Look through the samples.

        Examples
        --------
        >>> Facts.of(Samples.of({"a": ([0.0, 3.0], [1.0, 5.0])})).variance.tolist()
        [4.0]
        """
        n, mean = np.diff(samples.starts), samples.means
        first, last = np.full(len(n), np.nan), np.full(len(n), np.nan)
        some = n > 0
        first[some], last[some] = samples.t[samples.starts[:-1][some]], samples.t[samples.starts[1:][some] - 1]
        sum_w = samples.sums(samples.w)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = samples.sums(samples.w * samples.centred().x ** 2) / sum_w
        return cls(
            ids=samples.ids, t0_ns=samples.t0_ns, n=n, first_s=first, last_s=last, sum_w=sum_w,
            sum_w2=samples.sums(samples.w**2), mean=mean, variance=variance,
        )  # fmt: skip

    def span_s(self) -> float:
        """Seconds from the first sample of all to the last.

        Raises
        ------
        InputError
            Where there is no sample.
        """
        if not np.any(self.n):
            raise InputError(
                "there are no samples, or none was kept", value=0,
                next="see what there is with describe, and check the times and the conditions that choose samples",
            )  # fmt: skip
        return float(np.nanmax(self.last_s) - np.nanmin(self.first_s))


@final
class CoefficientsSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which Fourier coefficients are wanted: angular frequencies 2 pi k / period_s, k = 0 ... modes - 1."""

    period_s: float
    modes: int


class Statistic(Protocol):
    """The parameters of an estimator, a frozen and hashable struct; what it needs, and what it makes of it.

    ``needs`` names kernel sums, Fourier coefficients, or None: the samples themselves. ``finish`` gets just that:
    a tuple of KernelSums (of centred samples, or with ``cross`` sums), Coefficients, or Samples (not centred).
    One whose ``needs`` is declared to be None or not tells by a property ``of_sums`` whether it never is: the optimiser
    of queries does more for it then.
    """

    def needs(self, facts: Facts) -> SumsSpec | CoefficientsSpec | None:
        """Say what is to be computed from the samples; raise InputError where the parameters do not suit them."""
        ...

    def finish(self, given: Any, facts: Facts) -> Result:
        """Make the result."""
        ...
