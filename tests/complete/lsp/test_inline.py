"""A fragment is shown at the cursor; with the list open, only what goes on from the selected item."""

from types import SimpleNamespace

import pytest
from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import Snapshot
from learnsys.complete.lsp.inline import inline_list

WORD = lsp.Range(lsp.Position(1, 0), lsp.Position(1, 2))


@pytest.mark.parametrize(
    ("text", "selected", "shown"),
    [
        ("tal(1);", None, [("tal(1);", "1:2-1:2")]),
        ("", None, []),
        ("tal(1);", "total", [("total(1);", "1:0-1:2")]),
        ("tal(1);", "tower", []),
        ("", "to", []),
    ],
)
def test_what_is_shown(text, selected, shown):
    now = Snapshot("let total;\nto", 3, "utf-16")
    found = inline_list(
        SimpleNamespace(text=text), now, len(now.text), selected and lsp.SelectedCompletionInfo(WORD, selected)
    )
    assert [(item.insert_text, str(item.range)) for item in found.items] == shown
