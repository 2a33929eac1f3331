import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import InputError, UnknownMachine
from learnsys.machines.offline.lumos import CNY_PER_USD, read_lumos


def tables(folder, runs=None, machines=None):
    row = {"cloud": "aws", "vm": "c5.2xlarge", "framework": "spark", "algo": "sort", "size": "tiny"}
    measured = {"elapsed_s": 10.0, "input_bytes": 100.0, "m|%user": 5.0, "p|%user": 9.0}
    runs = runs or [
        row | measured,
        row | measured | {"elapsed_s": 14.0, "input_bytes": 300.0},
        row | measured | {"size": "huge", "input_bytes": None, "m|%user": None},
    ]
    machines = machines or [
        {"cloud": "aws", "vm": "c5.2xlarge", "vcpus": 8, "memory_gib": 26, "price_cny_hour": 2.2236}
    ]
    pl.DataFrame(runs).write_parquet(folder / "runs.parquet")
    pl.DataFrame(machines).write_csv(folder / "machines.csv")
    return folder / "runs.parquet", folder / "machines.csv"


def test_runs_become_workloads_of_a_group_ordered_by_size(tmp_path):
    benchmark = read_lumos(*tables(tmp_path))
    assert [(w.name, w.group, w.size) for w in benchmark.workloads] == [
        ("spark/sort/tiny", "spark/sort", 200.0),
        ("spark/sort/huge", "spark/sort", None),
    ]
    assert benchmark.seconds.tolist() == [[12.0], [10.0]]
    assert benchmark.counter_names == ("m|%user", "p|%user")
    assert np.isnan(benchmark.counters[2, 0])


def test_the_memory_that_is_wrong_in_the_table_is_mended_and_yuan_become_dollars(tmp_path):
    (machine,) = read_lumos(*tables(tmp_path)).catalog.machines
    assert machine.memory_bytes == 16 << 30
    assert machine.prices[0].usd_hour == pytest.approx(0.34)  # Amazon's own price in us-east-1
    assert str(CNY_PER_USD) in machine.prices[0].source


def test_a_run_on_a_machine_without_a_row_is_refused(tmp_path):
    machines = [{"cloud": "aws", "vm": "c5.xlarge", "vcpus": 4, "memory_gib": 8, "price_cny_hour": 1.1}]
    with pytest.raises(UnknownMachine, match=r"c5\.2xlarge.*did you mean aws/c5\.xlarge"):
        read_lumos(*tables(tmp_path, machines=machines))


@pytest.mark.parametrize("seconds", [0.0, -3.0])
def test_times_are_above_zero(tmp_path, seconds):
    run = {"cloud": "aws", "vm": "c5.2xlarge", "framework": "a", "algo": "b", "size": "tiny", "input_bytes": 1.0}
    with pytest.raises(InputError, match="row 0: elapsed_s must be above zero"):
        read_lumos(*tables(tmp_path, runs=[run | {"elapsed_s": seconds}]))


def test_missing_columns_are_named(tmp_path):
    runs, machines = tables(tmp_path)
    pl.read_parquet(runs).drop("algo", "size").write_parquet(runs)
    with pytest.raises(InputError, match="no column algo, size; it has cloud, vm"):
        read_lumos(runs, machines)


def test_the_shared_tables_are_read_whole(shared):
    benchmark = read_lumos(shared / "lumos_runs.parquet", shared / "lumos_machines.parquet")
    W, V = benchmark.shape
    assert len({m.family for m in benchmark.catalog.machines}) * 3 < V <= 60
    assert W > 50
    assert len(benchmark.counter_names) == 100
    assert (benchmark.runs > 0).mean() > 0.95
    assert {w.name for w in benchmark.workloads if w.size is None} == {
        w.name for w in benchmark.workloads if w.name.startswith("hive/")
    }
