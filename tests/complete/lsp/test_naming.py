"""Renames touch every occurrence; editors that know no versions get plain edits."""

import pytest
from tests.complete.lsp.words import naming

from learnsys.complete.lsp.documents import Documents
from learnsys.complete.lsp.naming import KIND, renames, wanted

URI = "file:///work/a.js"


def made(text, word, **asked):
    document = Documents().open(URI, text, version=4)
    return renames(naming(text, "js")(text.index(word)), document, document.now, **asked)


@pytest.mark.parametrize("versioned", [True, False])
def test_a_rename_edits_all_places_in_the_units_of_the_editor(versioned):
    first, second = made("'\U0001f600' + x + x // x: face, mouth, rare", "x", versioned=versioned, asked=True)
    assert first.title == "Rename x to face (p = 0.50, js)"
    assert second.title == "Rename x to mouth (p = 0.50, js)"
    edits = first.edit.document_changes[0].edits if versioned else first.edit.changes[URI]
    assert [(str(e.range), e.new_text) for e in edits] == [("0:7-0:8", "face"), ("0:11-0:12", "face")]


def test_unasked_only_the_best_of_clearly_better_names_are_offered():
    text = "x fine unsure\n// x: a, b\n// fine: a, b\n// unsure: a, b"
    count = {
        (word, asked): len(made(text, word, versioned=True, asked=asked))
        for word in ("x", "fine", "unsure")
        for asked in (0, 1)
    }
    assert count == {("x", 0): 1, ("x", 1): 2, ("fine", 0): 0, ("fine", 1): 2, ("unsure", 0): 0, ("unsure", 1): 0}


@pytest.mark.parametrize(
    ("only", "answer"),
    [(None, True), ([], False), (["refactor.rewrite"], True), (["refactor"], True), ([""], True), (["ref"], False)],
)
def test_kinds_are_wanted_with_those_below_them(only, answer):
    assert wanted(only, KIND) == answer
