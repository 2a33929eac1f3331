"""A command line becomes a printed result or one line of error, and an exit code."""

import json

import msgspec
import pytest
from cyclopts import App

from learnsys.core.command import run
from learnsys.core.errors import InputError, WorkFailed
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
