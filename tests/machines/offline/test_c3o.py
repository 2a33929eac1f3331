import polars as pl
import pytest

from learnsys.core.errors import InputError
from learnsys.machines.offline.c3o import read_c3o, read_c3o_benchmark

ROWS = [
    {"instance_count": n, "machine_type": "m4.xlarge", "slots": 4 * n, "memory": 16000 * n, "data_size_MB": s}
    | {"gross_runtime": 100 * s / n, "k": k, "same": 1}
    for n in (2, 4)
    for s, k in ((10, 3), (20, 5))
]


def test_a_table_a_job_and_one_table_of_all_are_the_same(tmp_path):
    one = tmp_path / "sort.tsv"
    pl.DataFrame(ROWS).write_csv(one, separator="\t")
    many = tmp_path / "all.parquet"
    pl.DataFrame([r | {"job": "sort", "other": None} for r in ROWS]).write_parquet(many)
    for source in (one, many):
        ((job, (clusters, seconds)),) = read_c3o(source).items()
        assert job == "sort"
        assert clusters.parameter_names == ("k",)  # what never varies says nothing
        assert clusters.cores.tolist() == [4] * 4  # of one machine, not of the cluster
        assert clusters.memory_bytes[0] == 16e9
        assert seconds.tolist() == [500, 1000, 250, 500]


def test_as_a_benchmark_a_cluster_is_a_machine(tmp_path):
    pl.DataFrame(ROWS).write_csv(tmp_path / "sort.csv")
    benchmark = read_c3o_benchmark(tmp_path / "sort.csv")
    assert benchmark.keys == ("aws/m4.xlarge*2", "aws/m4.xlarge*4")
    assert [w.name for w in benchmark.workloads] == ["sort/size=10,k=3", "sort/size=20,k=5"]
    assert benchmark.seconds.tolist() == [[500, 250], [1000, 500]]
    assert benchmark.catalog.machines[1].vcpus == 16


@pytest.mark.parametrize(("column", "value"), [("gross_runtime", 0), ("instance_count", -1), ("data_size_MB", 0)])
def test_sizes_and_times_are_above_zero(tmp_path, column, value):
    pl.DataFrame([ROWS[0], ROWS[1] | {column: value}]).write_csv(tmp_path / "sort.csv")
    with pytest.raises(InputError, match=f"row 1: {column} must be above zero"):
        read_c3o(tmp_path / "sort.csv")


def test_a_parameter_that_is_missing_is_named(tmp_path):
    pl.DataFrame([*ROWS, ROWS[0] | {"k": None}]).write_csv(tmp_path / "sort.csv")
    with pytest.raises(InputError, match="row 4: k is missing"):
        read_c3o(tmp_path / "sort.csv")


def test_the_shared_table_is_read_whole(shared):
    jobs = read_c3o(shared / "c3o_runs.parquet")
    assert len(jobs) >= 3
    for clusters, seconds in jobs.values():
        assert len(clusters) == len(seconds) > 100
        assert clusters.parameter_names
