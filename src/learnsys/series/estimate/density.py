"""How densely series are sampled over time: counts in equal bins from the first sample of all to the last."""

from typing import final

import msgspec
import numpy as np

from learnsys.core.errors import InputError
from learnsys.series.estimate.types import Facts
from learnsys.series.results.density import Density
from learnsys.series.types import Samples


@final
class SamplingDensity(msgspec.Struct, frozen=True, kw_only=True):
    """The statistic of a query: samples of each series in each of ``bins`` equal parts of the time of all.

    Examples
    --------
    >>> from learnsys import series
    >>> src = series.scan({"a": ([0.0, 1.0, 9.0], [1.0, 2.0, 3.0]), "b": ([10.0], [4.0])})
    >>> src.ask(SamplingDensity(bins=2)).collect().count.tolist()
    [[2, 1], [0, 1]]
    """

    bins: int = 120

    def needs(self, facts: Facts) -> None:
        """The samples themselves."""
        if self.bins < 1:
            raise InputError.below("bins", self.bins, 1)

    def finish(self, given: Samples, facts: Facts) -> Density:
        """Count."""
        first, last = (float(given.t.min()), float(given.t.max())) if given.t.size else (0.0, 1.0)
        width = (last - first) / self.bins or 1.0
        place = np.minimum((given.t - first) / width, self.bins - 1).astype(np.int64)
        flat = np.bincount(given.series * self.bins + place, minlength=len(given) * self.bins)
        return Density(
            ids=given.ids, t0_ns=given.t0_ns, first_s=first, width_s=width,
            count=flat.reshape(len(given), self.bins).astype(np.int64),
        )  # fmt: skip
