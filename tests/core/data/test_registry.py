"""One word loads data: a name, or a path whose suffix says its form."""

import gzip
import json

import numpy as np
import polars as pl
import pytest

from learnsys.core.data import load, names, registry
from learnsys.core.data.registry import SUFFIXES, DatasetList
from learnsys.core.errors import BadFile, InputError, UnknownName

X, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1])


@pytest.fixture
def files(tmp_path):
    """The same small table in every form."""
    text = "".join(f"{k} 1:{a} 2:{b}\n" for (a, b), k in zip(X, Y, strict=True)).encode()
    for suffix in registry.LIBSVM:
        (tmp_path / f"t{suffix}").write_bytes(text)
        (tmp_path / f"t{suffix}.gz").write_bytes(gzip.compress(text))
    np.savez(tmp_path / "t.npz", X=X, y=Y)
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y})
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_csv(tmp_path / "t.csv")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    return tmp_path


def test_every_suffix_gives_the_same_table(files):
    paths = sorted(files.iterdir())
    assert {p.suffix for p in paths} == {*SUFFIXES, ".gz"}
    for path in paths:
        data = load(str(path))
        assert np.array_equal(data.X.toarray() if data.is_sparse else data.X, X), path
        assert data.y.tolist() == Y.tolist()
        assert data.name == path.name
        assert load(path).ref == data.ref


def test_a_target_is_for_tables_only(files):
    data = load(files / "t.csv", target="a")
    assert (data.target, data.columns, data.y.tolist()) == ("a", ("b", "y"), [1.0, 3.0])
    for name in ("t.npz", "t.libsvm"):
        with pytest.raises(InputError, match=r"target of .* is fixed"):
            load(files / name, target="a")
    with pytest.raises(InputError, match="target of nycflights is fixed"):
        load("nycflights", target="dest")


def test_a_name_is_no_path_and_a_path_no_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownName, match="did you mean nycflights"):
        load("nycflight")
    for path in ("nycflights.csv", "folder/nycflights", "t.csv.gz"):
        with pytest.raises(BadFile, match="no file"):
            load(path)


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.npz.gz", "t.parquet.gz", "folder.csv"])
def test_a_file_of_no_known_form_is_refused_with_the_known_ones(tmp_path, name):
    if name == "folder.csv":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"no known form; give a file named \.libsvm"):
        load(tmp_path / name)


def test_the_list_shows_every_name(tmp_path):
    listed = DatasetList()
    assert [row[0] for row in listed.table().rows] == list(names())
    assert [e["name"] for e in json.loads(listed.save(tmp_path / "l.json").read_text())["entries"]] == list(names())
    assert "nycflights" in listed.save(tmp_path / "l.svg").read_text()
