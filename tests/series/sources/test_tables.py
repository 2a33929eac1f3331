import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from learnsys.core.errors import InputError
from learnsys.series.sources.tables import ArrowTable, StreamTable, content_digest, from_mapping
from learnsys.series.sources.types import Wanted

TABLE = pa.table({"a": [1, 2, 3, 4, 5], "b": list("uvuvu")})


def test_a_table_is_cut_without_a_copy():
    table = ArrowTable(TABLE)
    batches = list(table.read(Wanted(columns=("a",), rows=2)))
    assert [b.column(0).to_pylist() for b in batches] == [[1, 2], [3, 4], [5]]
    assert batches[0].column(0).buffers()[1].address == TABLE["a"].chunk(0).buffers()[1].address
    assert (table.rows, table.first("b").to_pylist()) == (5, list("uvuvu"))
    assert table != ArrowTable(TABLE)


def test_digests_are_of_content():
    assert content_digest(TABLE) == content_digest(pa.table({"a": [1, 2, 3, 4, 5], "b": list("uvuvu")}))
    assert content_digest(TABLE) != content_digest(TABLE.rename_columns(["a", "c"]))
    assert content_digest(TABLE.slice(1)) != content_digest(TABLE)


def test_looking_at_a_stream_loses_nothing():
    stream = StreamTable(pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches(max_chunksize=2)))
    assert stream.first("a").to_pylist() == [1, 2]
    assert [b.column(0).to_pylist() for b in stream.read(Wanted(columns=("a",)))] == [[1, 2], [3, 4], [5]]
    with pytest.raises(InputError, match="read already"):
        list(stream.read(Wanted(columns=("a",))))
    assert StreamTable(TABLE.slice(0, 0)).first("a").to_pylist() == []


def test_arrays_by_name_of_many_types():
    stamps = np.array(["2026-01-01", "2026-01-02"], "M8[ns]")
    table = from_mapping({"a": (stamps, [1, 2]), 3: (list(stamps[:1].astype("M8[s]").tolist()), [5.0])})
    assert table["series"].to_pylist() == ["a", "a", "3"]
    assert pa.types.is_timestamp(table["time"].type)
    assert from_mapping({}).num_rows == 0
    assert from_mapping({"a": ([1], [1]), "b": ([0.5], [2])})["time"].to_pylist() == [1, 0.5]
    with pytest.raises(InputError, match="of types double and timestamp"):
        from_mapping({"a": (stamps, [1, 2]), "b": ([0.5], [1])})


def test_a_stream_without_columns_is_not_called_read():
    with pytest.raises(InputError, match="no columns"):
        StreamTable(pl.Series("a", [1, 2]))
