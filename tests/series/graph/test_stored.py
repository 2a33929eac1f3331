import numpy as np
import pytest

from learnsys import series
from learnsys.core.errors import UnknownName
from learnsys.series.graph import literal, nodes
from learnsys.series.graph.rewrite import stages
from learnsys.series.sources.types import Condition


@pytest.fixture
def table(tmp_path):
    import polars as pl

    rng = np.random.default_rng(0)
    n = 500
    frame = pl.DataFrame(
        {
            "ts": np.sort(rng.integers(0, 10**12, n)).astype("M8[ns]"), "sym": rng.choice(list("abc"), n),
            "px": rng.uniform(1, 2, n), "quality": rng.integers(0, 2, n), "more": rng.normal(size=n),
        }
    )  # fmt: skip
    frame.write_parquet(path := tmp_path / "x.parquet")
    return path


def query(path):
    return series.scan(path, time="ts", series="sym", value="px", tz="UTC")


def test_pushed_down_and_in_memory_rows_are_the_same(table):
    q = (
        query(table)
        .filter(quality=0)
        .filter("more", ">", -1)
        .between("1970-01-01T00:01", "1970-01-01T00:15")
        .select(["c", "a"])
    )
    pushed = stages(q.node)[-1].root
    assert isinstance(pushed, nodes.Scan)
    assert (len(pushed.where), pushed.start, pushed.ids) == (2, 60 * 10**9, ("c", "a"))
    fast, slow = pushed.source.read(pushed), literal.samples_of(q.node)
    wide = nodes.replace(pushed, narrow=False)
    for got in (fast, wide.source.read(wide)):
        assert got.ids == slow.ids == ("c", "a")
        np.testing.assert_array_equal(got.t + got.t0_ns / 1e9, slow.t + slow.t0_ns / 1e9)
        np.testing.assert_array_equal(got.x, slow.x)


def test_narrow_scans_read_fewer_columns(table, monkeypatch):
    from learnsys.series.sources.dataset import Dataset

    asked = []
    read = Dataset.read
    monkeypatch.setattr(Dataset, "read", lambda self, wanted: (asked.append(wanted.columns), read(self, wanted))[1])
    scan = query(table).filter(quality=0).node
    source = scan.child.source
    for narrow in (True, False):
        source.read(nodes.Scan(source=source, where=(Condition(column="quality", op="==", value=0),), narrow=narrow))
    assert [sorted(columns) for columns in asked] == [
        ["px", "quality", "sym", "ts"],
        ["more", "px", "quality", "sym", "ts"],
    ]


def test_unknown_columns_and_series_are_named(table):
    with pytest.raises(UnknownName, match="quality"):
        query(table).filter(qualty=0).samples()
    with pytest.raises(UnknownName, match="series"):
        query(table).select(["z"]).samples()


def test_a_query_of_equal_sources_is_equal(table):
    assert query(table).log().node is query(table).log().node
