"""The commands answer at a cursor and about a folder, with a model of one's own, and refuse what they cannot read."""

import json

import pytest
import torch
from tests.complete.toys import encoded, program

from learnsys.cli import app
from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.runtime.weights import save_weights
from learnsys.complete.train.export import exported
from learnsys.complete.train.fit import Schedule, fit
from learnsys.core.command import run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    files, vocabulary, _ = encoded(6, statements=20)
    torch.manual_seed(0)
    backbone = Backbone(len(vocabulary.words), len(vocabulary.parts), Sizes(width=16, sequence=24, stack=16, pointer=8))
    at = fit(backbone, files, Schedule(epochs=6, streams=2, length=32, rate=1e-2))
    path = tmp_path_factory.mktemp("models") / "js.safetensors"
    return save_weights(path, exported(backbone, vocabulary, at=at, corpus=""))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    for seed in range(4):
        (tmp_path / "src" / f"file{seed}.js").write_text(program(seed, statements=30))
    (tmp_path / "open.js").write_text("const total = 1;\nconst node = to")
    return tmp_path


def answer(capsysbinary, *words):
    code = run(app, ["complete", *map(str, words), "--json"])
    out, err = capsysbinary.readouterr()
    return code, json.loads(out)["result"] if code == 0 else json.loads(err)["error"]


def test_a_cursor_gets_suggestions_that_go_on_from_what_is_typed(folder, model, capsysbinary):
    words = ("suggest", "open.js", "--line", 2, "--column", 16, "--model", model, "--chart", "s.svg")
    code, found = answer(capsysbinary, *words)
    assert code == 0
    assert found["prefix"] == "to"
    assert "total" in [item["text"] for item in found["items"]]
    assert all(item["text"].startswith("to") for item in found["items"])
    assert (folder / "s.svg").read_text().startswith("<svg")


def test_a_folder_is_evaluated(folder, model, capsysbinary):
    (folder / "src" / "tiny.js").write_text("x")
    words = ("evaluate", "src", "--model", model, "--tokens", 400, "--chart", "e.svg")
    code, found = answer(capsysbinary, *words)
    assert code == 0
    assert found["language"] == "js"
    assert found["alone"]["tokens"] >= 400
    assert found["left_out"] == {"too small": 1}
    assert 0 <= found["alone"]["top1"] <= found["alone"]["top5"] <= 1
    assert (folder / "e.svg").read_text().startswith("<svg")


BAD = {
    "no file": (["suggest", "none.js", "--line", "1", "--column", "1"], "no file"),
    "another language": (["suggest", "a.rs", "--line", "1", "--column", "1"], "no language"),
    "no such line": (["suggest", "open.js", "--line", "9", "--column", "1"], "no line 9"),
    "no column": (["suggest", "open.js", "--line", "1", "--column", "0"], "at least 1"),
    "no suggestions": (["suggest", "open.js", "--line", "1", "--column", "1", "--n", "0"], "at least 1"),
    "a picture of no kind": (["suggest", "open.js", "--line", "1", "--column", "1", "--chart", "a.doc"], ".svg"),
    "no sources": (["evaluate", "src", "--language", "py"], "no Python"),
    "no tokens": (["evaluate", "src", "--tokens", "0"], "at least 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_answered_is_refused(folder, model, case, capsysbinary):
    words, says = BAD[case]
    code, error = answer(capsysbinary, *words, "--model", model)
    assert code == 2
    assert says in error["message"] + error["next"]


def test_made_up_code_is_in_the_language_of_the_file_that_it_goes_on_from(folder, model, capsysbinary):
    code, found = answer(capsysbinary, "generate", "--from", "open.js", "--tokens", 5, "--model", model)
    assert (code, found["language"]) == (0, "js")
    (folder / "a.py").write_text("x = 1\n")
    code, error = answer(capsysbinary, "generate", "--from", "a.py", "--tokens", 5, "--model", model)
    assert code == 2
    assert "'py' is asked for" in error["message"]
