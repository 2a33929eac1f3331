import os
from pathlib import Path
from threading import RLock

import pytest

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime import project as module
from learnsys.complete.runtime.project import Project


class Shelf:
    """A memory that keeps what it was given."""

    def __init__(self):
        self.texts, self.partly = [], 0

    def add(self, found):
        self.texts.append(found.text)
        return found.text

    def remove(self, learned):
        self.texts.remove(learned)


@pytest.fixture
def shelves():
    return {"js": Shelf(), "py": Shelf(), "cpp": Shelf()}


def made(folder, shelves):
    return Project(folder, shelves.__getitem__, RLock())


def test_all_languages_are_read_and_what_is_left_out_is_said(tmp_path, shelves):
    contents = {
        "a.js": b"let a = 1;", "lib/b.py": b"x = 1\n", "node_modules/c.js": b"no", "d.txt": b"no",
        "latin.js": b"\xff\xfe", "zero.js": b"a\0b", "huge.js": b"a;" * 150_000, "min.js": b"a;" * 2000,
    }  # fmt: skip
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    project = made(tmp_path, shelves)
    told = project.index()
    assert (shelves["js"].texts, shelves["py"].texts) == (["let a = 1;"], ["x = 1\n"])
    assert project.left_out == {"not utf-8": 1, "binary": 1, "too large": 1, "minified": 1}
    assert told.startswith("read 2 of 6 files, 8 tokens; left out: ")


def test_files_written_deleted_opened_and_closed(tmp_path, shelves):
    path, project = tmp_path / "a.js", made(tmp_path, shelves)
    path.write_text("one")
    project.index()
    path.write_text("two")
    project.refresh(path)
    assert shelves["js"].texts == ["two"]
    project.hide(path)
    path.write_text("three")
    project.refresh(path)
    assert shelves["js"].texts == []
    project.show(path)
    assert shelves["js"].texts == ["three"]
    path.unlink()
    project.refresh(path)
    assert (shelves["js"].texts, len(project)) == ([], 0)


def test_the_newest_files_fill_a_bounded_memory(tmp_path, shelves, monkeypatch):
    monkeypatch.setattr(module, "MOST_TOKENS", 7)
    for age, name in enumerate("abc"):
        (tmp_path / f"{name}.js").write_text(f"{name} = 1")
        os.utime(tmp_path / f"{name}.js", (100 - age, 100 - age))
    project = made(tmp_path, shelves)
    assert project.index() == "read 2 of 3 files, 6 tokens; left out: 1 beyond the bound of memory"
    assert shelves["js"].texts == ["a = 1", "b = 1"]


def test_a_full_memory_reads_no_more(tmp_path, shelves, monkeypatch):
    monkeypatch.setattr(module, "MOST_TOKENS", 7)
    read = []
    monkeypatch.setattr(module, "tokens", lambda text, key: read.append(text) or tokens(text, key))
    for name in "abcd":
        (tmp_path / f"{name}.js").write_text(f"{name} = 1")
    project = made(tmp_path, shelves)
    assert project.index() == "read 2 of 4 files, 6 tokens; left out: 2 beyond the bound of memory"
    assert len(read) == 3  # the first that did not fit, and none behind it
    known = min(project._learned)
    known.unlink()
    project.refresh(known)
    assert project.index() == "read 2 of 3 files, 6 tokens; left out: 1 beyond the bound of memory"


def test_files_that_are_gone_when_a_folder_is_read_again_are_forgotten(tmp_path, shelves):
    for name in "ab":
        (tmp_path / f"{name}.js").write_text(name)
    project = made(tmp_path, shelves)
    project.index()
    (tmp_path / "a.js").unlink()
    assert project.index() == "read 1 of 1 files, 1 tokens"
    assert shelves["js"].texts == ["b"]


def test_paths_count_from_the_working_folder_if_the_project_is_below_it(tmp_path, shelves, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.js").write_text("a")
    monkeypatch.chdir(tmp_path)
    project = made(Path("src"), shelves)
    project.index()
    project.hide(Path("src/a.js"))
    assert len(project) == 0
    project.show(tmp_path / "src" / "a.js")
    assert len(project) == 1
    project.hide(Path("a.js"))
    assert len(project) == 0


def test_files_of_which_only_names_are_kept_are_counted(tmp_path, shelves):
    (tmp_path / "a.js").write_text("a = 1")
    shelves["js"].partly = 1
    assert made(tmp_path, shelves).index() == "read 1 of 1 files, 3 tokens, of 1 of the files the names only"


def test_reading_tells_how_far_it_is_and_can_be_ended(tmp_path, shelves):
    for name in "abc":
        (tmp_path / f"{name}.js").write_text(name)
    told = []
    made(tmp_path, shelves).index(lambda *at: told.append(at) or True)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    project = made(tmp_path, shelves)
    project.index(lambda done, total: done < 1)
    assert (len(project), project.left_out.total()) == (1, 2)


def test_files_outside_the_folder_are_nothing_to_it(tmp_path, shelves):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.js").write_text("a")
    project = made(tmp_path / "in", shelves)
    project.refresh(tmp_path / "a.js")
    assert len(project) == 0
