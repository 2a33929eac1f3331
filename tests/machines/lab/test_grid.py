"""The grid begins with what makes a partial table useful, and spares hopeless runs."""

from itertools import groupby

from learnsys.core.fingerprint import Run
from learnsys.machines.lab.grid import LADDER, SIZES, Cell, cells, hopeless, wanted_reps
from learnsys.machines.lab.programs import PROGRAMS
from learnsys.machines.measure.shape import Shape


def cell(memory, size=1.0, cpu=1.0):
    return Cell(program="words.json_trip", size=size, shape=Shape(cpu=cpu, memory_bytes=memory << 20))


def run(spent, outcome="ok"):
    elapsed = spent if outcome == "ok" else None
    return Run(machine="host/cpu=1,mem=1GiB", outcome=outcome, elapsed_s=elapsed, cpu_s=1.0, peak_bytes=1,
               working_set_bytes=1, spent_s=spent)  # fmt: skip


def test_no_cell_comes_twice_and_every_program_is_in_each_place():
    grid = cells()
    assert len(set(grid)) == len(grid)
    assert len(grid) % len(PROGRAMS) == 0


def test_all_programs_run_in_the_largest_memory_before_anything_else():
    places = [(c.size, c.shape) for c in cells()]
    first = [place for place, _ in groupby(places)]
    largest = max(LADDER) << 20
    assert first[: len(SIZES)] == [(size, Shape(cpu=1.0, memory_bytes=largest)) for size in SIZES]
    assert len(set(first)) == len(first)


def test_shapes_that_are_named_replace_the_grid():
    shape = Shape.parse("cpu=2,mem=1g")
    assert {c.shape for c in cells(["words.json_trip"], [shape])} == {shape}
    assert [c.size for c in cells(["words.json_trip"], [shape])] == list(SIZES)


def test_less_memory_or_more_work_is_hopeless_after_a_kill():
    killed = [cell(512, size=0.5)]
    assert hopeless(cell(256, size=0.5), killed)
    assert hopeless(cell(512, size=1.0), killed)
    assert hopeless(cell(512, size=0.5, cpu=2.0), killed)
    assert not hopeless(cell(512, size=0.5), killed), "the cell itself may be repeated"
    assert not hopeless(cell(1024, size=0.5), killed)
    assert not hopeless(cell(512, size=0.25), killed)
    assert not hopeless(cell(512, size=0.5, cpu=0.5), killed)


def test_cheap_runs_are_repeated_more_often():
    assert [wanted_reps(run(s), 3) for s in (0.5, 2.0, 8.0)] == [3, 2, 1]
    assert wanted_reps(run(0.1, "oom"), 3) == 2
    assert wanted_reps(run(3.0, "oom"), 3) == 1
    assert wanted_reps(run(0.5), 1) == 1
