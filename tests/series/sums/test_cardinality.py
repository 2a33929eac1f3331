import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sums.cardinality import check_cardinality, check_modes, count_pairs
from learnsys.series.types import Lags, SumsSpec


def test_sums_that_memory_cannot_hold_are_refused_before_they_are_made():
    with pytest.raises(InputError, match=r"500,500 pairs of 1,000 series at 81 lags in 20 blocks take .* pairs='auto'"):
        check_cardinality(1000, 81, blocks=20, budget_bytes=2 * 1024**3)
    with pytest.raises(InputError):
        check_cardinality(10**7, 10**4)
    assert check_cardinality(1000, 81, pairs=1000, blocks=20, budget_bytes=2 * 1024**3) == 1000 * 81 * 20 * 4 * 8
    assert check_cardinality(3, 2, fields=1) == 6 * 2 * 8


def test_frequencies_that_fit_are_counted_and_others_refused():
    assert check_modes(3, 1000, itemsize=16, budget_bytes=100_000) == 96_000
    with pytest.raises(InputError, match="fewer series, a larger bandwidth"):
        check_modes(4, 1000, itemsize=16, budget_bytes=100_000)
    with pytest.raises(InputError, match="frequencies take"):
        check_modes(1, 10**13, itemsize=8)


def test_pairs_are_counted_as_they_are_numbered_but_without_making_them():
    lag = Lags(first_s=0.0, step_s=1.0, count=1)
    for pairs in ("all", "auto", ((0, 1), (2, 2))):
        assert count_pairs(pairs, 3) == len(SumsSpec(pairs=pairs, kernels=(), lags=lag).numbered(3))
    assert count_pairs("all", 10**9) == 10**9 * (10**9 + 1) // 2


@pytest.mark.parametrize("pair", [(0, 3), (0, -1)])
def test_pairs_of_series_that_there_are_not_are_refused(pair):
    with pytest.raises(InputError, match=r"of 3 series.*numbers from 0 to 2"):
        count_pairs((pair,), 3)
    with pytest.raises(UnknownName, match="all"):
        count_pairs("some", 3)
