"""The models' files hold what the editor holds, whatever happened between."""

from pathlib import Path

import pytest
from tests.complete.lsp.words import Words

from learnsys.complete.lsp.documents import Documents, Snapshot
from learnsys.complete.lsp.mirror import Mirror


class Counting:
    def __init__(self):
        self.opened = []
        self.edits = []
        self.closed = []

    def open(self, path, text=None):
        self.opened.append((path, text))
        file, edits = Words(text), self.edits

        class File(Words):
            def edit(self, start, end, new):
                if "bad" in new:
                    raise ZeroDivisionError
                edits.append((start, end, new))
                Words.edit(self, start, end, new)

        file.__class__ = File
        file.close = lambda: self.closed.append(path)
        return file


def test_edits_are_made_once_as_one_and_failures_open_anew():
    project, asked = Counting(), []
    mirror = Mirror(lambda path: asked.append(path) or project)
    document = Documents().open("file:///work/a.js", "let a;")

    def held(text):
        return mirror.file(document, Snapshot(text, 1, "utf-16")).text

    assert held("let a;") == "let a;"
    assert held("let total;") == held("let total;") == "let total;"
    assert project.edits == [(4, 5, "total")]
    assert project.opened == [(Path("/work/a.js"), "let a;")]
    with pytest.raises(ZeroDivisionError):
        held("let bad;")
    assert held("let bad;") == "let bad;"
    assert len(project.opened) == 2
    mirror.forget(document.uri)
    mirror.forget("file:///nothing")
    assert held("x") == "x"
    assert project.closed == [document.path]
    assert asked == [Path("/work/a.js")] * 3
