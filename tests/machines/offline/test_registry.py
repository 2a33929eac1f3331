import json
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from learnsys.cli import app
from learnsys.core.command import run
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.fingerprint import Run
from learnsys.core.host import this_host
from learnsys.machines.lab.grid import Cell
from learnsys.machines.lab.journal import Measured
from learnsys.machines.lab.table import NOTE, write_table
from learnsys.machines.measure.shape import Shape
from learnsys.machines.offline import registry
from learnsys.machines.offline.registry import add, identity, load_benchmark

RUNS = "workload,machine,elapsed_s\nsort,here/a,2.0\nsort,here/b,4.0\n"
MACHINES = "key,vcpus,memory\nhere/a,1,1GiB\nhere/b,2,2GiB\n"


@pytest.fixture
def own(tmp_path):
    (folder := tmp_path / "own").mkdir()
    (folder / "runs.csv").write_text(RUNS)
    (folder / "machines.csv").write_text(MACHINES)
    return folder


def test_a_folder_is_loaded_and_kept_until_it_changes(own, home):
    first = load_benchmark(own)
    assert first.seconds.tolist() == [[2.0, 4.0]]
    (cached,) = (home / "cache").iterdir()
    cached.write_bytes(cached.read_bytes()[:40])  # cut short: read again
    assert load_benchmark(own).digest == first.digest
    before = identity(own)
    (own / "runs.csv").write_text(RUNS.replace("4.0", "5.25"))
    assert identity(own) != before
    assert load_benchmark(own).seconds.tolist() == [[2.0, 5.25]]


def test_what_is_cached_needs_no_reader(own, monkeypatch):
    load_benchmark(own)
    monkeypatch.setattr(registry, "read", None)
    assert load_benchmark(own).shape == (1, 2)


def test_a_registered_name_is_loaded_and_checked(own):
    entry = add("mine", own / "runs.csv", own / "machines.csv", licence="CC0")
    assert (entry.workloads, entry.machines, entry.runs, entry.licence) == (1, 2, 2, "CC0")
    assert [t.rows for t in entry.tables] == [2, 2]
    assert load_benchmark("mine").name == "mine"
    (own / "runs.csv").write_text(RUNS.replace("4.0", "5.25"))
    with pytest.raises(BadFile, match="checksum"):
        load_benchmark("mine")
    add("mine", own / "runs.csv", own / "machines.csv")
    assert load_benchmark("mine").seconds[0, 1] == 5.25


def test_a_date_and_terms_given_once_hold_for_what_is_loaded_later(own):
    (own / "machines.csv").write_text("key,vcpus,memory,usd_hour\nhere/a,1,1GiB,0.1\nhere/b,2,2GiB,0.2\n")
    before = load_benchmark(add("mine", *(own / f"{t}.csv" for t in ("runs", "machines"))).name)
    add("mine", *(own / f"{t}.csv" for t in ("runs", "machines")), licence="MIT", as_of=date(2024, 2, 3))
    loaded = load_benchmark("mine").catalog
    assert before.catalog.as_of == date.today()
    assert (loaded.licence, loaded.as_of) == ("MIT", date(2024, 2, 3))
    assert {p.as_of for m in loaded.machines for p in m.prices} == {date(2024, 2, 3)}


def test_a_lab_measured_here_is_a_benchmark_by_path_and_by_name(tmp_path):
    cell = Cell(program="arrays.fft", size=1.0, shape=Shape.parse("cpu=1,mem=1g"))
    run = Run(
        machine=cell.shape.key, outcome="ok", elapsed_s=2.0, cpu_s=2.0, peak_bytes=1, working_set_bytes=1,
    )  # fmt: skip
    path = write_table(
        tmp_path / "mine.parquet", [Measured(program=cell.program, size=cell.size, run=run)], {"host": this_host()}
    )
    loaded = load_benchmark(path)
    assert (loaded.name, loaded.note, loaded.keys) == ("mine.parquet", NOTE, (cell.shape.key,))
    assert (add("here", path).form, load_benchmark("here").name) == ("lab", "here")
    with pytest.raises(InputError, match="'lab' cannot name"):
        add("lab", path)
    (other := tmp_path / "other.parquet").write_bytes(b"no Parquet")
    with pytest.raises(InputError, match="needs its machines too"):
        load_benchmark(other)


def test_spare_cores_without_a_table_is_that_of_its_package(tmp_path, monkeypatch):
    (path := tmp_path / "sc.db").write_text("no database")
    monkeypatch.setitem(sys.modules, "sc_data", SimpleNamespace(db=SimpleNamespace(path=str(path))))
    with pytest.raises(BadFile, match=r"cannot read .*sc\.db"):
        add("sparecores")


@pytest.mark.parametrize(
    ("name", "tables", "message"),
    [
        ("lumos", ["runs.csv"], "lumos cannot be read from 1 table; learnsys machines data add lumos RUNS MACHINES"),
        ("mine", [], "from 0 tables; learnsys machines data add mine RUNS MACHINES"),
        ("lab", ["runs.csv"], "'lab' cannot name"),
        ("a/b", ["runs.csv"], "'a/b' cannot name"),
        ("lumos", ["runs.csv", "machines.csv"], "has no column cloud, vm"),
    ],
)
def test_what_cannot_be_registered_is_told(own, name, tables, message):
    with pytest.raises(InputError, match=message):
        add(name, *(own / t for t in tables))
    with pytest.raises(UnknownName):
        load_benchmark("mine")


def test_a_name_that_was_not_registered_says_how_to(own):
    with pytest.raises(UnknownName, match=r"lumos was not registered here; .* data add lumos RUNS MACHINES"):
        load_benchmark("lumos")
    add("mine", own / "runs.csv", own / "machines.csv")
    with pytest.raises(UnknownName, match="did you mean mine"):
        load_benchmark("mein")
    with pytest.raises(BadFile, match="no file"):
        load_benchmark(own / "runs2.csv")
    with pytest.raises(InputError, match="needs its machines too"):
        load_benchmark(own / "runs.csv")
    (own / "machines.csv").unlink()
    with pytest.raises(BadFile, match=r"no file .*machines\.csv"):
        load_benchmark(own)


def test_the_shared_sets_are_registered_by_their_forms(shared):
    lumos = add("lumos", shared / "lumos_runs.parquet", shared / "lumos_machines.parquet")
    assert lumos.runs == lumos.tables[0].rows
    c3o = add("c3o", shared / "c3o_runs.parquet")
    assert load_benchmark("c3o").elapsed_s.size == c3o.runs


def test_commands_list_add_and_show(own, capsys):
    add_mine = ["machines", "data", "add", "mine", str(own / "runs.csv"), str(own / "machines.csv"), "--json"]
    assert run(app, add_mine) == 0
    assert json.loads(capsys.readouterr().out)["result"]["runs"] == 2
    assert run(app, ["machines", "data", "list"]) == 0
    assert "mine" in capsys.readouterr().out
    assert run(app, ["machines", "data", "show", "mine"]) == 0
    assert "runs.csv" in capsys.readouterr().out
    (own / "runs.csv").write_text(RUNS + "sort,here/b,4.5\n")
    assert run(app, ["machines", "data", "show", "mine"]) == 2
    assert "checksum" in capsys.readouterr().err
