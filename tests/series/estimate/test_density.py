"""Every sample is in one bin, and the ends are in the first and the last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.series.pictures.made import shown

from learnsys import series
from learnsys.core.errors import InputError
from learnsys.series.estimate.density import SamplingDensity
from learnsys.series.types import Samples


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(1, 9))
def test_counts_are_those_of_a_histogram(t, bins):
    made = series.scan(Samples.of({"a": (t, np.zeros(len(t))), "b": (t[:1], [1.0])})).ask(SamplingDensity(bins=bins))
    found = made.collect()
    assert found.count.sum(axis=1).tolist() == [len(t), 1]
    if np.ptp(t) > 1e-3:
        assert found.count[0, 0] >= 1
        assert found.count[0, -1] >= 1


def test_a_raster_names_series_and_its_table_tells_of_empty_bins():
    made = Samples.of({"a": ([0.0, 1, 9], [1.0, 2, 3]), "b": ([10.0], [1.0])}, t0_ns=1_767_571_200_000_000_000)
    found = series.scan(made).ask(SamplingDensity(bins=10)).collect()
    assert found.table().rows == (("a", 3, 0.7, 1), ("b", 1, 0.9, 1))
    words, svg = shown(found.chart())
    assert "samples in 10 bins of time" in words
    assert svg.count('aria-roledescription="rect mark"') == 4


def test_no_bins_are_refused():
    with pytest.raises(InputError, match="bins"):
        series.scan({"a": ([0.0], [1.0])}).ask(SamplingDensity(bins=0)).collect()
