"""The commands of plan that need data, in process: results, files and one-line refusals."""

import json

import numpy as np
import pytest

from learnsys.cli import app
from learnsys.core.command import run
from learnsys.core.trace_file import read_traces
from learnsys.loop.cli import profile_data
from learnsys.plan import Plan
from learnsys.plan.profile import PROBE_ROWS

QUICKLY = ("--slots", "1", "--C", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, its traces on 1 and 2 workers, and a plan for its hinge loss."""
    folder = tmp_path_factory.mktemp("plan")
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 3))
    y = (X.sum(axis=1) + rng.normal(size=400) > 0).astype(int)
    rows = "".join(",".join(f"{v:.6f}" for v in x) + f",{label}\n" for x, label in zip(X, y, strict=True))
    (folder / "toy.csv").write_text("a,b,c,y\n" + rows)
    table = str(folder / "toy.csv")
    wanted = ("--workers", "1,2", "--methods", "cocoa+,newton", "--save", str(folder / "traces.jsonl"))
    assert run(app, ["plan", "profile", table, *wanted, *QUICKLY]) == 0
    hinge = ("--loss", "hinge", "--target", "1e-2", "--workers", "1", "--save", str(folder / "hinge.json"))
    assert run(app, ["plan", "choose", table, *hinge, "--probe-budget", "1s", *QUICKLY]) == 0
    return folder


def said(capsys, *words):
    """What a command prints as JSON."""
    capsys.readouterr()
    assert run(app, [*map(str, words), "--json"]) == 0
    envelope = json.loads(capsys.readouterr().out)
    assert set(envelope) == {"v", "command", "result", "warnings"}
    return envelope


def test_profile_saves_what_it_probed(folder):
    traces = read_traces(folder / "traces.jsonl")
    assert {(t.method, t.workers) for t in traces} == {(m, p) for m in ("cocoa+", "newton") for p in (1, 2)}


def test_profile_in_json(folder, capsys):
    envelope = said(capsys, "plan", "profile", folder / "toy.csv", "--workers", "1", "--methods", "newton", *QUICKLY)
    assert envelope["command"] == "plan profile"
    assert [t["method"] for t in envelope["result"]["traces"]] == ["newton"]


def test_choose_from_traces_compares_the_workers_of_the_traces(folder, capsys):
    plan = said(capsys, "plan", "choose", folder / "traces.jsonl", "--target", "1e-3")["result"]
    assert {c["workers"] for c in plan["candidates"]} == {1, 2}


def test_choose_from_data_probes_it(folder, capsys):
    words = ("--target", "1e-3", "--probe-budget", "1s", "--save", folder / "plan.json", *QUICKLY)
    plan = said(capsys, "plan", "choose", folder / "toy.csv", *words)["result"]
    assert {c["workers"] for c in plan["candidates"]} == {1, 2, 4}
    assert plan["planning"]["probes"] == 6
    assert Plan.read(folder / "plan.json").settings == {
        "loss": "logistic", "penalty": "l2", "bias": 0.0, "lam x rows": pytest.approx(1.0)
    }  # fmt: skip


def test_validate_trains_and_compares(folder, capsys):
    words = ("--target", "1e-3", "--probe-budget", "1s", "--workers", "1", *QUICKLY)
    checked = said(capsys, "plan", "validate", folder / "toy.csv", *words)["result"]
    assert [c["quantity"] for c in checked["checks"]] == ["rounds", "seconds"]
    words = ("--plan", folder / "hinge.json", "--loss", "hinge", *QUICKLY)
    assert said(capsys, "plan", "validate", folder / "toy.csv", *words)["result"]["workers"] == 1


BAD = {
    "another loss than planned": (["validate", "--plan", "hinge.json", *QUICKLY], "loss hinge"),
    "another penalty than planned": (["validate", "--plan", "hinge.json", "--loss", "hinge", "--C", "2"], "lam x rows"),
    "negative seed": (["profile", "--seed", "-1"], "seed is -1"),
    "unknown method": (["profile", "--methods", "newtom"], "did you mean newton"),
    "unknown engine": (["profile", "--engine", "spark"], "ray"),
    "no workers": (["choose", "--target", "1e-3", "--workers", "0"], "workers"),
    "no question": (["choose"], "target and budget"),
    "two questions": (["choose", "--target", "1e-3", "--budget", "1s"], "target and budget"),
    "no target": (["choose", "--target", "good"], "no target"),
    "no duration": (["choose", "--budget", "soon"], "duration"),
    "no network": (["choose", "--target", "1e-3", "--network", "fast"], "network"),
    "no plan": (["validate", "--plan", "traces.jsonl"], "traces.jsonl"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_values_get_one_line_and_exit_code_2(case, folder, capsys, monkeypatch):
    (verb, *words), says = BAD[case]
    monkeypatch.chdir(folder)
    capsys.readouterr()
    assert run(app, ["plan", verb, "toy.csv", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line for line in err.splitlines() if line.startswith("error: ") and says in line], err
    assert run(app, ["plan", verb, "toy.csv", *words, "--json"]) == 2
    error = json.loads(capsys.readouterr().err.strip().splitlines()[-1])["error"]
    assert says in f"{error['message']}; {error['next']}"


def test_the_help_names_the_rows_of_a_probe():
    assert f"{PROBE_ROWS:,} rows" in profile_data.__doc__
