"""Progress goes to stderr: a moving line on a terminal, one line elsewhere."""

import io

import pytest
from rich.console import Console

from learnsys.core import console


def test_elsewhere_than_on_a_terminal_only_the_beginning_is_said(capsys):
    with console.progress("training", total=3) as update:
        for done in range(3):
            update(done, f"gap {done}")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "training ...\n")


def test_a_terminal_shows_what_and_the_latest_note(monkeypatch, capsys):
    screen = Console(file=(seen := io.StringIO()), force_terminal=True, width=100)
    monkeypatch.setattr(console, "ERR", screen)
    with console.progress("training", total=3) as update:
        update(1, "gap 0.5")
        screen.print("between")
    assert "training" in seen.getvalue()
    assert "gap 0.5" in seen.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_inside_goes_through(monkeypatch, terminal):
    monkeypatch.setattr(console, "ERR", Console(file=io.StringIO(), force_terminal=terminal))
    with pytest.raises(KeyError), console.progress("training"):
        raise KeyError
