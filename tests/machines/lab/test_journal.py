"""What was measured is kept a line a run: nothing is lost, nothing is measured twice."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import BadFile, InputError
from learnsys.core.fingerprint import Run
from learnsys.core.host import this_host
from learnsys.machines.lab.grid import cells
from learnsys.machines.lab.journal import HERE, TRIES, Journal, Measured, Site, here, judged

GRID = cells(["words.json_trip", "arrays.fft"])


def measured(cell, *, outcome="ok", spent=0.5, peak=1 << 20, rejected=None):
    run = Run(
        machine=cell.shape.key, outcome=outcome, elapsed_s=spent if outcome == "ok" else None, cpu_s=spent,
        peak_bytes=peak, working_set_bytes=peak, spent_s=spent, rejected=rejected,
    )  # fmt: skip
    return Measured(program=cell.program, size=cell.size, run=run)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.jsonl"


def test_a_run_is_there_when_the_file_is_opened_again(path):
    journal = Journal(path)
    journal.enter(here())
    journal.add(measured(GRID[0]))
    again = Journal(path)
    assert again.sites == {HERE: this_host()}
    assert again.all_runs() == journal.all_runs() == [measured(GRID[0])]


def test_first_runs_come_before_second_runs(path):
    journal = Journal(path)
    assert journal.todo(HERE, GRID, 3) == GRID
    journal.add(measured(GRID[0]))
    left = journal.todo(HERE, GRID, 3)
    assert left[: len(GRID) - 1] == GRID[1:]
    assert left.count(GRID[0]) == 2


def test_everything_measured_leaves_nothing_to_do(path):
    journal = Journal(path)
    for cell in GRID:
        journal.add(measured(cell, spent=9.0))
    assert journal.todo(HERE, GRID, 3) == []
    assert journal.todo("node1", GRID, 1) != [], "another host has everything before it"


def test_a_disturbed_run_is_repeated_but_not_for_ever(path):
    journal = Journal(path)
    for _ in range(TRIES):
        assert GRID[0] in journal.todo(HERE, GRID, 1)
        journal.add(measured(GRID[0], rejected="noise"))
    assert GRID[0] not in journal.todo(HERE, GRID, 1)
    assert journal.good(HERE, GRID[0]) == []


def test_small_inputs_where_memory_is_plenty_come_last(path):
    journal = Journal(path)
    for cell in GRID[:8]:  # every size in the largest memory
        journal.add(measured(cell, peak=100 << 20))
    left = journal.todo(HERE, GRID, 1)
    plenty = [c.size < 1 and c.shape.memory_bytes > 250 << 20 for c in left]
    assert any(plenty)
    assert plenty == sorted(plenty)


def test_what_died_of_memory_spares_the_cells_below_it(path):
    journal = Journal(path)
    at = next(c for c in GRID if c.size == 0.25 and c.shape.memory_bytes == 512 << 20)
    journal.add(measured(at, outcome="oom"))
    left = {(c.program, c.size, c.shape.memory_bytes) for c in journal.todo(HERE, GRID, 1) if c.shape.cpu >= 1}
    assert (at.program, 1.0, 256 << 20) not in left
    assert (at.program, 0.125, 128 << 20) in left


def test_a_line_cut_short_by_a_kill_is_dropped(path):
    journal = Journal(path)
    journal.add(measured(GRID[0]))
    with path.open("ab") as file:
        file.write(b'{"type":"run","program":"wor')
    again = Journal(path)
    assert len(again.all_runs()) == 1
    again.add(measured(GRID[1]))
    assert len(Journal(path).all_runs()) == 2


def test_a_malformed_line_is_named(path):
    path.write_text("{}\n")
    with pytest.raises(BadFile, match="line 1"):
        Journal(path)


def test_runs_of_another_machine_are_not_mixed_in(path):
    Journal(path).enter(Site(label=HERE, host=msgspec.structs.replace(this_host(), cores=999)))
    with pytest.raises(InputError, match="--file"):
        Journal(path).enter(here())


def test_known_memory_counts_larger_sizes_too(path):
    journal = Journal(path)
    journal.add(measured(GRID[0], peak=123))
    small = next(c for c in GRID if c.size == 0.125 and c.program == GRID[0].program)
    assert journal.memory(HERE, small) == 123
    assert journal.memory("node1", small) is None


def test_a_run_slower_than_the_fastest_does_not_count_and_is_made_again(path):
    journal = Journal(path)
    for spent in (1.0, 1.3, 1.1):
        journal.add(measured(GRID[0], spent=spent))
    assert [run.elapsed_s for run in journal.good(HERE, GRID[0])] == [1.0, 1.1]
    assert [m.run.rejected for m in journal.all_runs()] == [None, "it took 1.30x the time of the fastest run", None]
    assert journal.todo(HERE, GRID[:1], 3) == GRID[:1]


@given(st.lists(st.floats(0.01, 10), max_size=6), st.integers(0, 3))
def test_the_fastest_run_always_counts_and_none_that_failed_is_judged(seconds, killed):
    runs = [measured(GRID[0], spent=s).run for s in seconds]
    runs += [measured(GRID[0], outcome="oom").run for _ in range(killed)]
    kept = [run for run in judged(runs) if run.rejected is None]
    assert sum(run.outcome == "oom" for run in kept) == killed
    if seconds:
        assert min(seconds) in [run.elapsed_s for run in kept]
        assert judged(kept) == kept
