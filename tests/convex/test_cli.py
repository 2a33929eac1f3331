"""The commands, as a user types them."""

import json

import numpy as np
import pytest

from learnsys.cli import app
from learnsys.convex import load_predictor
from learnsys.core.command import run
from learnsys.core.trace_file import read_traces


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)).astype(np.float32)
    path = tmp_path / "toy.npz"
    np.savez(path, X=X, y=(X[:, 0] + rng.normal(size=300) > 0).astype(int))
    return path


def test_solve_saves_a_model_that_evaluate_reads(file, tmp_path, capsys):
    out = [tmp_path / name for name in ("model", "trace.jsonl", "gap.svg")]
    words = ["convex", "solve", str(file), "--target", "1e-6", "--json"]
    words += ["--save", str(out[0]), "--trace", str(out[1]), "--chart", str(out[2])]
    assert run(app, words) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["method"] == "newton"
    assert result["rel"] <= 1e-6
    assert result["model"] == str(out[0])
    [trace] = read_traces(out[1])
    assert trace.last.loss == result["loss"]
    assert out[2].read_text().startswith("<svg")
    assert run(app, ["convex", "evaluate", str(out[0]), str(file), "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)["result"]
    assert measured["metrics"]["auc"] > 0.7
    assert load_predictor(out[0]).name == "toy.npz"


@pytest.mark.parametrize("method", ["cocoa+", "newton"])
def test_workers_and_seed_make_the_same_model_again(file, tmp_path, method):
    for name in ("a", "b"):
        words = ["convex", "solve", str(file), "--method", method, "--workers", "3", "--seed", "5", "--rounds", "4"]
        assert run(app, [*words, "--save", str(tmp_path / name)]) == 0
    for part in ("model.json", "model.safetensors"):
        assert (tmp_path / "a" / part).read_bytes() == (tmp_path / "b" / part).read_bytes()


def test_a_target_not_reached_fails_and_saves_nothing(file, tmp_path, capsys):
    words = ["convex", "solve", str(file), "--loss", "hinge", "--target", "1e-12", "--rounds", "2"]
    assert run(app, [*words, "--save", str(tmp_path / "m"), "--trace", str(tmp_path / "t.jsonl")]) == 1
    told = capsys.readouterr()
    assert "target 1e-12 is not reached: round 2, loss " in told.err
    assert told.out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["toy.npz"]


def test_a_target_that_no_time_would_reach_is_told_from_one_that_needs_more(file, capsys):
    cases = {
        "allow more --time or --rounds": ["--target", "1e-12", "--rounds", "2"],
        "no weights have a loss of 0.01: the minimum is at least 0.": ["--target", "loss=0.01"],
        "float64 allows no further progress: give a looser --target": ["--target", "gap=1e-30"],
    }
    for says, words in cases.items():
        assert run(app, ["convex", "solve", str(file), "--loss", "squared_hinge", "--method", "cocoa+", *words]) == 1
        assert says in capsys.readouterr().err


def test_rounds_or_time_alone_are_no_target(file):
    assert run(app, ["convex", "solve", str(file), "--loss", "hinge", "--rounds", "2"]) == 0
    assert run(app, ["convex", "solve", str(file), "--loss", "hinge", "--time", "50ms"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--method", "cocoa"], "did you mean cocoa+?"),
        (["--loss", "hinge", "--method", "newton"], "newton needs a second derivative, and the hinge loss has none"),
        (["--workers", "0"], "workers is 0"),
        (["--lam", "1", "--C", "1"], "both lam=1 and C=1"),
        (["--target", "soon"], "'soon' is no target"),
        (["--time", "soon"], "'soon' is no duration"),
        (["--time", "0"], "time is 0, but must be more"),
        (["--time", "0ms"], "time is 0, but must be more"),
        (["--rounds", "0"], "rounds is 0"),
        (["--seed=-1"], "seed is -1, but must be at least 0"),
        (["--engine", "dask"], "unknown engine 'dask'"),
        (["--chart", "gap.bmp"], "cannot save gap.bmp"),
        (["--trace", "missing/t.jsonl"], "no folder missing"),
        (["--save", "."], ". exists and is no model"),
    ],
    ids=" ".join,
)
def test_bad_words_are_refused_in_one_line(file, capsys, words, message):
    assert run(app, ["convex", "solve", str(file), *words]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert message in errors[0]


def test_bad_data_is_refused_in_one_line(tmp_path, capsys):
    np.savez(tmp_path / "nan.npz", X=np.array([[1.0], [np.nan]]), y=np.array([0, 1]))
    np.savez(tmp_path / "one.npz", X=np.ones((3, 1)), y=np.ones(3))
    for name, message in (("nan.npz", "row 1, column 0"), ("one.npz", "one class"), ("gone.npz", "no file")):
        assert run(app, ["convex", "solve", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err
