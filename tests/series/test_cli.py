"""The commands of the room, as a user types them."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from learnsys.core.command import run
from learnsys.series.cli import app
from learnsys.series.stream.feeds import lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with one file of made-up series, written by the command itself."""
    folder = tmp_path_factory.mktemp("cli")
    words = ["simulate", str(folder / "made.parquet"), "--series", "3", "--samples", "600", "--seed", "1"]
    assert run(app, words) == 0
    return folder


@pytest.fixture
def call(folder, capfdbinary, monkeypatch):
    """Run words in the folder: exit code, stdout, stderr."""
    monkeypatch.chdir(folder)

    def called(*words):
        code = run(app, [str(w) for w in words])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return called


def result(call, *words):
    code, out, err = call(*words, "--json")
    assert code == 0, err
    return json.loads(out)["result"]


def test_the_room_is_mounted_and_starts_without_what_it_does_not_need():
    code = "import sys, learnsys.cli; learnsys.cli.app.parse_commands(['series', 'xcov']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"polars", "pyarrow", "numba", "finufft"} & set(done.stdout.split())


def test_simulate_tells_where_the_truth_is(call):
    code, out, _ = call("simulate", "other.csv", "--samples", "20", "--kind", "vector")
    assert code == 0
    assert "other.truth.json" in out


def test_xcov_finds_the_delays_that_were_put_in(call, folder):
    found = result(call, "xcov", "made.parquet", "--max-lag", "10s", "--step", "500ms", "--of", "s0:s1,s0:s2")
    lags = [found["lags"]["first_s"] + found["lags"]["step_s"] * i for i in range(found["lags"]["count"])]
    names, truth = found["ids"], json.loads((folder / "made.truth.json").read_text())["delays_s"]
    for (a, b), row in zip(found["pairs"], found["correlation"], strict=True):
        if a != b:
            peak = lags[max(range(len(lags)), key=lambda l: row[l] or -1)]
            assert peak == pytest.approx(truth[int(names[b][1])] - truth[int(names[a][1])], abs=1)


def test_results_and_pictures_are_kept(call, folder):
    code, out, err = call("xcov", "made.parquet", "--max-lag", "5s", "--save", "x.csv", "--chart", "x.svg")
    assert code == 0, err
    assert "s0" in out
    assert (folder / "x.csv").read_text().startswith("a,b,lag [s],covariance")
    assert (folder / "x.svg").read_text().startswith("<svg")
    assert call("xcov", "made.parquet", "--max-lag", "5s", "--chart", "p.svg", "--kind", "peaks")[0] == 0


def test_explain_shows_each_phase_and_the_steps(call):
    code, out, err = call("explain", "made.parquet", "--max-lag", "5s", "--between", "2026-01-05,2026-01-06")
    assert code == 0, err
    for words in ("as written", "after simplify", "after share", "after lower", "Scan("):
        assert words in out
    assert "as written" in result(call, "explain", "made.parquet")["plan"]


def test_states_of_days_merge_and_are_asked(call):
    parts = {"a.state": "2026-01-05,2026-01-05T00:05", "b.state": "2026-01-05T00:05,"}
    for out, between in parts.items():
        words = ("--out", out, "--bandwidth", "1s", "--period", "2h", "--between", between)
        assert call("partial", "made.parquet", *words)[0] == 0
    code, out, err = call("merge", *parts, "--out", "both.state")
    assert code == 0, err
    assert "State of 2 sources" in out
    whole = result(call, "partial", "made.parquet", "--out", "whole.state", "--bandwidth", "1s", "--period", "2h")
    asked = ("--max-lag", "5s", "--of", "s0:s1")
    both, direct = (result(call, "xcov", name, *asked) for name in ("both.state", "whole.state"))
    assert both["values"][0] == pytest.approx(direct["values"][0], abs=0.02)
    assert sum(whole["n"]) > 0
    code, _, err = call("merge", "a.state", "whole.state", "--out", "x.state")
    assert code == 2
    assert "two states have the same samples" in err


