"""Renames touch every occurrence; editors that know no versions get plain edits."""

from types import SimpleNamespace

import pytest

from learnsys.complete.lsp.documents import Documents
from learnsys.complete.lsp.naming import KIND, renames, wanted
from learnsys.complete.types import Suggestion

URI = "file:///work/a.js"


@pytest.mark.parametrize("versioned", [True, False])
def test_a_rename_edits_all_places_in_the_units_of_the_editor(versioned):
    document = Documents().open(URI, "'\U0001f600' + x + x", version=4)
    items = [Suggestion(text=text, p=0.5, origin="model") for text in ("face", "x", "mouth")]
    found = SimpleNamespace(name="x", places=[(6, 7), (10, 11)], items=items)
    made = renames(found, document, document.now, versioned=versioned)
    assert [action.title for action in made] == ["Rename x to face (p = 0.50)", "Rename x to mouth (p = 0.50)"]
    edits = made[0].edit.document_changes[0].edits if versioned else made[0].edit.changes[URI]
    assert [(str(e.range), e.new_text) for e in edits] == [("0:7-0:8", "face"), ("0:11-0:12", "face")]


@pytest.mark.parametrize(
    ("only", "answer"),
    [(None, True), ([], False), (["refactor.rewrite"], True), (["refactor"], True), ([""], True), (["ref"], False)],
)
def test_kinds_are_wanted_with_those_below_them(only, answer):
    assert wanted(only, KIND) == answer
