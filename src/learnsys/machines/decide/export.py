"""A ranking for other tools: SkyPilot's task file.

SkyPilot tries ``resources.ordered`` from the top and takes the first that is available. Its file has no field for run
times (its own optimiser assumes one hour on every machine), so they stand beside each entry as comments, and in
``envs`` for what reads the task.
"""

import json
from typing import Any, Final

from learnsys.core.errors import InputError
from learnsys.core.machine import Machine
from learnsys.core.units import format_duration, format_money
from learnsys.machines.predictions import Prediction
from learnsys.machines.types import Ranking

CLOUDS: Final = {"aws": "aws", "gcp": "gcp", "azure": "azure", "oci": "oci", "ibm": "ibm"}  # key's vendor -> infra
MOST: Final = 10


def skypilot(ranking: Ranking, *, command: str = "") -> str:
    """Write a SkyPilot task whose resources are the best machines in order.

    Parameters
    ----------
    ranking : Ranking
        Machines of clouds that SkyPilot knows are named; shapes of one host become cores and memory.
    command : str
        What the task runs.

    Raises
    ------
    InputError
        If none of the machines can be named to SkyPilot.
    """
    lines, first = [], None
    feasible = ranking.rows[: ranking.feasible or None]
    for row, machine in zip(feasible, ranking.rows.columns.machines, strict=False):
        wanted = _resource(row, machine, ranking.nodes)
        if wanted is None:
            continue
        first = first or row
        lines.append(f"    # {_told(row)}")
        lines += [f"    {'- ' if i == 0 else '  '}{k}: {json.dumps(v)}" for i, (k, v) in enumerate(wanted.items())]
        if sum(line.startswith("    - ") for line in lines) == MOST:
            break
    if first is None:
        raise InputError(
            f"SkyPilot knows none of these machines ({ranking.best.machine} ...)", value=ranking.best.machine,
            next=f"rank machines of {', '.join(CLOUDS)}: --vendor aws",
        )  # fmt: skip
    head = [
        f"# {ranking.title}", *(f"# {note}" for note in ranking.notes),
        f"name: {json.dumps(_name(ranking.name))}",
        *([f"num_nodes: {ranking.nodes}"] if ranking.nodes > 1 else []), "resources:", "  ordered:",
    ]  # fmt: skip
    tail = [
        "envs:", f"  LEARNSYS_EXPECTED_SECONDS: {json.dumps(f'{first.time_s.median:.4g}')}",
        f"  LEARNSYS_UPPER_SECONDS: {json.dumps(f'{first.time_s.high:.4g}')}",
        *([f"run: {json.dumps(command)}"] if command else []),
    ]  # fmt: skip
    return "\n".join([*head, *lines, *tail]) + "\n"


def _resource(row: Prediction, machine: Machine, nodes: int) -> dict[str, Any] | None:
    vendor, _, kind = machine.key.partition("/")
    if vendor == "host":
        return {"cpus": f"{machine.vcpus:g}+", "memory": f"{machine.memory_bytes / 2**30:g}+"}
    if vendor not in CLOUDS:
        return None
    region = row.price.region if row.price is not None and row.price.region not in ("", "*") else None
    return {"infra": CLOUDS[vendor] + (f"/{region}" if region else ""), "instance_type": kind}


def _told(row: Prediction) -> str:
    t, c = row.time_s, row.cost_usd
    said = f"{row.machine}: {format_duration(t.median)} ({format_duration(t.low)} - {format_duration(t.high)})"
    return said + (f", {format_money(c.median)} a run" if c else "")


def _name(name: str) -> str:
    return "".join(ch if ch.isalnum() or ch in "-_." else "-" for ch in name) or "task"
