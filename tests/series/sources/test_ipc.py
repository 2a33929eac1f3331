import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pytest

from learnsys.series.sources.ipc import open_file
from learnsys.series.sources.scan import scan
from learnsys.series.sources.types import Wanted

BATCHES = [
    pa.record_batch(
        {"t": np.arange(5.0) + 5 * n, "s": pa.array(list("abcab")).dictionary_encode(), "x": np.arange(5.0)}
    )
    for n in range(3)
]


def written(path, new):
    with new(path, BATCHES[0].schema) as writer:
        for batch in BATCHES:
            writer.write_batch(batch)
    return path


@pytest.mark.parametrize(("new", "parts"), [(ipc.new_file, 3), (ipc.new_stream, 1)])
def test_files_and_streams(new, parts, tmp_path):
    path = written(str(tmp_path / "t.arrow"), new)
    file = open_file(path, "s")
    assert file.parts == parts
    read = list(file.read(Wanted(columns=("x", "t"), rows=2), None))
    assert [len(b) for b in read] == [2, 2, 1] * 3
    assert read[0].schema.names == ["x", "t"]
    samples = scan(path, time="t", series="s", value="x").samples()
    assert samples.ids == ("a", "b", "c")
    assert samples.t.size == 15


def test_parts_are_batches(tmp_path):
    file = open_file(written(str(tmp_path / "t.arrow"), ipc.new_file), None)
    (batch,) = file.read(Wanted(columns=("t",)), frozenset({1}))
    assert batch.column(0).to_pylist() == [5, 6, 7, 8, 9]
