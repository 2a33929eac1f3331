"""A command line becomes a printed result or one line of error, and an exit code."""

import json
import os
import subprocess
import sys
from typing import Annotated

import msgspec
import pytest
from cyclopts import App, Parameter

from learnsys.core.command import run, wants_json
from learnsys.core.errors import InputError, MissingExtra, WorkFailed
from learnsys.core.table import Column, Table


class Answer(msgspec.Struct, frozen=True):
    value: int

    def table(self):
        return Table(columns=(Column(name="value", kind="integer"),), rows=((self.value,),))


@pytest.fixture
def app():
    app, room = App(name="top", version="1"), App(name="room")

    @room.command
    def double(number: int) -> Answer:
        return Answer(2 * number)

    @room.command
    def refuse() -> None:
        raise InputError("too odd", value=3, next="give an even number")

    @room.command
    def fail() -> None:
        raise WorkFailed("did not end")

    @room.command
    def crash() -> None:
        raise ModuleNotFoundError("No module named 'polars'", name="polars")

    @room.command
    def bug() -> None:
        raise ModuleNotFoundError("No module named 'nonsense'", name="nonsense")

    @room.command
    def extra() -> None:
        raise MissingExtra.of("ray", "ray")

    @room.command
    def stop() -> None:
        raise KeyboardInterrupt

    @room.command
    def quiet() -> None:
        return None

    app.command(room)
    app.command("no_such_package_here.cli:app", name="broken")
    return app


def test_a_result_is_printed_as_a_table(app, capsys):
    assert run(app, ["room", "double", "21"]) == 0
    out, err = capsys.readouterr()
    assert "42" in out
    assert err == ""


@pytest.mark.parametrize("words", [["--json", "room", "double", "4"], ["room", "double", "--json", "4"]])
def test_json_is_the_envelope_wherever_the_flag_stands(app, capsys, words):
    assert run(app, words) == 0
    assert json.loads(capsys.readouterr().out) == {
        "v": 1, "command": "room double", "result": {"value": 8}, "warnings": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["room", "refuse"], 2, "error: too odd; give an even number"),
        (["room", "fail"], 1, "error: did not end"),
        (["room", "crash"], 2, "pip install 'learnsys[data]'"),
        (["room", "extra"], 2, "ray is not installed; pip install 'learnsys[ray]'"),
        (["room", "stop"], 130, "error: interrupted"),
        (["room", "double", "x"], 2, "error: "),
        (["room", "doubel"], 2, "did you mean double?"),
        (["roon"], 2, "did you mean room"),
    ],
)
def test_an_error_is_one_line_and_a_code(app, capsys, words, code, says):
    assert run(app, words) == code
    out, err = capsys.readouterr()
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert out == ""


def test_an_error_in_json(app, capsys):
    assert run(app, ["room", "refuse", "--json"]) == 2
    assert json.loads(capsys.readouterr().err) == {
        "error": {"kind": "InputError", "message": "too odd", "value": 3, "next": "give an even number"}
    }


def test_our_own_bugs_are_not_hidden(app):
    with pytest.raises(ModuleNotFoundError, match="nonsense"):
        run(app, ["room", "bug"])
    with pytest.raises(ImportError, match="no_such_package_here"):
        run(app, ["broken", "x"])


def test_nothing_is_printed_for_nothing(app, capsys):
    assert run(app, ["room", "quiet"]) == 0
    assert capsys.readouterr() == ("", "")


SPEAK = """
import sys
from cyclopts import App
from learnsys.core.command import run
from learnsys.core.table import Column, Table
class Answer:
    def table(self): return Table(columns=(Column(name="na\u00efve"),), rows=(("\u00e9",),))
app = App(name="top")
@app.command
def speak(): return Answer()
sys.exit(run(app, ["speak"]))
"""


@pytest.mark.parametrize(
    ("shell", "code", "says"),
    [
        ('"$PY" -c "$CODE" | true; exit ${PIPESTATUS[0]}', 0, ""),
        ('"$PY" -c "$CODE" >&-', 0, ""),
        ('"$PY" -c "$CODE" > /dev/full', 1, "cannot write the result"),
        ('PYTHONIOENCODING=ascii "$PY" -c "$CODE" > "$OUT"', 0, ""),
    ],
)
def test_whatever_becomes_of_stdout_there_is_no_traceback(shell, code, says, tmp_path):
    env = {**os.environ, "PY": sys.executable, "CODE": SPEAK, "OUT": str(tmp_path / "out")}
    done = subprocess.run(["bash", "-c", shell], env=env, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert says in done.stderr
    if "OUT" in shell:
        assert "é" in (tmp_path / "out").read_text(encoding="utf-8")


def test_words_after_the_dashes_and_the_exit_code_are_another_programs(capsys):
    class Ran(Answer):
        exit_code = 3

    app, seen = App(name="top"), []

    @app.command
    def launch(*words: Annotated[str, Parameter(allow_leading_hyphen=True)], name: str) -> Ran:
        seen.append((words, name, wants_json()))
        return Ran(7)

    assert run(app, ["launch", "--name", "n", "--", "echo", "--json", "--name", "x"]) == 3
    assert run(app, ["launch", "--json", "--name", "n", "--", "echo"]) == 3
    assert seen == [(("echo", "--json", "--name", "x"), "n", False), (("echo",), "n", True)]
    assert "7" in capsys.readouterr().out


def test_words_that_are_no_text_are_named_in_json(capsys):
    app = App(name="top")

    @app.command
    def look(name: str) -> None:
        raise InputError(f"no {name}", value=name)

    assert run(app, ["look", "\udcff", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["value"] == "\\udcff"
