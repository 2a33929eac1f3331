import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learnsys.series.sources.parquet import buffer_bytes, open_file
from learnsys.series.sources.stamps import detect
from learnsys.series.sources.types import Condition, Wanted

STAMPS = 1_700_000_000 * 10**9 + np.arange(400) * 10**9
KINDS = [
    *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "Europe/Paris")),
    pa.int64(),
]


def opened(path, kind=KINDS[-2], **columns):
    stamps = pa.array(STAMPS)
    if kind != pa.int64():
        stamps = stamps.cast(pa.timestamp("ns", kind.tz)).cast(kind)
    pq.write_table(pa.table({"ts": stamps, "x": np.arange(400.0), **columns}), path, row_group_size=100)
    return open_file(str(path), None)


def rows(file, **wanted):
    return [v for batch in file.read(Wanted(columns=("x",), **wanted), None) for v in batch.column("x").to_pylist()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_row_groups_outside_of_a_time_are_not_read(kind, tmp_path):
    file = opened(tmp_path / "t.parquet", kind)
    stamps = (
        detect(pa.array(STAMPS[:2]).cast(pa.int64()), "ts")
        if kind == pa.int64()
        else detect(pa.nulls(0, kind), "ts", tz="UTC")
    )
    between = int(STAMPS[150]), int(STAMPS[200])
    assert rows(file, time="ts", stamps=stamps, between=between) == list(range(100, 200))
    assert rows(file, time="ts", stamps=stamps, between=(None, int(STAMPS[100]))) == list(range(100))
    assert rows(file, time="ts", stamps=stamps, between=(int(STAMPS[399]), None)) == list(range(300, 400))
    assert rows(file, time="ts", stamps=stamps, between=(int(STAMPS[399]) + 1, None)) == []


@pytest.mark.parametrize(
    ("values", "op", "value"),
    [
        (np.repeat([3, 5, 7, 9], 100), "==", 5),
        (np.repeat([3.0, 5.0, 7.0, 9.0], 100), "==", 5.0),
        (np.repeat(["c", "e", "g", "i"], 100), "in", ("e", "z")),
        ([dt.date(2026, 1, 1 + n // 100) for n in range(400)], "==", dt.date(2026, 1, 2)),
    ],
    ids=["whole", "fraction", "text", "date"],
)
def test_row_groups_without_a_wanted_value_are_not_read(values, op, value, tmp_path):
    file = opened(tmp_path / "t.parquet", q=pa.array(values))
    assert rows(file, conditions=(Condition("q", op, value),)) == list(range(100, 200))


@pytest.mark.parametrize("column", [[True, False] * 200, [b"a"] * 400, [None] * 400, [np.nan] * 400])
def test_where_statistics_do_not_tell_all_is_read(column, tmp_path):
    file = opened(tmp_path / "t.parquet", q=pa.array(column))
    assert len(rows(file, conditions=(Condition("q", "==", True),))) == 400


def test_parts_are_row_groups_and_names_are_codes(tmp_path):
    opened(tmp_path / "t.parquet", s=pa.array(["u", "v"] * 200))
    file = open_file(str(tmp_path / "t.parquet"), "s")
    assert (file.parts, file.rows) == (4, 400)
    batches = list(file.read(Wanted(columns=("x", "s"), rows=60), frozenset({1, 3})))
    assert [v for b in batches for v in b.column("x").to_pylist()] == [*range(100, 200), *range(300, 400)]
    assert all(pa.types.is_dictionary(b.column("s").type) and len(b) <= 60 for b in batches)


def test_no_rows_are_lost_by_statistics_in_another_order_than_the_values(tmp_path):
    """Text is not in the order of its times, unsigned numbers come as if signed, and NaN is in no bounds."""
    days = tmp_path / "days.parquet"
    pq.write_table(pa.table({"t": ["01.12.2026", "31.01.2026", "15.06.2026"]}), days)
    stamps = detect(pa.array(["01.12.2026"]), "t", tz="UTC", format="%d.%m.%Y")
    between = (stamps.bound("2026-06-01"), stamps.bound("2026-07-01"))
    wanted = Wanted(columns=("t",), time="t", stamps=stamps, between=between)
    assert sum(map(len, open_file(str(days), None).read(wanted, None))) == 3
    path = tmp_path / "numbers.parquet"
    pq.write_table(pa.table({"u": pa.array([5, 3_000_000_000], pa.uint32()), "x": [5.0, np.nan]}), path)
    for condition in (Condition("u", "==", 3_000_000_000), Condition("x", "!=", 5.0)):
        wanted = Wanted(columns=(condition.column,), conditions=(condition,))
        assert sum(map(len, open_file(str(path), None).read(wanted, None))) == 2


def test_wide_files_are_read_through_small_buffers():
    assert buffer_bytes(10) * 10 <= 16 << 20
    assert buffer_bytes(1000) * 1000 <= 17 << 20
    assert buffer_bytes(0) > 0
