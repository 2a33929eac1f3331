"""A summary of a state survives JSON and shows what is unknown as such."""

import json

import numpy as np

from learnsys.core.result import encode_json
from learnsys.series.results.kept import Kept


def test_a_series_without_samples_has_no_mean():
    kept = Kept(
        path="x.state", size_bytes=2_000_000, ids=("a", "b"), n=np.array([5, 0]), mean=np.array([1.5, np.nan]),
        sd=np.array([0.5, np.nan]), span_s=60.0, period_s=400.0, bandwidth_s=1.0, sources=1,
    )  # fmt: skip
    assert kept.table().rows == (("a", 5, 1.5, 0.5), ("b", 0, None, None))
    assert kept.table().title == "State of 1 source"
    assert json.loads(encode_json(kept))["mean"] == [1.5, None]