def test_spectra_autoregressions_forecasts_and_descriptions(call, folder):
    described = result(call, "describe", "made.parquet", "--chart", "d.svg")
    assert described["n"] == [int(v) for v in described["n"]]
    assert (folder / "d.svg").exists()
    assert result(call, "psd", "made.parquet", "--chart", "p.svg", "--kind", "period")["normalization"] == "density"
    found = result(call, "var", "made.parquet", "--dt", "1s", "--order", "1", "--select", "s0,s1", "--ci", "none")
    assert len(found["matrices"][0]) == 2
    ahead = result(call, "forecast", "made.parquet", "--at", "2026-01-05T00:10,2026-01-05T00:11", "--select", "s0")
    assert len(ahead["mean"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("xcov",), "no file is given"),
        (("xcov", "absent.parquet"), "no file absent.parquet"),
        (("xcov", "made.parquet", "--of", "s0"), "no list of pairs"),
        (("xcov", "made.parquet", "--max-lag", "soon"), "soon"),
        (("xcov", "made.parquet", "--max-lag", "10h"), "lag"),
        (("xcov", "made.parquet", "--kernel", "round"), "round"),
        (("xcov", "made.parquet", "--value", "price"), "price"),
        (("xcov", "made.parquet", "--where", "quality"), "no condition"),
        (("xcov", "made.parquet", "--save", "x.xls"), "x.xls"),
        (("xcov", "made.parquet", "--select", "s9"), "s9"),
        (("explain", "made.parquet", "--without", "speed"), "speed"),
        (("merge", "--out", "x.state"), "no state is given"),
        (("merge", "absent.state", "--out", "x.state"), "absent.state"),
        (("partial", "made.parquet", "--out", "x.npz", "--bandwidth", "1s", "--period", "2h"), "x.npz"),
        (("partial", "made.parquet", "--out", "x.state", "--bandwidth", "1s", "--period", "2s"), "period"),
        (("var", "made.parquet", "--dt", "0s"), "0"),
        (("forecast", "made.parquet", "--at", "soon"), "soon"),
        (("simulate", "x.txt"), "x.txt"),
        (("simulate", "x.csv", "--series", "0"), "series"),
    ],
)
def test_bad_words_get_one_line_and_exit_code_2(call, words, said):
    code, out, err = call(*words)
    assert code == 2, err
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    code, _, err = call(*words, "--json")
    assert code == 2
    assert json.loads(err)["error"]["message"]


def test_watch_reads_a_pipe_and_tells_what_it_could_not_read():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 4000, 8000))
    knots, path = np.arange(-9, 4010), rng.normal(size=4019)
    behind = np.where(np.arange(8000) % 2, np.where(t < 3000, 2.0, -3.0), 0.0)
    values = np.interp(t - behind, knots, path)
    lines = [f"{s:.3f},{'ab'[i % 2]},{x:.5f}" for i, (s, x) in enumerate(zip(t, values, strict=True))]
    words = ("watch", "--window", "200s", "--max-lag", "6s", "--step", "500ms", "--baseline", "12", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "learnsys", "series", *words], input="\n".join(["time,series,value", *lines, "no line"]),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["result"]
    assert (found["malformed"], found["samples"], found["windows"]) == (1, 8000, 19), "the last window is not over"
    assert {a["start_ns"] // (200 * 10**9) for a in found["alarms"]} >= {15, 16, 17, 18}
    assert all(a["start_ns"] >= 3000 * 10**9 for a in found["alarms"])
    assert any(a["what"] == "lag" for a in found["alarms"])
    assert "a -> b" in done.stderr


def test_watch_tells_what_it_saw_when_it_is_interrupted(call, monkeypatch):
    def chunks(source, feed, *rest):
        yield from lines([["time,series,value", *(f"{t},{'ab'[t % 2]},{t % 7}" for t in range(600))]], feed)
        signal.raise_signal(signal.SIGINT)
        yield from lines([["time,a", "601,1"]], feed)

    monkeypatch.setattr("learnsys.series.stream.cli._chunks", chunks)
    found = result(call, "watch", "--window", "1m", "--max-lag", "5s")
    assert (found["samples"], found["windows"]) == (600, 9)
    assert found["notes"] == ["ended by an interrupt"]
    code, _, err = call("watch", "--of", "auto")
    assert code == 2
    assert "not watched with itself" in err


def test_watch_reads_a_folder(call, folder):
    (folder / "grows").mkdir()
    (folder / "grows" / "1.parquet").write_bytes((folder / "made.parquet").read_bytes())
    found = result(call, "watch", "grows", "--window", "1m", "--idle", "50ms", "--max-lag", "5s", "--of", "s0:s1")
    assert found["windows"] in (9, 10)
    assert found["samples"] > 1500
    code, _, err = call("watch", "nowhere")
    assert code == 2
    assert "no folder" in err
