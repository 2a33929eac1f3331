"""Series without a known memory are left out, and the largest comes first."""

import numpy as np
from tests.series.pictures.made import shown

from learnsys.series.results.long_memory import LongMemoryResult


def test_series_are_ordered_by_memory():
    d = np.array([0.1, np.nan, 0.4])
    result = LongMemoryResult(
        ids=("few", "none", "much"), d=d, low=d - 0.1, high=d + 0.1, frequencies=np.array([30, 1, 30]),
        method="whittle", level=0.9,
    )  # fmt: skip
    words, _ = shown(result.chart())
    assert "much" in words
    assert "none" not in words.replace("0: none", "")
    assert "90 % intervals" in words
