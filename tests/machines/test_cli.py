"""The commands, as a user types them, on a benchmark of one's own and on the lab."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.store import Store


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A store with one job, measured on two machines of a benchmark that lies in a folder."""
    home = tmp_path_factory.mktemp("home")
    benchmark = made.benchmark(W=10)
    folder = home / "cloud"
    folder.mkdir()
    names = [w.name for w in benchmark.workloads]
    rows = ["workload,group,machine,elapsed_s"] + [
        f"{names[w]},{benchmark.workloads[w].group},{benchmark.keys[v]},{t}"
        for w, v, t in zip(benchmark.workload, benchmark.machine, benchmark.elapsed_s, strict=True)
    ]
    (folder / "runs.csv").write_text("\n".join(rows) + "\n")
    kinds = ["key,vcpus,memory,usd_hour"] + [
        f"{m.key},{m.vcpus},{m.memory_bytes},{m.prices[0].usd_hour}" for m in benchmark.catalog.machines
    ]
    (folder / "machines.csv").write_text("\n".join(kinds) + "\n")
    store = Store(home / "store")
    job = made.job(made.speed(np.random.default_rng(3)), ["ash/c2.2", "birch/c4.4"])
    store.put("fingerprint", "etl", job)
    store.put("fingerprint", "here", made.job(np.zeros(16), []))
    return home


@pytest.fixture
def learnsys(home, monkeypatch):
    monkeypatch.setenv("LEARNSYS_HOME", str(home / "store"))

    def call(*words):
        return subprocess.run(
            [sys.executable, "-m", "learnsys", "machines", *map(str, words)],
            capture_output=True, text=True, cwd=home, timeout=120,
        )  # fmt: skip

    return call


def test_rank_shows_time_cost_and_probability(learnsys):
    done = learnsys("rank", "etl", "--benchmark", "cloud", "--deadline", "40s", "--objective", "cost")
    assert done.returncode == 0, done.stderr
    for word in (
        "time (90 %)",
        "cost/run (90 %)",
        "P(<=40 s)",
        "ash/c",
        "cannot hold its 3 GiB",
        "explain etl ash/c1.2",
    ):
        assert word in done.stdout


def test_rank_in_json_has_every_machine_and_is_the_same_from_the_kept_fit(learnsys, home):
    words = ("rank", "etl", "--benchmark", "cloud", "--json")
    first, again = learnsys(*words), learnsys(*words)
    assert list((home / "store" / "fits").iterdir())
    result = json.loads(first.stdout)["result"]
    assert len(result["rows"]) == 16
    kept = json.loads(again.stdout)["result"]
    assert [r["machine"] for r in kept["rows"]] == [r["machine"] for r in result["rows"]]
    assert set(result["rows"][0]) >= {
        "machine",
        "price",
        "time_s",
        "cost_usd",
        "p_fits",
        "p_deadline",
        "slowdown",
        "why",
    }


def test_rank_saves_draws_and_exports(learnsys, home):
    done = learnsys("rank", "etl", "--benchmark", "cloud", "--save", "r.csv", "--chart", "r.svg")
    assert done.returncode == 0, done.stderr
    assert "ash/c1.4" in (home / "r.csv").read_text()
    assert "<svg" in (home / "r.svg").read_text()
    refused = learnsys("rank", "etl", "--benchmark", "cloud", "--export", "skypilot")
    assert refused.returncode == 2
    assert "SkyPilot knows none" in refused.stderr


def test_next_stops_or_names_a_machine(learnsys):
    done = learnsys("next", "etl", "--benchmark", "cloud", "--max-price", "0.40", "--json")
    result = json.loads(done.stdout)["result"]
    assert result["why"].startswith("stop: " if result["next"] is None else f"measure {result['next']}")


def test_references_and_explain(learnsys):
    assert "ash/" in learnsys("references", "2", "--benchmark", "cloud", "--vendor", "ash").stdout
    done = learnsys("explain", "etl", "ash/c1.2", "--benchmark", "cloud")
    assert "does not" in done.stdout or "no, with probability" in done.stdout


BAD = {
    "unknown job": (["rank", "elt"], "did you mean etl"),
    "unknown machine": (["explain", "etl", "ash/c1.22", "--benchmark", "cloud"], "did you mean"),
    "unknown region": (["rank", "etl", "--benchmark", "cloud", "--region", "mars"], "mars"),
    "no good run": (["rank", "here", "--benchmark", "cloud"], "no run that ended well"),
    "not of the lab": (["rank", "etl", "--benchmark", "lab"], "which lab does not have"),
    "no benchmark": (["rank", "etl", "--benchmark", "clowd"], "clowd"),
    "probability": (["rank", "etl", "--benchmark", "cloud", "--p", "90"], "between 0 and 1"),
    "deadline": (["rank", "etl", "--benchmark", "cloud", "--deadline", "soon"], "no duration"),
    "nothing left": (
        ["rank", "etl", "--benchmark", "cloud", "--memory", "1t"],
        "none of 16 machines meets --memory 1 TiB",
    ),
    "no minutes": (["lab", "--minutes", "0"], "minutes is 0, but must be above 0"),
    "chart": (["rank", "etl", "--benchmark", "cloud", "--chart", "x.doc"], "end it with"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_answered_is_refused_in_one_line(learnsys, case):
    words, says = BAD[case]
    done = learnsys(*words)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
