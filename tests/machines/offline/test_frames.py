import gzip

import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import BadFile, InputError
from learnsys.machines.offline.frames import numbers, positions, positive, read_frame


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.csv.gz", "t.parquet"])
def test_every_form_gives_the_same_table(tmp_path, name):
    frame, path = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}), tmp_path / name
    if name.endswith(".parquet"):
        frame.write_parquet(path)
    else:
        text = frame.write_csv(separator="\t" if ".tsv" in name else ",").encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert read_frame(path, ["a"]).equals(frame)


def test_what_cannot_be_a_table_is_named(tmp_path):
    (path := tmp_path / "t.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadFile, match=r"cannot read .*t\.parquet"):
        read_frame(path, [])
    with pytest.raises(BadFile, match="no file"):
        read_frame(tmp_path / "u.csv", [])
    (tmp_path / "e.csv").write_text("a,b\n")
    with pytest.raises(InputError, match="no rows"):
        read_frame(tmp_path / "e.csv", ["a"])


def test_a_cell_that_is_no_number_is_named_by_row():
    with pytest.raises(InputError, match="f, row 1: a is 'two', which is no number"):
        numbers(pl.Series("a", ["1", "two"]), "f")
    assert np.isnan(numbers(pl.Series("a", [None, 1.5]), "f")).tolist() == [True, False]


@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_positive_means_above_zero_and_finite(value):
    with pytest.raises(InputError, match="row 1: a must be above zero"):
        positive(pl.Series("a", [1.0, value]), "f")


def test_a_missing_value_may_be_allowed():
    assert np.isnan(positive(pl.Series("a", [None, 2.0]), "f", null=True)[0])


def test_positions_are_those_of_the_names():
    assert positions(["b", "?", "a"], ["a", "b"]).tolist() == [1, -1, 0]
