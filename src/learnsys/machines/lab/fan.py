"""The lab on every node of a Ray cluster at once: each node measures all cells, as a host of its own.

A node runs one cell at a time, whatever the number of its CPUs: two would disturb each other.
"""

import time
from collections.abc import Sequence
from typing import Any

from learnsys.core.engine import Engine
from learnsys.core.host import this_host
from learnsys.machines.lab.grid import REPS, Cell
from learnsys.machines.lab.journal import Journal, Measured, Site
from learnsys.machines.lab.runner import Report, on_site, run_cell


class Node:
    """A worker of the engine; the first one on each node measures, the others stay idle."""

    stateless_methods = frozenset({"where", "host", "run"})

    def __init__(self, shard: int) -> None:
        self.shard = shard

    def where(self) -> str:
        """Tell the node it runs on."""
        import ray

        return str(ray.get_runtime_context().get_node_id())

    def host(self, label: str) -> Site:
        """Describe that node under a label."""
        return Site(label=label, host=this_host())

    def run(self, jobs: dict[int, tuple[str, Cell, int | None]]) -> Measured | None:
        """Run the job for this worker, if there is one."""
        if (job := jobs.get(self.shard)) is None:
            return None
        label, cell, memory = job
        return on_site(label, cell, run_cell(cell, memory))

    def get_state(self) -> None:
        """Keep nothing."""

    def set_state(self, state: Any) -> None:
        """Put nothing back."""


def run_on_nodes(
    engine: Engine, journal: Journal, cells: Sequence[Cell], *, reps: int = REPS, seconds: float | None = None,
    report: Report | None = None,
) -> int:  # fmt: skip
    """Measure on every node of ``engine``, in rounds of one run a node; each round is kept as it ends.

    Parameters
    ----------
    engine : Engine
        Opened on Ray, with a slot for each CPU of the cluster.
    journal, cells, reps, seconds, report
        As for ``run_lab``.
    """
    group = engine.workers(Node, range(engine.slots))
    first = {node: shard for shard, node in reversed(list(enumerate(group.call("where"))))}
    labels = {shard: f"node{i + 1}" for i, (_, shard) in enumerate(sorted(first.items()))}
    for shard, label in labels.items():
        journal.enter(group.call("host", label)[shard])
    began, done = time.monotonic(), 0
    todo = {shard: journal.todo(label, cells, reps) for shard, label in labels.items()}
    while any(todo.values()) and (seconds is None or time.monotonic() - began < seconds):
        jobs = {
            shard: (labels[shard], left[0], journal.memory(labels[shard], left[0]))
            for shard, left in todo.items()
            if left
        }
        for measured in filter(None, group.call("run", jobs)):
            journal.add(measured)
            done += 1
            todo = {shard: journal.todo(label, cells, reps) for shard, label in labels.items()}
            if report is not None:
                report(done, sum(map(len, todo.values())), measured)
    return done
