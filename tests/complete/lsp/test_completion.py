"""The list of an editor keeps our order, replaces what is typed and says where each item comes from."""

import pytest
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


@pytest.mark.parametrize(("replaces", "line"), [(True, "f(va|lue)"), (False, "f(va|lue)"), (True, "f(va|)")])
def test_the_rest_of_a_word_may_be_replaced(replaces, line):
    found = Suggestions(items=(Suggestion(text="valid", p=0.5, origin="model"),), prefix="va")
    text, offset = line.replace("|", ""), line.index("|")
    [item] = completion_list(found, Snapshot(text, 1, "utf-16"), offset, 5, replaces=replaces).items
    if replaces and "lue" in text:
        assert [str(item.text_edit.insert), str(item.text_edit.replace)] == ["0:2-0:4", "0:2-0:7"]
    else:
        assert str(item.text_edit.range) == "0:2-0:4"
    assert item.text_edit.new_text == "valid"


def test_a_list_that_leaves_something_out_is_incomplete():
    words = [Suggestion(text=text, p=0.1, origin="model") for text in ("a", "b", ";", "c", "d", "e")]
    found = listed(*words, n=4)
    assert ([item.label for item in found.items], found.is_incomplete) == (["a", "b", "c", "d"], True)
    found = listed(*words[:4], n=4)
    assert ([item.label for item in found.items], found.is_incomplete) == (["a", "b", "c"], False)


def test_single_signs_are_left_out_and_kinds_told():
    words = [
        Suggestion(text=text, p=0.1, origin="model")
        for text in (")", "  ", " (", "i", "_", "$", "=>", "$el", "'use strict'", "7")
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
