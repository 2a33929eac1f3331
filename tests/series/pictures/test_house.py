"""What pictures share: units that read well, thinning that keeps the ends, and kinds by name."""

import numpy as np
import pytest
from tests.series.pictures.made import covariances

from learnsys.core.errors import UnknownName
from learnsys.series.pictures.house import number, thinned, unit


@pytest.mark.parametrize(
    ("reach", "name"), [(3e5, "d"), (7200, "h"), (7000, "min"), (90, "s"), (0.5, "ms"), (1e-5, "us"), (0, "us")]
)
def test_the_unit_shows_at_least_two_of_it(reach, name):
    assert unit(reach)[1] == name


def test_thinning_keeps_the_ends_and_what_is_short():
    assert thinned(5).tolist() == [0, 1, 2, 3, 4]
    kept = thinned(10_000, 50)
    assert (kept[0], kept[-1], len(kept)) == (0, 9999, 50)


def test_unknown_numbers_are_null():
    assert [number(v) for v in (1.5, np.nan, np.inf)] == [1.5, None, None]


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownName, match="kind of chart"):
        covariances().chart("pie")
