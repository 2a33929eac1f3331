"""A predicted quantity with its uncertainty."""

from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

P90: Final = float(ndtri(0.9))


@final
class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Mean, median, central interval at ``level`` and 90th percentile of one quantity.

    The unit is in the name of the field that holds the estimate (``time_s``, ``cost_usd``).
    """

    mean: float
    median: float
    low: float
    high: float
    level: float
    p90: float

    @classmethod
    def lognormal(cls, median: float, log_sd: float, *, level: float = 0.9) -> Self:
        """Estimate a positive quantity whose logarithm is normal with standard deviation ``log_sd``.

        Examples
        --------
        >>> e = Estimate.lognormal(10.0, 0.1)
        >>> round(e.low, 2), round(e.high, 2), round(e.p90, 2)
        (8.48, 11.79, 11.37)
        """
        half = float(ndtri(0.5 + level / 2)) * log_sd
        return cls(
            mean=float(median * np.exp(log_sd**2 / 2)),
            median=float(median),
            low=float(median * np.exp(-half)),
            high=float(median * np.exp(half)),
            level=level,
            p90=float(median * np.exp(P90 * log_sd)),
        )

    @classmethod
    def sampled(cls, values: ArrayLike, *, level: float = 0.9) -> Self:
        """Estimate a quantity from equally likely values of it.

        Parameters
        ----------
        values : array_like, any shape
            At least one finite number.
        level : float
            Probability of the interval, in (0, 1).

        Examples
        --------
        >>> e = Estimate.sampled(range(101), level=0.8)
        >>> e.median, round(e.low, 6), round(e.high, 6)
        (50.0, 10.0, 90.0)
        """
        x = np.asarray(values, float).ravel()
        low, median, high, p90 = (float(q) for q in np.quantile(x, [0.5 - level / 2, 0.5, 0.5 + level / 2, 0.9]))
        return cls(mean=float(x.mean()), median=median, low=low, high=high, level=level, p90=p90)
