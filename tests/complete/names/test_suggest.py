"""What a user gets: names with reasons, and a renaming only where it is safe and clearly better."""

import json

import pytest
from tests.complete.names.toys import text_of, trained

from learnsys.cli import app
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.ranker import Ranked, load_names
from learnsys.complete.names.suggest import NamedText, is_better, suggest_names
from learnsys.complete.runtime.weights import save_weights
from learnsys.core.command import run

BAD = (
    text_of("camera")
    .replace("i < ", "qqq < ")
    .replace("let i =", "let qqq =")
    .replace("i++", "qqq++")
    .replace("(i)", "(qqq)")
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return save_weights(tmp_path_factory.mktemp("names") / "js-names.safetensors", trained())


@pytest.fixture(scope="module")
def model(path):
    return load_names(path)


def test_each_symbol_has_ranked_proposals_with_reasons(model):
    found = suggest_names(text_of("camera"), "js", model, n=3)
    assert [item.name for item in found.items][:3] == ["loadCamera", "path", "drawCamera"]
    for item in found.items:
        chances = [proposal.p for proposal in item.proposals]
        assert chances == sorted(chances, reverse=True)
        assert len(chances) == 3
        assert all(proposal.reason for proposal in item.proposals)
        assert 0 <= item.p <= 1
    camera = next(item for item in found.items if item.name == "camera")
    assert camera.proposals[0].name == "camera"
    assert camera.proposals[0].reason == "initialiser"


def test_places_are_those_of_the_text(model):
    text = "// 😀\n" + text_of("camera")
    for item in suggest_names(text, "js", model).items:
        assert all(text[a:b] == item.name for a, b in item.spans)
        row = text.split("\n")[item.line - 1]
        assert row[item.column - 1 :].startswith(item.name)
        assert item in suggest_names(text, "js", model).at(item.spans[0][0]).items


def test_a_text_that_was_read_answers_for_one_symbol_as_for_all(model):
    text = text_of("camera")
    named = NamedText(text, "js", model)
    for item in suggest_names(text, "js", model).items:
        (one,) = named.at(item.spans[-1][0]).items
        assert (one.name, one.spans, one.sure) == (item.name, item.spans, item.sure)
        assert [p.name for p in one.proposals] == [p.name for p in item.proposals]
        assert [p.p for p in one.proposals] == pytest.approx([p.p for p in item.proposals], rel=1e-3)
    assert not named.at(0).items


def test_a_clearly_better_name_is_proposed_and_a_good_one_left_alone(model):
    assert [(item.name, item.proposals[0].name) for item in suggest_names(BAD, "js", model).renames()] == [("qqq", "i")]
    assert not suggest_names(text_of("camera"), "js", model).renames()


def test_what_is_better():
    known = {"pair", "user", "name"}
    assert is_better("x1", 1e-6, Ranked("user", 0.99, None), known)
    assert not is_better("x1", 1e-6, Ranked("user", 0.5, None), known)
    assert not is_better("x1", 0.2, Ranked("user", 0.99, None), known)
    assert not is_better("userName", 1e-6, Ranked("user", 0.99, None), known)
    assert not is_better("pair", 1e-6, Ranked("p", 0.99, None), known)
    used = Candidate("user", ("user",), (), None, None, True)
    assert not is_better("x1", 1e-6, Ranked("user", 0.99, used), known)


def test_what_a_composer_weighed_is_not_proposed_unasked():
    assert is_better("qqq", 0.0, Ranked("parse", 0.99, None), set())
    assert not is_better("qqq", 0.0, Ranked("parse", 0.99, None, weighed=True), set())


def test_nothing_is_renamed_where_names_cannot_be_followed(model):
    assert not suggest_names(BAD.replace("context.stroke(qqq)", "eval('qqq')"), "js", model).renames()


@pytest.mark.parametrize("text", ["", "\n", "function (", "\x00", "}}}}", "let = = 3;", "function f(a { return a"])
def test_broken_texts_are_no_trouble(model, text):
    assert suggest_names(text, "js", model).table() is not None


def test_the_command(path, tmp_path, capsys):
    file = tmp_path / "camera.js"
    file.write_text(BAD)
    assert run(app, ["complete", "names", str(file), "--model", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["result"]["items"]
    assert [item["name"] for item in told] == ["qqq"]
    line = BAD.split("\n").index("function drawCamera(context) {") + 1
    assert run(app, ["complete", "names", str(file), "--model", str(path), "--line", str(line), "--json"]) == 0
    assert {item["name"] for item in json.loads(capsys.readouterr().out)["result"]["items"]} == {
        "drawCamera",
        "context",
    }
    assert run(app, ["complete", "names", str(file), "--model", str(path), "--line", str(line), "--column", "11"]) == 0
    assert "drawCamera" in capsys.readouterr().out
    assert run(app, ["complete", "names", str(file), "--model", str(path), "--line", "999"]) == 2
    assert "its lines are" in capsys.readouterr().err
    for words in (["--line", "1", "--column", "0"], ["--column", "3"]):
        assert run(app, ["complete", "names", str(file), "--model", str(path), *words]) == 2
    (tmp_path / "binary.js").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.js").mkdir()
    assert run(app, ["complete", "names", str(tmp_path / "binary.js")]) == 2
    assert run(app, ["complete", "names", str(tmp_path / "folder.js")]) == 2
    assert run(app, ["complete", "names", str(tmp_path / "camera.txt")]) == 2


def test_chart(model):
    assert suggest_names(BAD, "js", model).chart().to_dict()["mark"]
