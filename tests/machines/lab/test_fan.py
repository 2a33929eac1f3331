"""Every node measures all cells as a host of its own, one at a time."""

from learnsys.core.engine import local
from learnsys.machines.lab import fan, runner
from learnsys.machines.lab.fan import Node, run_on_nodes
from learnsys.machines.lab.grid import Cell
from learnsys.machines.lab.journal import Journal
from learnsys.machines.measure.shape import Shape

CELLS = [Cell(program="words.hash_blocks", size=size, shape=Shape.parse("cpu=1,mem=1g")) for size in (0.25, 0.125)]


def test_two_nodes_of_two_cpus_measure_everything_once_each(tmp_path, monkeypatch):
    monkeypatch.setattr(Node, "where", lambda self: f"id-{self.shard // 2}")
    monkeypatch.setattr(runner, "disturbed", lambda run: None)  # both nodes are this host: they do disturb each other
    journal, told = Journal(tmp_path / "lab.jsonl"), []
    with local(slots=4) as engine:
        done = run_on_nodes(engine, journal, CELLS, reps=1, report=lambda *args: told.append(args[:2]))
    assert done == len(told) == 4
    assert set(journal.sites) == {"node1", "node2"}
    assert {m.run.machine for m in journal.all_runs()} == {"node1/cpu=1,mem=1GiB", "node2/cpu=1,mem=1GiB"}
    assert told[-1] == (4, 0)


def test_an_idle_worker_runs_nothing(monkeypatch):
    monkeypatch.setattr(fan, "run_cell", None)
    assert Node(3).run({1: ("node1", CELLS[0], None)}) is None
