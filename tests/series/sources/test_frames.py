import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from learnsys.core.errors import InputError
from learnsys.series.sources.frames import PandasTable, PolarsTable, RelationTable, with_stamps
from learnsys.series.sources.scan import scan
from learnsys.series.sources.types import Condition, Wanted

DATA = {"q": [1, 2, 3, 4], "s": ["u", "v", "u", None], "x": [1.0, None, 3.0, 4.0]}
MADE = {
    "polars": lambda: PolarsTable(pl.DataFrame(DATA)),
    "lazy": lambda: PolarsTable(pl.LazyFrame(DATA)),
    "pandas": lambda: PandasTable(pd.DataFrame(DATA)),
    "relation": lambda: RelationTable(duckdb.connect().from_arrow(pa.table(DATA))),
}


@pytest.mark.parametrize("kind", MADE)
def test_columns_types_and_batches(kind):
    table = MADE[kind]()
    assert table.schema.names == ["q", "s", "x"]
    assert table.schema.field("x").type == pa.float64()
    assert table.first("q").to_pylist() == [1, 2, 3, 4]
    batches = list(table.read(Wanted(columns=("x", "q"), rows=3)))
    assert [b.schema.names for b in batches] == [["x", "q"]] * len(batches)
    assert [v for b in batches for v in b.column("x").to_pylist()] == [1, None, 3, 4]
    assert table.rows == (4 if kind in ("polars", "pandas") else None)
    assert table == table
    assert table != MADE[kind]()


@pytest.mark.parametrize("kind", ["lazy", "relation"])
def test_conditions_are_part_of_the_plan(kind):
    wanted = Wanted(columns=("q",), conditions=(Condition("q", ">=", 2), Condition("q", "!=", 3)))
    assert [v for b in MADE[kind]().read(wanted) for v in b.column("q").to_pylist()] == [2, 4]


def test_fingerprints_are_of_content_where_it_can_be_seen():
    for kind in ("polars", "pandas"):
        assert MADE[kind]().fingerprint == MADE[kind]().fingerprint
    for kind in ("lazy", "relation"):
        table = MADE[kind]()
        assert table.fingerprint == table.fingerprint
        assert table.fingerprint != MADE[kind]().fingerprint


def test_an_index_of_stamps_is_a_column():
    index = pd.date_range("2026-01-05", periods=2, tz="UTC")
    frame, time = with_stamps(pd.DataFrame({"x": [1.0, 2.0]}, index=index), None)
    assert (list(frame.columns), time) == (["time", "x"], "time")
    frame, time = with_stamps(pd.Series([1.0, 2.0], index=index.rename("when"), name="x"), None)
    assert (list(frame.columns), time) == (["when", "x"], "when")
    frame, time = with_stamps(pd.DataFrame({"t": [1], "x": [2]}), "t")
    assert time == "t"


def test_columns_may_be_called_by_numbers():
    made = scan(pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=pd.date_range("2026-01-05", periods=2, tz="UTC")))
    assert made.samples().ids == ("0", "1")
    assert made.samples().x.tolist() == [1, 3, 2, 4]


def test_columns_of_mixed_types_may_be_there():
    table = PandasTable(pd.DataFrame({"x": [1.0, 2.0], "mixed": pd.Series([1, "a"], dtype=object)}))
    assert table.schema.field("mixed").type == pa.null()
    assert [len(b) for b in table.read(Wanted(columns=("x",)))] == [2]
    assert table.fingerprint


ROWS = pl.DataFrame(
    {"t": [1, 2], "s": ["a", "b"], "v": [1.0, 2.0], "d": [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)]}
)


@pytest.mark.parametrize("make", [ROWS.lazy, lambda: duckdb.from_arrow(ROWS.to_arrow())])
def test_conditions_that_engines_read_otherwise_are_tested_here(make):
    source = scan(make(), time="t", series="s", value="v")
    for condition in (Condition("d", ">=", "2026-01-02"), Condition("v", "<", float("inf")), Condition("v", "!=", 1)):
        assert source.samples(predicate=[condition]).x[-1] == 2
    for column, value in (("s", 1), ("v", "a")):
        with pytest.raises(InputError, match="cannot be compared"):
            source.samples(predicate=[Condition(column, "==", value)])


def test_pandas_names_that_are_several_or_meet_are_told_apart_or_refused():
    index = pd.date_range("2026-01-01", periods=2, tz="Europe/Paris")
    deep = pd.MultiIndex.from_tuples([("a", "bid"), ("a", "ask")])
    assert scan(pd.DataFrame([[1.0, 2.0]] * 2, index=index, columns=deep)).names() == ("a.bid", "a.ask")
    assert scan(pd.DataFrame({"v": [1.0, 2.0]}, index=index), time="when").time == "when"
    with pytest.raises(InputError, match="both 'time'"):
        scan(pd.DataFrame({"time": [1, 2], "v": [1.0, 2.0]}, index=index))
    with pytest.raises(InputError, match="several columns"):
        scan(pd.DataFrame([[1.0, 2.0]] * 2, index=index, columns=["v", "v"]))
    long = pd.DataFrame({"v": [1.0] * 2000 + ["x"]}, index=pd.date_range("2026-01-01", periods=2001, tz="UTC"))
    with pytest.raises(InputError, match="column v"):
        scan(long).samples()
