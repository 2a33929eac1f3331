import numpy as np

from learnsys.series.results.long_memory import LongMemoryResult


def made():
    return LongMemoryResult(
        ids=("a", "b"), d=np.array([0.2, np.nan]), low=np.array([0.1, np.nan]), high=np.array([0.3, np.nan]),
        frequencies=np.array([30, 1]), method="whittle", level=0.95,
    )  # fmt: skip


def test_rows_name_the_exponent_of_the_levels_and_leave_out_what_is_not_known():
    assert made().table().rows == (("a", 0.2, 0.1, 0.3, 0.7, 30), ("b", None, None, None, None, 1))
