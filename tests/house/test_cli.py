"""Every command keeps the house's manners: help, --json, exit codes, one-line errors, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.cli_help import COMMANDS, PAGE, page


def learnsys(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "learnsys", *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=120
    )


def test_the_help_in_the_docs_is_the_help_of_the_command():
    assert PAGE.read_text() == page(), "run: python -m tests.house.cli_help"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_offers_json(command):
    done = learnsys(*command, "--help")
    assert done.returncode == 0
    assert "--json" in done.stdout


BAD = {
    "unknown command": (["convx"], 2, "did you mean convex?"),
    "unknown option": (["data", "list", "--jsn"], 2, "--jsn"),
    "missing argument": (["convex", "solve"], 2, "DATA"),
    "unknown data set": (["data", "describe", "nycflight"], 2, "did you mean nycflights?"),
    "missing file": (["convex", "solve", "no/such/file.npz"], 2, "no file no/such/file.npz"),
    "missing model": (["serve", "run", "no_such_model"], 2, "no_such_model"),
    "missing traces": (["plan", "choose", "no_such_traces.jsonl", "--target", "1e-3"], 2, "no_such_traces.jsonl"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_words_get_one_line_and_exit_code_2(case, tmp_path):
    words, code, says = BAD[case]
    done = learnsys(*words, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_an_error_in_json_names_kind_value_and_next_step(tmp_path):
    done = learnsys("data", "describe", "nycflight", "--json", cwd=tmp_path)
    assert done.returncode == 2
    error = json.loads(done.stderr)["error"]
    assert set(error) == {"kind", "message", "value", "next"}
    assert error["kind"] == "UnknownName"
    assert error["value"] == "nycflight"
    assert "nycflights" in error["next"]


def test_json_goes_to_stdout_in_the_envelope(tmp_path):
    done = learnsys("data", "list", "--json", cwd=tmp_path)
    envelope = json.loads(done.stdout)
    assert envelope["v"] == 1
    assert envelope["command"] == "data list"
    assert "nycflights" in json.dumps(envelope["result"])
    assert envelope["warnings"] == []


@pytest.fixture
def tables(tmp_path):
    """Small files that are bad in one way each."""
    files = {
        "letters.libsvm": "+1 1:0.5\n-1 2:oops\n",
        "nan.csv": "x,y\n1.0,0\nNaN,1\n2.0,0\n",
        "one.csv": "x,y\n1.0,1\n2.0,1\n3.0,1\n",
        "three.csv": "x,y\n1.0,0\n2.0,1\n3.0,2\n",
        "good.csv": "x,y\n" + "".join(f"{i / 10},{int(i % 7 > 2)}\n" for i in range(40)),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


BAD_DATA = {
    "malformed line": (["letters.libsvm"], 2, "line 2"),
    "NaN in features": (["nan.csv"], 2, "row 1"),
    "one class": (["one.csv"], 2, "one class"),
    "three classes": (["three.csv"], 2, "3 classes"),
    "unknown method": (["good.csv", "--method", "cocoaa+"], 2, "did you mean cocoa+"),
    "unknown loss": (["good.csv", "--loss", "logistics"], 2, "did you mean logistic"),
    "no workers": (["good.csv", "--workers", "0"], 2, "workers"),
    "not a duration": (["good.csv", "--time", "fast"], 2, "duration"),
    "target not reached": (["good.csv", "--method", "cocoa+", "--target", "1e-14", "--rounds", "2"], 1, "reached"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_is_refused_and_nothing_is_written(case, tables):
    words, code, says = BAD_DATA[case]
    before = sorted(p.name for p in tables.iterdir())
    done = learnsys("convex", "solve", *words, "--save", "model", cwd=tables)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert sorted(p.name for p in tables.iterdir()) == before


def test_solve_evaluate_round_trip_on_a_file(tables):
    solved = learnsys("convex", "solve", "good.csv", "--save", "model", "--json", cwd=tables)
    assert solved.returncode == 0, solved.stderr
    evaluated = learnsys("convex", "evaluate", "model", "good.csv", "--json", cwd=tables)
    assert evaluated.returncode == 0, evaluated.stderr
    assert Path(tables / "model" / "model.json").is_file()
