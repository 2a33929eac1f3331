import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.machine import Machine
from learnsys.machines.decide.standin import memory_by_key, stand_in

SHAPES = [
    Machine(key=f"host/cpu={c:g},mem={m}GiB", vcpus=c, memory_bytes=m * made.GIB) for c in (0.5, 1, 2) for m in (1, 4)
]


def known_as(machine, *, cpu_s=9.0, peak=made.GIB // 2, outcome="ok"):
    f = Fingerprint(name="etl", command=(), runs=(made.run(machine, 10.0, cpu_s=cpu_s, peak=peak, outcome=outcome),))
    renamed, notes = stand_in(f, SHAPES)
    assert bool(notes) == (renamed != f)
    return renamed.runs[0].machine


@pytest.mark.parametrize(
    ("machine", "facts", "known"),
    [
        ("host/cpu=2,mem=24GiB", {}, "host/cpu=2,mem=4GiB"),
        ("host/cpu=2,mem=3GiB", {}, "host/cpu=2,mem=1GiB"),
        ("host/cpu=2,mem=3GiB", {"peak": 2 * made.GIB}, "host/cpu=2,mem=4GiB"),
        ("host/cpu=1,mem=4GiB", {"peak": 9 * made.GIB}, "host/cpu=1,mem=4GiB"),
        ("host/cpu=16,mem=64GiB", {"cpu_s": 9.0}, "host/cpu=2,mem=4GiB"),
        ("aws/c5.large", {}, "aws/c5.large"),
        ("host/cpu=2,mem=24GiB", {"outcome": "oom"}, "host/cpu=2,mem=24GiB"),
    ],
)
def test_a_shape_counts_as_one_that_is_as_good(machine, facts, known):
    assert known_as(machine, **facts) == known


@pytest.mark.parametrize("facts", [{"cpu_s": 120.0}, {"peak": 9 * made.GIB}, {"cpu_s": 0.0}])
def test_what_uses_more_than_any_known_shape_is_refused_with_the_shape_to_use(facts):
    with pytest.raises(InputError, match="--shape cpu=2,mem=4GiB"):
        known_as("host/cpu=16,mem=64GiB", **facts)


def test_a_benchmark_without_shapes_of_this_host_is_left_alone():
    f = Fingerprint(name="etl", command=(), runs=(made.run("host/cpu=2,mem=24GiB"),))
    assert stand_in(f, made.machines()) == (f, ())


def test_memory_is_known_of_machines_and_of_any_shape_of_this_host():
    memory = memory_by_key([*SHAPES, Machine(key="ash/a", vcpus=1, memory_bytes=7)])
    assert memory("ash/a") == 7
    assert memory("ash/b") is None
    assert memory("host/cpu=1,mem=300MiB") == 300 * 2**20
