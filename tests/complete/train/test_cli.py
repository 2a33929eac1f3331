"""The command trains on a folder, keeps what it did when it is interrupted, and refuses what it cannot use."""

import json
import signal
import subprocess
import sys
import time

import pytest
from tests.complete.toys import program

from learnsys.cli import app
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import load_weights
from learnsys.core.command import run
from learnsys.core.trace_file import read_traces


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    for seed in range(8):
        (tmp_path / "src" / f"file{seed}.js").write_text(program(seed, statements=30))
    return tmp_path


def learnsys(*words):
    return run(app, [*map(str, words)])


def test_a_folder_becomes_a_model_a_trace_and_a_picture(folder, capsysbinary):
    words = ("--epochs", 2, "--trace", "run.jsonl", "--chart", "run.svg", "--json")
    assert learnsys("complete", "train", "src", *words) == 0
    told = json.loads(capsysbinary.readouterr().out)["result"]
    assert told["language"] == "js"
    assert told["files"] == 7  # and one is the sample
    assert told["gate"] == "shipped"
    assert Model.of(load_weights(folder / "js.safetensors")).gate is not None
    card = load_weights(folder / "js.safetensors").card
    assert card.vocabulary.language == "js"
    assert "parseItem" in card.vocabulary.words
    (trace,) = read_traces(folder / "run.jsonl")
    assert trace.steps[0].loss > trace.last.loss == pytest.approx(told["bits"])
    assert card.metrics["sample_bits"] == pytest.approx(trace.last.loss, abs=1e-3)
    assert (folder / "run.svg").read_text().startswith("<svg")
    assert not list(folder.glob("*.checkpoint"))


def test_a_checkpoint_that_was_named_stays_and_is_gone_on_from(folder, capsysbinary):
    for epochs in (1, 2):
        assert learnsys("complete", "train", "src", "--epochs", epochs, "--checkpoint", "run.pt", "--json") == 0
        told = json.loads(capsysbinary.readouterr().out)["result"]
        assert told["epochs"] == pytest.approx(epochs)
    assert told["trace"]["steps"][0]["loss"] < 7  # of a new model: 8 and more


def test_ctrl_c_keeps_the_run_and_says_how_to_go_on(folder):
    words = [sys.executable, "-m", "learnsys", "complete", "train", "src", "--minutes", "1"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as child:
        while not (folder / "js.checkpoint").exists() and child.poll() is None:
            time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        said = child.stderr.read()
    assert child.returncode == 130
    assert "js.checkpoint" in said
    assert "Traceback" not in said
    assert (folder / "js.checkpoint").is_file()
    assert not (folder / "js.safetensors").exists()


BAD = {
    "nothing": ([], "a folder or --corpus"),
    "both": (["src", "--corpus", "c.parquet"], "one of them"),
    "missing": (["srv"], "did you mean src"),
    "no sources": (["src", "--language", "cpp"], "no C++"),
    "unknown language": (["src", "--language", "rust"], "unknown language"),
    "no time": (["src", "--minutes", "0"], "--minutes"),
    "bad out": (["src", "--out", "model.bin"], ".safetensors"),
    "bad trace": (["src", "--trace", "t.txt"], ".jsonl"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_before_work(folder, case, capsys):
    words, says = BAD[case]
    assert learnsys("complete", "train", *words) == 2
    assert says in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["src"]
