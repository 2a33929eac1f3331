"""Real runs of a tiny program: kept as they end, resumed, ended in time."""

import os

import msgspec
import pytest

from learnsys.machines.lab import runner
from learnsys.machines.lab.grid import Cell, cells
from learnsys.machines.lab.journal import Journal
from learnsys.machines.lab.runner import on_site, run_cell, run_lab
from learnsys.machines.measure.shape import Shape

SMALL = Cell(program="words.hash_blocks", size=0.125, shape=Shape.parse("cpu=1,mem=512m"))


def test_a_cell_is_run_in_its_shape_and_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run = run_cell(SMALL, 1 << 20)
    assert (run.outcome, run.machine) == ("ok", SMALL.shape.key)
    assert 0 < run.cpu_s < 5
    assert [name for name in os.listdir(tmp_path) if "lab" in name] == []


def test_too_little_memory_is_an_outcome():
    starved = Cell(program="arrays.triad", size=0.125, shape=Shape.parse("cpu=1,mem=128m"))
    run = run_cell(starved, 1 << 20)
    assert run.outcome in ("oom", "failed")
    assert run.elapsed_s is None


def test_a_run_is_labelled_with_its_host():
    run = run_cell(SMALL, 0)
    assert on_site("node2", SMALL, run).run.machine == "node2/cpu=1,mem=512MiB"


def test_the_lab_goes_on_where_it_ended(tmp_path, monkeypatch):
    made = []

    def pretend(cell, memory):
        made.append(cell)
        return run

    # A busy machine disturbs the run, which would then have to be made again.
    run = msgspec.structs.replace(run_cell(SMALL, 0), rejected=None)
    monkeypatch.setattr(runner, "run_cell", pretend)
    grid = cells(["words.hash_blocks"], [SMALL.shape])
    reports = []

    def stop_after_two(done, left, measured):
        reports.append((done, left))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_lab(Journal(tmp_path / "j"), grid, reps=1, report=stop_after_two)
    assert run_lab(Journal(tmp_path / "j"), grid, reps=1) == len(grid) - 2
    smallest = min(grid, key=lambda cell: cell.size)
    assert sorted(made) == sorted([*grid, smallest, smallest]), "each call reads the program from the disk first"
    assert reports == [(1, len(grid) - 1), (2, len(grid) - 2)]
    assert run_lab(Journal(tmp_path / "j"), grid, reps=1) == 0


def test_no_run_begins_after_the_time_is_up(tmp_path):
    assert run_lab(Journal(tmp_path / "j"), [SMALL], seconds=0.0) == 0
