"""What a mark says, with and without something usual in its place."""

from types import SimpleNamespace

from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import Documents
from learnsys.complete.lsp.unusual import diagnostics


def test_marks_say_what_would_be_usual():
    now = Documents().open("file:///work/a.js", "'\U0001f600' + odd").now
    marks = [
        SimpleNamespace(start=6, end=9, p=0.0004, usual="even", times=41.7),
        SimpleNamespace(start=0, end=3, p=0.0004, usual=None, times=None),
    ]
    found = diagnostics(marks, now)
    assert [(str(one.range), one.message) for one in found] == [
        ("0:7-0:10", "odd is unusual here: even is 42 times likelier"),
        ("0:0-0:4", "'\U0001f600' is unusual here (p = 0.0004)"),
    ]
    assert {one.severity for one in found} == {lsp.DiagnosticSeverity.Information}
