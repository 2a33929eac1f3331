"""The table that ships, and the way there and back."""

import msgspec
import numpy as np
import pytest
from tests.machines.lab.test_journal import GRID, measured

from learnsys.core.errors import BadFile, InputError
from learnsys.core.host import this_host
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.lab.table import EMBEDDED, load_lab, read_facts, read_table, write_table

SITES = {"host": this_host()}


def test_what_is_written_is_read(tmp_path):
    runs = [measured(GRID[0], spent=2.0, peak=7 << 20), measured(GRID[0], spent=4.0), measured(GRID[1], outcome="oom")]
    counted = msgspec.structs.replace(runs[0].run, counters={"cpu.cores": (0.123456, 1.0)})
    runs[0] = msgspec.structs.replace(runs[0], run=counted)
    table = read_table(write_table(tmp_path / "t.parquet", [*runs, measured(GRID[0], rejected="noise")], SITES))
    assert table.elapsed_s.size == 3, "what was rejected does not count"
    assert table.seconds[table.workload_index("words.json_trip@1"), 0] == pytest.approx(3.0)
    assert table.oom.sum() == 1
    assert table.keys == ("host/cpu=1,mem=4GiB",)
    assert table.features == pytest.approx(np.log([[1.0, 4 << 30]]))
    first = table.counters[np.argmax(table.elapsed_s == 2.0)]
    assert first[table.counter_names.index("cpu.cores")] == pytest.approx(0.1235)
    assert first[table.counter_names.index("p|cpu.cores")] == 1.0
    assert first[table.counter_names.index("peak_bytes")] == 7 << 20


def test_nothing_measured_makes_no_table(tmp_path):
    with pytest.raises(InputError, match="machines lab"):
        write_table(tmp_path / "t.parquet", [], SITES)


def test_another_parquet_file_is_no_table(tmp_path):
    import polars as pl

    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(BadFile, match="no table of the lab"):
        read_table(tmp_path / "x.parquet")


def test_the_embedded_table_is_small_whole_and_labelled():
    lab = load_lab()
    assert EMBEDDED.stat().st_size < 1_000_000
    assert lab.note == "shapes of one host"
    assert set(lab.groups) == set(PROGRAMS)
    assert {w.size for w in lab.workloads} == {1.0, 0.5, 0.25, 0.125}
    assert {m.vcpus for m in lab.catalog.machines} == {0.25, 0.5, 1.0, 1.5, 2.0}
    assert {m.memory_bytes >> 20 for m in lab.catalog.machines} == {128, 256, 512, 1024, 2048, 4096}
    assert lab.oom.sum() >= 30
    full = [i for i, w in enumerate(lab.workloads) if w.size == 1.0]
    one = lab.seconds[full, lab.index(["host/cpu=1,mem=4GiB"])[0]]
    hashing = one[[lab.workloads[i].group for i in full].index("words.hash_blocks")]
    usual = 0.8 / hashing  # programs were sized on a host that hashes in 0.8 s
    assert np.all((one * usual > 0.3) & (one * usual < 4))


def test_the_embedded_table_tells_no_name_or_path():
    facts = read_facts()
    assert facts.sites["host"].cores >= 2
    assert b"/work" not in EMBEDDED.read_bytes()
