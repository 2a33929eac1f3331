"""A prediction is a fan a series, by the clock where stamps are instants."""

import numpy as np
import pytest
from tests.series.pictures.made import shown

from learnsys.series.results.forecast import Prediction


@pytest.mark.parametrize("t0", [0, 1_767_571_200_000_000_000])
@pytest.mark.parametrize("d", [1, 10])
def test_a_fan_a_series(t0, d):
    at = np.array([30.0, 0.0, 600.0])
    mean = np.ones((3, d))
    made = Prediction(
        ids=tuple(f"f{i}" for i in range(d)), t0_ns=t0, at_s=at, mean=mean, standard_error=mean, low=mean - 2,
        high=mean + 2, level=0.9, nugget=np.zeros(d),
    )  # fmt: skip
    words, svg = shown(made.chart())
    assert "90 % intervals of a new sample" in words
    assert ("8 of 10 series" in words) == (d == 10)
    assert svg.count("mark-area") == min(d, 8)
    assert ("min" in words) == (t0 == 0)
