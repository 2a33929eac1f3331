"""The list of an editor keeps our order, replaces what is typed and says where each item comes from."""

from lsprotocol import types as lsp

from learnsys.complete.lsp.completion import completion_list
from learnsys.complete.lsp.documents import Snapshot
from learnsys.complete.types import Suggestion, Suggestions


def listed(*items, prefix="", text="", n=5):
    return completion_list(Suggestions(items=items, prefix=prefix), Snapshot(text, 1, "utf-16"), len(text), n)


def test_origin_and_probability_order_and_place():
    items = [
        Suggestion(text="value", p=0.5, origin="file", line=12),
        Suggestion(text="valid", p=0.25, origin="project"),
        Suggestion(text="Vast", p=0.0099, origin="model"),
    ]
    found = listed(*items, prefix="va", text="'\U0001f600' + va")
    assert [i.detail for i in found.items] == ["copy, line 12, p = 0.50", "project, p = 0.25", "model, p < 0.01"]
    assert sorted(found.items, key=lambda i: i.sort_text) == found.items
    assert {str(i.text_edit.range) for i in found.items} == {"0:7-0:9"}
    assert [i.text_edit.new_text for i in found.items] == [i.label for i in found.items] == ["value", "valid", "Vast"]


def test_a_list_that_leaves_something_out_is_incomplete():
    words = [Suggestion(text=text, p=0.1, origin="model") for text in ("a", "b", ";", "c", "d", "e")]
    found = listed(*words, n=4)
    assert ([item.label for item in found.items], found.is_incomplete) == (["a", "b", "c", "d"], True)
    found = listed(*words[:4], n=4)
    assert ([item.label for item in found.items], found.is_incomplete) == (["a", "b", "c"], False)


def test_single_signs_are_left_out_and_kinds_told():
    words = [
        Suggestion(text=text, p=0.1, origin="model") for text in (")", "i", "_", "$", "=>", "$el", "'use strict'", "7")
    ]
    kinds = {i.label: i.kind for i in listed(*words, n=9).items}
    variable, operator, value = (
        lsp.CompletionItemKind.Variable,
        lsp.CompletionItemKind.Operator,
        lsp.CompletionItemKind.Value,
    )
    assert kinds == {
        "i": variable,
        "_": variable,
        "$": variable,
        "=>": operator,
        "$el": variable,
        "'use strict'": value,
        "7": value,
    }
