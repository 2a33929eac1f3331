import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import BadFile
from learnsys.series.sources.files import digest, found, partition, partitions


def touched(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return str(path)


def test_what_paths_mean(tmp_path):
    b, a, deep = (touched(tmp_path / name) for name in ("b.csv", "a.csv", "deep/c.csv"))
    touched(tmp_path / ".hidden.csv")
    touched(tmp_path / "other.md")
    assert found(tmp_path, (".csv",)) == (a, b, deep)
    assert found(str(tmp_path / "*.csv"), (".csv",))[-2:] == (a, b)
    assert found(str(tmp_path / "**" / "*.csv"), ())[-1] == deep
    assert found([b, a, b], ()) == (b, a)
    brackets = touched(tmp_path / "x[1].csv")
    assert found(brackets, ()) == (brackets,)
    for nothing in (tmp_path / "*.pq", tmp_path / "z.csv"):
        with pytest.raises(BadFile):
            found(nothing, ())


def test_a_digest_changes_with_the_file(tmp_path):
    path = touched(tmp_path / "a.csv")
    before = digest([path])
    assert digest([path]) == before
    (tmp_path / "a.csv").write_bytes(b"xy")
    assert digest([path]) != before
    (tmp_path / "a.csv").unlink()
    with pytest.raises(BadFile, match="no file"):
        digest([path])


@given(st.dictionaries(st.sampled_from(["year", "venue"]), st.sampled_from(["2026", "X"])))
def test_paths_tell_columns(told):
    path = "/".join(["root", *(f"{k}={v}" for k, v in told.items()), "part=0.parquet"])
    assert partition(path) == told


def test_columns_of_paths_have_types_and_are_common():
    kinds = partitions(["r/year=2025/v=X/a.pq", "r/year=2026/v=2/a.pq"])
    assert kinds == {"year": pa.int64(), "v": pa.string()}
    assert partitions(["r/year=2025/a.pq", "r/a.pq"]) == {}
