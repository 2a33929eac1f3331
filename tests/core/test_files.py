"""A file is written whole or not at all."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import check_output, existing, write_atomic


@quick
@given(content=st.binary() | st.text(st.characters(codec="utf-8")))
def test_what_is_written_is_read(tmp_path_factory, content):
    path = write_atomic(tmp_path_factory.getbasetemp() / "atomic", content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, failure):
    path = write_atomic(tmp_path / "kept.txt", "old")

    def fail(*args):
        raise failure

    monkeypatch.setattr(os, step, fail)
    with pytest.raises((BadFile, KeyboardInterrupt)) as caught:
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(failure, OSError):
        assert "No space left" in str(caught.value)


def test_a_reader_sees_the_old_or_the_new_but_never_less(tmp_path, monkeypatch):
    path, seen, replace = write_atomic(tmp_path / "x", "old" * 1000), [], os.replace

    def watch(source, target):
        seen.append(path.read_text())
        replace(source, target)

    monkeypatch.setattr(os, "replace", watch)
    write_atomic(path, "new" * 1000)
    assert seen == ["old" * 1000]
    assert path.read_text() == "new" * 1000


def test_a_folder_in_the_way_or_missing_is_named(tmp_path):
    with pytest.raises(BadFile, match="cannot write"):
        write_atomic(tmp_path, "x")
    with pytest.raises(BadFile, match="no_such"):
        write_atomic(tmp_path / "no_such" / "file", "x")


def test_existing_gives_the_path_or_the_nearest_name(tmp_path):
    path = write_atomic(tmp_path / "flights.csv", "")
    assert existing(str(path)) == path
    with pytest.raises(BadFile, match=r"did you mean flights\.csv"):
        existing(tmp_path / "flight.csv")


OUTPUTS = {
    "another suffix": ("a.foo", InputError, "end it with .json"),
    "a folder in its place": ("dir.json", BadFile, "is a folder"),
    "no folder": ("no/a.json", BadFile, "no folder"),
    "its own source": ("data.json", BadFile, "is what is read"),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_an_output_that_could_not_be_written_is_refused_before_the_work(case, tmp_path):
    name, error, says = OUTPUTS[case]
    (tmp_path / "dir.json").mkdir()
    (tmp_path / "data.json").write_text("{}")
    with pytest.raises(error, match=says):
        check_output(tmp_path / name, (".json",), source=tmp_path / "data.json")


def test_an_output_that_can_be_written_is_fine(tmp_path):
    check_output(None)
    check_output(tmp_path / "a.json", (".json",), source="nycflights")
    check_output(tmp_path / "anything")
