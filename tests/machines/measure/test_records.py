"""Runs from files: what was written is read, what is wrong is named by file, line and column."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import BadFile, InputError, UnknownMachine
from learnsys.core.fingerprint import Run
from learnsys.machines.measure.records import check_machine, read_runs

KEY = "aws/m6i.large"
POSITIVE = st.floats(0.01, 1e6)
RUNS = st.builds(
    Run,
    machine=st.just(KEY),
    outcome=st.just("ok"),
    elapsed_s=POSITIVE,
    cpu_s=POSITIVE,
    peak_bytes=st.integers(0, 1 << 45),
    working_set_bytes=st.integers(0, 1 << 45),
    counters=st.dictionaries(st.sampled_from(["cpu.cores", "mem.rss"]), st.tuples(POSITIVE, POSITIVE)),
    isolation=st.sampled_from(["cgroup2", "cgroup1", "weak"]),
    rejected=st.sampled_from([None, "noise"]),
    size=st.none() | st.integers(1, 1 << 45).map(float),
    spent_s=POSITIVE,
    exit_code=st.none() | st.integers(-15, 0),
    threads=st.integers(0, 99),
    command=st.just(()) | st.just(("sort", "a")),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("records")


def written(folder, text, name="runs.csv"):
    (folder / name).write_text(text)
    return folder / name


@given(st.lists(RUNS, min_size=1, max_size=3), st.sampled_from(["[{}]", "{}"]))
def test_our_own_json_reads_back(folder, runs, form):
    text = form.format((", " if form == "[{}]" else "\n").join(msgspec.json.encode(r).decode() for r in runs))
    assert read_runs(written(folder, text, "runs.json"), KEY) == tuple(runs)


def test_a_column_of_times_is_enough(tmp_path):
    runs = read_runs(written(tmp_path, "elapsed_s\n12.5\n1m30s\n\n"), KEY)
    assert [(r.machine, r.outcome, r.elapsed_s, r.spent_s, r.cpu_s) for r in runs] == [
        (KEY, "ok", 12.5, 12.5, 0.0), (KEY, "ok", 90.0, 90.0, 0.0),
    ]  # fmt: skip


def test_units_outcomes_and_counters(tmp_path):
    text = "outcome,elapsed_s,peak_bytes,size,cpu.cores,cpu.cores.p90\nok,9s,2GiB,10GB,0.5,0.75\noom,4,3g,10GB,,\n"
    first, second = read_runs(written(tmp_path, text), KEY)
    assert (first.peak_bytes, first.size, first.counters) == (2 << 30, 1e10, {"cpu.cores": (0.5, 0.75)})
    assert (second.outcome, second.elapsed_s, second.spent_s, second.counters) == ("oom", None, 4.0, {})


BAD = {
    "no number": ("elapsed_s,cpu_s\n1,1\n2,fast\n", "line 3: column cpu_s: 'fast'"),
    "zero time": ("elapsed_s\n0\n", "line 2: column elapsed_s"),
    "negative time": ("elapsed_s\n-3\n", "line 2: column elapsed_s"),
    "no time": ("elapsed_s,outcome\n,ok\n", "line 2: column elapsed_s"),
    "column twice": ("elapsed_s,elapsed_s\n1,2\n", "line 1: column elapsed_s is there twice"),
    "missing column": ("cpu_s\n1\n", "line 1: no elapsed_s"),
    "misspelt column": ("elapsed_s,peek_bytes\n1,2\n", "line 1: unknown column 'peek_bytes'; did you mean peak_bytes"),
    "unknown outcome": ("elapsed_s,outcome\n1,good\n", "line 2: column outcome: 'good'"),
    "other machine": ("elapsed_s,machine\n1,aws/t3.nano\n", "line 2: column machine"),
    "short row": ("elapsed_s,cpu_s\n1\n", "line 2: 1 values under 2 columns"),
    "bad counter": ("elapsed_s,cpu.cores\n1,x\n", "line 2: column cpu.cores: 'x'"),
    "infinite": ("elapsed_s,cpu.cores\n1,inf\n", "line 2: column cpu.cores: 'inf'"),
    "empty": ("elapsed_s\n", "no runs"),
    "broken json": ('{"elapsed_s": 1}\n{"elapsed_s": \n', "line 3"),
    "json of another kind": ("[1, 2]", "line 1: a run is an object"),
    "json with a wrong value": ('[{"elapsed_s": 1},\n {"elapsed_s": true}]', "line 2: column elapsed_s: True"),
    "json counters": ('{"elapsed_s": 1, "counters": {"cpu.cores": 3}}', "line 1: column counters"),
    "json name": ('{"elapsed": 1, "outcome": "ok"}', "did you mean elapsed_s"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named(tmp_path, case):
    text, says = BAD[case]
    with pytest.raises(BadFile) as caught:
        read_runs(path := written(tmp_path, text), KEY)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60) | st.recursive(st.none() | st.floats() | st.text(max_size=5), st.lists).map(json.dumps))
def test_no_text_does_worse_than_be_refused(folder, text):
    with suppress(BadFile):
        read_runs(written(folder, text.encode(errors="ignore").decode(), "any"), KEY)


def test_machines_are_checked_against_a_catalogue(tmp_path):
    path = written(tmp_path, "elapsed_s\n1\n")
    with pytest.raises(UnknownMachine, match="did you mean aws/m6i"):
        read_runs(path, "aws/m6i.larg", [KEY, "gcp/n2"])
    with pytest.raises(InputError, match="vendor/type"):
        check_machine("m6i.large")
    check_machine("host/cpu=1,mem=2GiB", [KEY])
    with pytest.raises(BadFile, match="no file"):
        read_runs(tmp_path / "absent.csv", KEY)
