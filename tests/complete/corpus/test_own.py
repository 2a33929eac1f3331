"""A folder of the user's: splits that files keep, packages that are whole, and words for what is wrong."""

import pytest
from tests.complete.corpus.archives import source

from learnsys.complete.corpus.own import build_folder
from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.core.errors import BadFile, InputError


@pytest.fixture
def folder(tmp_path):
    for i in range(40):
        path = tmp_path / "code" / f"part{i % 5}" / f"f{i}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source("py", f"name{i}"))
    (tmp_path / "code" / "part0" / "copy.py").write_text(source("py", "name0"))
    (tmp_path / "code" / "part1" / "tiny.py").write_text("x\n")
    (tmp_path / "code" / "gpl.py").write_text("# under the GPLv3\n" + source("py", "mine"))
    return tmp_path / "code"


def splits(path):
    return {source.path: source.split for source in read(path)}


def test_files_go_their_own_way_and_stay_there(folder, tmp_path):
    manifest = build_folder(folder, "py", tmp_path / "a.parquet")
    before = splits(tmp_path / "a.parquet")
    assert set(before.values()) == {"train", "valid", "test"}
    assert len(before) == 41
    assert "gpl.py" in before  # one's own code is one's own, whatever its licence
    assert manifest.left_out == {"too small": 1, "copies": 1}
    assert {record.package.licence for record in manifest.packages} == {"your own"}
    assert sum(record.files for record in manifest.packages) == 41
    assert sum(record.chars for record in manifest.packages) == sum(len(s.text) for s in read(tmp_path / "a.parquet"))
    assert read_manifest(tmp_path / "a.parquet") == manifest
    (folder / "more.py").write_text(source("py", "more"))
    build_folder(folder, "py", tmp_path / "b.parquet")
    after = splits(tmp_path / "b.parquet")
    assert {path: after[path] for path in before} == before


def test_packages_are_whole_in_one_split(folder, tmp_path):
    build_folder(folder, "py", tmp_path / "a.parquet", by="package")
    of = {}
    for kept in read(tmp_path / "a.parquet"):
        assert of.setdefault(kept.package, kept.split) == kept.split
    assert sorted(of) == ["code", *(f"part{i}" for i in range(5))]
    assert sorted(of.values()) == ["test", *["train"] * 4, "valid"]


def test_too_few_packages_are_not_split(folder, tmp_path):
    with pytest.raises(InputError, match=r"1 package cannot be split .* or split by file"):
        build_folder(folder / "part0", "py", tmp_path / "a.parquet", by="package")


def test_progress_ends_below_one(folder, tmp_path):
    told = []
    build_folder(folder, "py", tmp_path / "a.parquet", notice=lambda done, note: told.append((done, note)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert 0 <= told[0][0] < told[-1][0] < 1
    assert told[-1][1] == f"copies: file {len(told) - 1} of {len(told)}"


def test_a_folder_without_sources_and_no_folder_are_refused(folder, tmp_path):
    with pytest.raises(InputError, match="no C\\+\\+"):
        build_folder(folder, "cpp", tmp_path / "a.parquet")
    with pytest.raises(BadFile, match="no file"):
        build_folder(tmp_path / "missing", "py", tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()
