"""A predicted quantity with its uncertainty."""

from typing import Final, Self, final

import msgspec
import numpy as np
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
