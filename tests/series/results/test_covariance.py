import json

import numpy as np
import pytest

from learnsys.series.results.covariance import CrossCovariance
from learnsys.series.types import Lags


def result(values, **more):
    values = np.array(values, float)
    shape = values.shape
    return CrossCovariance(
        **{
            "ids": ("a", "b"),
            "pairs": np.array([[0, 0], [0, 1], [1, 1]])[: shape[0]],
            "lags": Lags(first_s=-1.0, step_s=1.0, count=shape[1]),
            "values": values,
            "raw": values,
            "correlation": values / 4,
            "standard_error": np.full(shape, 0.1),
            "low": values - 0.2,
            "high": values + 0.2,
            "effective_pairs": np.full(shape, 50.0),
            "variance": np.array([4.0, 4.0]),
            "nugget": np.zeros(2),
            "level": 0.95,
            "kernel": "k4",
            "bandwidth_s": np.full(shape[0], 0.5),
            "notes": ("one note",),
        }
        | more
    )


VALUES = [[1, 4, 1], [0.5, 0.2, -3], [np.nan] * 3]


def test_peaks_are_the_largest_in_size_and_nowhere_if_nothing_is_known():
    assert result(VALUES).peaks().tolist() == [1, 2, -1]


def test_one_pair_is_shown_by_its_lags_and_several_by_their_peaks():
    one, several = result(VALUES[:1]).table(), result(VALUES).table()
    assert [row[2] for row in one.rows] == [-1.0, 0.0, 1.0]
    assert [row[:4] for row in several.rows] == [("a", "a", 0.0, 4.0), ("a", "b", 1.0, -3.0), ("b", "b", None, None)]
    assert several.notes == ("one note",)
    assert len(result(VALUES).long().rows) == 9


def test_unknown_values_are_empty_cells_and_nulls(tmp_path):
    cells = result([[np.nan, 4, 1]]).long().rows[0]
    assert cells[3:6] == (None, None, None)
    saved = json.loads(result([[np.nan, 4, 1]]).save(tmp_path / "c.json").read_text())
    assert saved["values"] == [[None, 4.0, 1.0]]
    assert saved["lags"]["count"] == 3


@pytest.mark.parametrize("suffix", ["csv", "md"])
def test_tables_are_kept(tmp_path, suffix):
    text = result(VALUES[:1]).save(tmp_path / f"c.{suffix}").read_text()
    assert "covariance" in text
    assert text.count("\n") >= 4
