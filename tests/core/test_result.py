"""A result saves itself in whatever form the suffix asks for, whole or not at all."""

import csv
import json
from pathlib import Path
from typing import final

import altair as alt
import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import InputError
from learnsys.core.result import AbstractResult, Result, encode_json
from learnsys.core.table import Column, Table


@final
class Scores(AbstractResult, frozen=True, kw_only=True):
    by_name: dict[str, float]
    weights: object = None

    def table(self):
        columns = (Column(name="name"), Column(name="score", kind="number"))
        return Table(columns=columns, rows=tuple(self.by_name.items()))

    def chart(self, kind=None):
        return (
            alt.Chart(alt.Data(values=[{"n": n, "s": s} for n, s in self.by_name.items()])).mark_bar().encode(x="s:Q")
        )


SCORES: Result = Scores(by_name={"a": 1.25, "b": -2.0})


def test_json_is_the_value_itself(tmp_path):
    assert json.loads(SCORES.save(tmp_path / "s.json").read_text()) == {
        "by_name": {"a": 1.25, "b": -2.0},
        "weights": None,
    }


def test_csv_jsonl_and_parquet_hold_the_rows_of_the_table(tmp_path):
    rows = [{"name": "a", "score": 1.25}, {"name": "b", "score": -2.0}]
    with SCORES.save(tmp_path / "s.csv").open() as file:
        assert [{**row, "score": float(row["score"])} for row in csv.DictReader(file)] == rows
    lines = SCORES.save(tmp_path / "s.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert pl.read_parquet(SCORES.save(tmp_path / "s.parquet")).to_dicts() == rows


def test_parquet_takes_columns_that_begin_with_nothing(tmp_path):
    many = Scores(by_name={f"{i}": None for i in range(200)} | {"last": 0.5})
    assert pl.read_parquet(many.save(tmp_path / "s.parquet"))["score"].to_list() == [None] * 200 + [0.5]


def test_markdown_and_pictures_are_made_of_table_and_chart(tmp_path):
    assert SCORES.save(tmp_path / "s.md").read_text() == SCORES.table().markdown() + "\n"
    assert SCORES.save(tmp_path / "s.svg").read_text().startswith("<svg")


def test_an_unknown_suffix_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match=r"\.json.*\.html") as caught:
        SCORES.save(tmp_path / "s.xls")
    assert caught.value.value == ".xls"
    assert not list(tmp_path.iterdir())


def test_json_knows_numpy_and_paths_and_writes_null_for_what_is_no_number():
    value = {"w": np.array([1.0, 2.5]), "n": np.int64(3), "x": np.float64("nan"), "p": Path("a/b"), "inf": float("inf")}
    assert json.loads(encode_json(value)) == {"w": [1.0, 2.5], "n": 3, "x": None, "p": "a/b", "inf": None}
    with pytest.raises(TypeError, match="generator has no JSON form"):
        encode_json(x for x in ())
