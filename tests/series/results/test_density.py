"""A density survives JSON."""

import json

import numpy as np

from learnsys.core.result import encode_json
from learnsys.series.results.density import Density


def test_it_survives_json():
    made = Density(ids=("a",), t0_ns=0, first_s=0.0, width_s=2.0, count=np.array([[1, 0, 3]]))
    assert json.loads(encode_json(made))["count"] == [[1, 0, 3]]
    assert made.table().rows == (("a", 4, 1 / 3, 3),)
