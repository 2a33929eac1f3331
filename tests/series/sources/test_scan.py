"""Every kind of source gives the same samples, in long and in wide form."""

import datetime as dt

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.series.sources.scan import scan

RNG = np.random.default_rng(5)
N = 500
STAMPS = 1_767_571_200_000_000_000 + np.sort(RNG.integers(0, 10**12, N)) // 1000 * 1000  # whole microseconds
LONG = pa.table(
    {
        "ts": pa.array(STAMPS).cast(pa.timestamp("ns", "UTC")),
        "sym": pa.array(RNG.choice(["b", "a", "c"], N)),
        "px": RNG.normal(size=N),
        "q": pa.array(RNG.integers(0, 2, N)),
    }
)


def written(path, table=LONG, **how):
    pq.write_table(table, path, **how)
    return path


class Capsule:
    """Anything that knows the stream protocol and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


KINDS = {
    "parquet": lambda p: written(p / "t.parquet", row_group_size=100),
    "pyarrow": lambda p: LONG,
    "record batch": lambda p: LONG.combine_chunks().to_batches()[0],
    "reader": lambda p: pa.RecordBatchReader.from_batches(LONG.schema, LONG.to_batches(max_chunksize=70)),
    "capsule": lambda p: Capsule(LONG),
    "polars": lambda p: pl.from_arrow(LONG),
    "lazy polars": lambda p: pl.from_arrow(LONG).lazy(),
    "polars categories": lambda p: pl.from_arrow(LONG).with_columns(pl.col("sym").cast(pl.Categorical)),
    "pandas": lambda p: LONG.to_pandas(),
    "pandas index": lambda p: LONG.to_pandas().set_index("ts"),
    "duckdb": lambda p: duckdb.connect().from_arrow(LONG),
}


def same(a, b):
    assert a.ids == b.ids
    assert a.t0_ns == b.t0_ns
    for name in ("t", "x", "starts", "w"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def expected(table=LONG, ids=None):
    """The samples, one row after the other."""
    found = {} if ids is None else {name: [] for name in ids}
    for row in zip(
        table["ts"].cast(pa.int64()).to_pylist(), table["sym"].to_pylist(), table["px"].to_pylist(), strict=True
    ):
        if ids is None or row[1] in ids:
            found.setdefault(row[1], []).append((row[0], row[2]))
    return found


def equal(samples, found):
    assert samples.ids == tuple(found)
    first = min(t for rows in found.values() for t, _ in rows)
    assert samples.t0_ns == first
    for d, rows in enumerate(sorted(rows, key=lambda row: row[0]) for rows in found.values()):
        t, x, _ = samples.one(d)
        np.testing.assert_array_equal(t, [(t - first) / 1e9 for t, _ in rows])
        np.testing.assert_array_equal(x, [x for _, x in rows])


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_agree(kind, tmp_path):
    source = scan(KINDS[kind](tmp_path), time="ts", series="sym", value="px")
    assert source.columns == ("ts", "sym", "px", "q") or kind == "pandas index"
    assert source.clock
    equal(source.samples(batch_rows=64), expected())
    if kind != "reader":
        assert source.names() == tuple(expected())


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_agree_on_a_part(kind, tmp_path):
    from learnsys.series.sources.types import Condition

    source = scan(KINDS[kind](tmp_path), time="ts", series="sym", value="px")
    first, last = STAMPS[50], STAMPS[400]
    mask = (first <= STAMPS) & (last > STAMPS) & (LONG["q"].to_numpy() == 1)
    samples = source.samples(
        predicate=[Condition(column="q", op="==", value=1)], time_range=(first, last), ids=("c", "a"), batch_rows=64
    )
    equal(samples, expected(LONG.filter(pa.array(mask)), ids=("c", "a")))


def test_a_stream_is_read_once_and_a_table_again():
    once = scan(pa.RecordBatchReader.from_batches(LONG.schema, LONG.to_batches()), time="ts", series="sym", value="px")
    once.samples()
    with pytest.raises(InputError, match="read already"):
        once.samples()
    again = scan(Capsule(LONG), time="ts", series="sym", value="px")
    same(again.samples(), again.samples())


def test_wide_form_has_a_column_a_series_and_nulls_are_no_samples():
    table = pl.DataFrame({"t": [0.0, 1.0, 2.0], "a": [1.0, None, 3.0], "b": [None, None, 5]})
    source = scan(table)
    assert (source.time, source.series, source.values) == ("t", None, ("a", "b"))
    samples = source.samples()
    assert samples.one(0)[0].tolist() == [0, 2]
    assert samples.one(1)[1].tolist() == [5]
    assert source.collect().dropped.tolist() == [0, 0]
    assert source.samples(ids=["b"]).ids == ("b",)
    assert source.names() == ("a", "b")
    with pytest.raises(UnknownName, match="known: a, b"):
        source.samples(ids=["z"])


def test_several_values_a_row_are_series_of_both_names():
    table = pa.table({"t": [0.0, 1.0], "s": ["u", "v"], "price": [1.0, 2.0], "size": [10, 20]})
    source = scan(table, time="t", series="s", value=["price", "size"])
    samples = source.samples()
    assert samples.ids == ("u.price", "u.size", "v.price", "v.size")
    assert samples.x.tolist() == [1, 10, 2, 20]
    assert source.samples(ids=["v.size"]).x.tolist() == [20]
    assert source.samples(columns=["size"]).ids == ("u.size", "v.size")
    assert source.names() == samples.ids


def test_arrays_by_name():
    source = scan({"a": ([3.0, 1.0], [30, 10]), "none": ([], []), "b": ([2], [7])})
    assert not source.clock
    assert source.samples().ids == ("a", "none", "b")
    assert source.samples().starts.tolist() == [0, 2, 2, 3]
    assert source.names() == ("a", "none", "b")
    assert source.samples(ids=["b"]).x.tolist() == [7]
    days = np.array(["2026-01-02", "2026-01-01"], "M8[D]")
    assert scan({"a": (days, [2.0, 1.0])}).samples().t.tolist() == [0, 86400]
    with pytest.raises(InputError, match="2 stamps and 1 values"):
        scan({"a": ([1.0, 2.0], [1.0])})
    with pytest.raises(InputError, match="no pair"):
        scan({"a": 3})


def test_columns_are_found_or_asked_for(tmp_path):
    found = scan(LONG.drop(["q"]))
    assert (found.time, found.series, found.values) == ("ts", "sym", ("px",))
    with pytest.raises(InputError, match="px, q"):
        scan(LONG)
    with pytest.raises(UnknownName, match="did you mean sym"):
        scan(LONG, time="ts", series="sim", value="px")
    with pytest.raises(UnknownName, match="did you mean ts"):
        scan(LONG, time="t", series="sym", value="px")
    with pytest.raises(InputError, match="not a number"):
        scan(LONG, time="ts", value="sym")
    with pytest.raises(InputError, match="cannot be told"):
        scan(pa.table({"x": [1.0], "y": [2.0]}))
    with pytest.raises(InputError, match="no source"):
        scan(3)


def test_numbers_that_count_from_1970_are_guessed_with_a_note():
    source = scan({"a": (np.array([1_700_000_000_000, 1_700_000_000_500]), [1.0, 2.0])})
    assert source.samples().t.tolist() == [0, 0.5]
    assert source.samples().t0_ns == 1_700_000_000 * 10**9
    assert source.notes == ("stamps in column 'time' were taken for ms since 1970",)
    given = scan({"a": (np.array([10, 20]), [1.0, 2.0])}, unit="d")
    assert given.samples().t.tolist() == [0, 864000]
    assert given.notes == ()


def test_sources_are_values(tmp_path):
    path = written(tmp_path / "t.parquet")
    a, b = (scan(path, time="ts", series="sym", value="px") for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)
    assert a.fingerprint == b.fingerprint
    assert a != scan(path, time="ts", series="sym", value="q")
    before = a.fingerprint
    written(path, LONG.slice(1))
    assert a.fingerprint != before
    assert scan(LONG, time="ts", value="px").fingerprint == scan(LONG.slice(0), time="ts", value="px").fingerprint
    assert scan(LONG, time="ts", value="px").fingerprint != scan(LONG.slice(1), time="ts", value="px").fingerprint


def test_files_that_are_not_there(tmp_path):
    written(tmp_path / "ticks.parquet")
    with pytest.raises(BadFile, match=r"did you mean ticks\.parquet"):
        scan(tmp_path / "tick.parquet")
    with pytest.raises(BadFile, match="no file matches"):
        scan(tmp_path / "*.pq")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match=r"no .* file in"):
        scan(tmp_path / "empty")


def test_bounds_of_time_are_read_in_the_zone_of_the_source():
    naive = pa.table({"ts": pa.array([dt.datetime(2026, 1, 5, 12)]), "x": [1.0]})
    source = scan(naive, tz="America/New_York")
    assert source.bound("2026-01-05T12:00") == source.samples().t0_ns
    assert source.bound(dt.date(2026, 1, 5)) == source.bound("2026-01-05")
    assert source.bound(dt.datetime(2026, 1, 5, 17, tzinfo=dt.UTC)) == source.samples().t0_ns


def test_missing_names_and_stamps_are_refused():
    with pytest.raises(InputError, match="stamps are null: 1, the first in row 1"):
        scan(pa.table({"t": [0.0, None], "x": [1.0, 2.0]})).samples()
    with pytest.raises(InputError, match="names of series are null: 1, the first in row 0"):
        scan(pa.table({"t": [0.0, 1.0], "s": [None, "a"], "x": [1.0, 2.0]})).samples()


def test_columns_of_paths_are_no_values_and_names_only_where_files_have_none(tmp_path):
    wide = pa.table({"time": [1.0, 2.0], "a": [1.0, 2.0], "b": [4.0, 5.0], "year": [2025, 2026]})
    pq.write_to_dataset(wide, tmp_path / "wide", partition_cols=["year"])
    assert scan(tmp_path / "wide").names() == ("a", "b")
    assert scan(tmp_path / "wide", value=["a", "year"]).names() == ("a", "year")
    named = pa.table({"time": [1.0, 2.0], "sym": ["A", "B"], "v": [4.0, 5.0], "venue": ["x", "y"]})
    pq.write_to_dataset(named, tmp_path / "long", partition_cols=["venue"])
    assert scan(tmp_path / "long").series == "sym"
    pq.write_to_dataset(named.drop(["venue"]), tmp_path / "path", partition_cols=["sym"])
    assert scan(tmp_path / "path").names() == ("A", "B")


def test_two_columns_of_text_are_not_mixed_into_one_series():
    table = pa.table({"time": [1, 2], "sym": ["A", "B"], "venue": ["x", "y"], "v": [4.0, 5.0]})
    with pytest.raises(InputError, match="sym, venue have text"):
        scan(table)
    assert scan(table, value="v").names() == ("v",)


def test_columns_of_one_name_are_refused():
    with pytest.raises(InputError, match="several columns are called 'v'"):
        scan(pa.Table.from_arrays([pa.array([1.0])] * 3, names=["time", "v", "v"]))


def test_infinite_values_of_both_signs_are_left_out_without_a_warning():
    table = pa.table({"time": [1.0, 2.0, 3.0], "v": [np.inf, -np.inf, 1.0]})
    found = scan(table).collect()
    assert (found.samples.x.tolist(), found.dropped.tolist()) == ([1.0], [2])
    large = np.array([3e38, 3e38], np.float32)
    assert scan(pa.table({"time": [1.0, 2.0], "v": large})).samples().x.tolist() == large.tolist()
