import json

import pytest

from learnsys.core.command import run
from learnsys.machines.spot.cli import app

HOURS = "\n".join(
    f"{zone},v,{3600 * h},{int(h % every != 0)}" for zone, every in (("a", 5), ("b", 3)) for h in range(60)
)
HISTORY = f"zone,instance,time,available\n{HOURS}\na,v,216000,-1\nb,v,216000,-1\n"
JOB = ["--work", "6h", "--deadline", "9h", "--spot-price", "0.3", "--on-demand-price", "1"]


@pytest.fixture
def history(tmp_path):
    """Two zones over 60 hours."""
    (path := tmp_path / "h.csv").write_text(HISTORY)
    return str(path)


def test_describe_lists_the_pools(history, capsys):
    assert run(app, ["describe", history, "--pools", "a*"]) == 0
    out = capsys.readouterr().out
    assert "a/v" in out
    assert "b/v" not in out


def test_advise_names_a_policy(history, capsys, tmp_path):
    chart = tmp_path / "c.svg"
    assert run(app, ["advise", history, *JOB, "--windows", "3", "--chart", str(chart), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["result"]
    assert told["recommended"] in {"ours", "greedy", "uniform"}
    assert len(told["pools"]) == 2
    assert chart.exists()


def test_simulate_compares(history, capsys):
    assert (
        run(app, ["simulate", history, *JOB, "--policy", "ours,uniform", "--checkpoint", "1m", "--at", "1970-01-02"])
        == 0
    )
    assert "uniform" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--deadline", "5h"], "at least 6.083h"),
        (["--policy", "uniforn"], "did you mean uniform"),
        (["--pools", "c*"], "known: a/v, b/v"),
        (["--on", "noon"], "no time"),
        (["--deadline", "90h"], "shorten the deadline"),
        (["--save", "no/such/x.json"], "make it first"),
    ],
)
def test_mistakes_cost_one_line_and_no_work(history, capsys, words, message):
    options = dict(zip(JOB[::2], JOB[1::2], strict=True)) | {words[0]: words[1]}
    assert run(app, ["simulate", history, *(w for pair in options.items() for w in pair)]) == 2
    assert message in capsys.readouterr().err


def test_a_history_without_prices_needs_one(history, capsys):
    assert run(app, ["simulate", history, "--work", "1h", "--deadline", "3h", "--on-demand-price", "1"]) == 2
    assert "--spot-price" in capsys.readouterr().err
