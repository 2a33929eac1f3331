"""Pictures of samples name each series and how many samples it has."""

import numpy as np
from tests.series.pictures.made import shown

from learnsys.series.estimate.describe import describe_samples
from learnsys.series.results.kept import Kept
from learnsys.series.simulate.dataset import Made, simulate
from learnsys.series.types import Samples


def test_a_simulation_shows_its_first_series(tmp_path):
    words, _ = shown(simulate(tmp_path / "x.csv", Made(samples=50, series=8)).chart())
    assert "followers" in words
    assert "s5" in words
    assert "s6" not in words


def test_a_description_shows_spans_with_clocks_and_without():
    for t0 in (0, 1_767_571_200_000_000_000):
        made = Samples.of({"a": ([0.0, 30, 90], [1.0, 2, 3]), "none": ([], [])}, t0_ns=t0)
        words, _ = shown(describe_samples(made).chart())
        assert "a (3)" in words
        assert "none" not in words
    many = Samples.of({f"m{i}": (np.arange(2.0 + i), np.arange(2.0 + i) % 3) for i in range(50)})
    words, _ = shown(describe_samples(many).chart())
    assert "the 40 with the most samples of 50" in words
    assert "m49 (51)" in words
    assert "m0 (2)" not in words


def test_a_state_shows_its_counts():
    kept = Kept(
        path="x", size_bytes=1, ids=("a", "b"), n=np.array([5, 9]), mean=np.zeros(2), sd=np.ones(2), span_s=1.0,
        period_s=9.0, bandwidth_s=1.0, sources=1,
    )  # fmt: skip
    words, _ = shown(kept.chart())
    assert "Samples in the state" in words
