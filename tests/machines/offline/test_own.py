import numpy as np
import pytest

from learnsys.core.errors import InputError, UnknownMachine
from learnsys.machines.offline.own import read_own

RUNS = """workload,machine,rep,outcome,elapsed_s,group,size,cpu_s,p|disk
sort,here/a,1,ok,2.0,sorts,100,1.5,
sort,here/a,2,ok,4.0,sorts,100,1.7,8
sort,here/b,1,oom,,sorts,100,,
join,here/b,1,missing,,joins,,,
join,here/a,1,,7.5,joins,,7.0,2
"""
MACHINES = """key,vcpus,memory,region,usd_hour,arch,speed
here/a,1,2GiB,eu,0.10,arm64,3.1
here/a,1,2GiB,us,0.08,arm64,3.1
here/b,0.5,512m,,,arm64,2.9
"""


def write(folder, runs=RUNS, machines=MACHINES):
    (folder / "runs.csv").write_text(runs)
    (folder / "machines.csv").write_text(machines)
    return folder / "runs.csv", folder / "machines.csv"


def test_every_row_is_kept_failures_too(tmp_path):
    benchmark = read_own(*write(tmp_path), name="mine")
    assert [(w.name, w.group, w.size) for w in benchmark.workloads] == [
        ("sort", "sorts", 100.0),
        ("join", "joins", None),
    ]
    assert benchmark.seconds[:, 0].tolist() == [3.0, 7.5]
    assert benchmark.oom.tolist() == [[False, True], [False, False]]
    assert benchmark.outcome.tolist() == [0, 0, 1, 3, 0]
    assert benchmark.counter_names == ("cpu_s", "p|disk")
    assert np.isnan(benchmark.counters[0, 1])


def test_a_workload_without_a_group_is_one_of_its_own(tmp_path):
    benchmark = read_own(*write(tmp_path, RUNS.replace(",joins", ",")))
    assert [w.group for w in benchmark.workloads] == ["sorts", "join"]


def test_a_machine_has_a_price_for_each_region_and_features(tmp_path):
    benchmark = read_own(*write(tmp_path))
    a, b = benchmark.catalog.machines
    assert [(p.region, p.usd_hour) for p in a.prices] == [("eu", 0.10), ("us", 0.08)]
    assert (b.vcpus, b.memory_bytes, b.prices) == (0.5, 512 << 20, ())
    assert benchmark.feature_names == ("log vcpus", "log memory", "speed")
    assert benchmark.features[1].tolist() == [np.log(0.5), np.log(512 << 20), 2.9]


@pytest.mark.parametrize(
    ("runs", "machines", "message"),
    [
        (RUNS.replace("elapsed_s", "seconds"), MACHINES, "no column elapsed_s"),
        (RUNS, MACHINES.replace("memory", "ram").replace("vcpus", "cores"), "no column vcpus, memory"),
        (RUNS.replace("2.0", "0"), MACHINES, "row 0: elapsed_s must be above zero where the outcome is ok, not 0"),
        (RUNS.replace("2.0", "-2"), MACHINES, "not -2"),
        (RUNS.replace("2.0", ""), MACHINES, "row 0: elapsed_s"),
        (RUNS.replace("2.0", "two"), MACHINES, "row 0: elapsed_s is 'two', which is no number"),
        (RUNS.replace("oom", "killed"), MACHINES, "row 2: unknown outcome 'killed'; write ok, oom"),
        (RUNS, MACHINES.replace("0.10", "0"), "row 0: usd_hour must be above zero"),
        (RUNS, MACHINES.replace("512m", "half"), "row 2: memory: 'half' is no size"),
        (RUNS, MACHINES.replace("512m", "0"), "row 2: memory must be above zero"),
        (RUNS.replace("sort,here/a,2", ",here/a,2"), MACHINES, "row 1: workload is missing"),
        (RUNS.replace("sort,here/a,2", "sort,,2"), MACHINES, "row 1: machine is missing"),
        (RUNS, MACHINES.replace("here/b", ""), "row 2: key is missing"),
        (RUNS, MACHINES.replace("region", "as_of"), "row 0: as_of is no day: 'eu'"),
        (RUNS, MACHINES.replace("region", "gpus"), "row 0: gpus is 'eu', which is no number"),
        (RUNS, MACHINES.replace("region", "currency"), "price of here/a is in eu, not USD"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path, runs, machines, message):
    with pytest.raises(InputError, match=message):
        read_own(*write(tmp_path, runs, machines))


def test_prices_under_another_name_are_not_taken_for_features(tmp_path):
    for name in ("price", "cny_hour"):
        with pytest.raises(InputError, match=f"no column usd_hour, but {name}; write prices as usd_hour"):
            read_own(*write(tmp_path, machines=MACHINES.replace("usd_hour", name)))


def test_an_unknown_machine_is_named_with_what_is_near(tmp_path):
    with pytest.raises(UnknownMachine, match=r"runs\.csv, row \d: .*here/aa.*did you mean here/a"):
        read_own(*write(tmp_path, RUNS.replace("sort,here/a,1", "sort,here/aa,1")))
