"""A shape of this host that the lab does not hold counts as one that it holds, where that makes no difference.

Memory beyond what a job holds does nothing for it, nor do cores beyond those it uses.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.machine import Machine
from learnsys.core.units import format_size

ROOM: Final = 1.2  # times its peak: memory in which a job is at ease
SLACK: Final = 0.9  # of the cores: one that uses no more is not held back by them
_HOST: Final = "host/"


def stand_in(fingerprint: Fingerprint, machines: Sequence[Machine]) -> tuple[Fingerprint, tuple[str, ...]]:
    """Rename runs in unknown shapes of this host to known shapes that are as good.

    Returns
    -------
    fingerprint : Fingerprint
    notes : tuple of str
        What was taken for what.

    Raises
    ------
    InputError
        If a run in a shape of this host used more cores than any known shape that could stand for it.
    """
    if not any(run.machine.startswith(_HOST) for run in fingerprint.runs):
        return fingerprint, ()
    keys = {m.key for m in machines}
    shapes = [m for m in machines if m.key.startswith(_HOST)]
    runs, notes = [], {}
    for run in fingerprint.runs:
        if run.machine in keys or not run.machine.startswith(_HOST) or run.outcome != "ok" or not shapes:
            runs.append(run)
            continue
        known = _like(fingerprint.name, run, shapes)
        notes[run.machine] = f"{run.machine} counts as {known.key}: no run used more than that"
        runs.append(msgspec.structs.replace(run, machine=known.key))
    return msgspec.structs.replace(fingerprint, runs=tuple(runs)), tuple(notes.values())


def memory_by_key(machines: Sequence[Machine]) -> Callable[[str], float | None]:
    """Look memory up by key: of known machines, and of any shape of this host, known or not; else None."""
    known = {m.key: m.memory_bytes for m in machines if m.memory_bytes}

    def look_up(key: str) -> float | None:
        if key in known or not key.startswith(_HOST):
            return known.get(key)
        return _size(key)[1]

    return look_up


def _like(name: str, run: Run, shapes: Sequence[Machine]) -> Machine:
    """Choose the shape of as many cores, or of enough, with the most memory that is not more than the run had."""
    cpu, memory = _size(run.machine)
    used = run.cpu_s / run.elapsed_s if run.elapsed_s else 0.0
    enough = [s for s in shapes if s.memory_bytes >= run.peak_bytes]
    same = [s for s in enough if s.vcpus == cpu]
    as_good = [s for s in enough if s.vcpus < cpu and 0 < used <= SLACK * s.vcpus]
    cores = max((s.vcpus for s in same or as_good), default=0.0)
    pool = [s for s in same or as_good if s.vcpus == cores]
    if not pool:
        most = max(enough or shapes, key=lambda s: (s.vcpus, s.memory_bytes))
        took = f"used {used:.1f} cores and {format_size(run.peak_bytes)} on {run.machine}"
        raise InputError(
            f"{name} {took}, for which no known shape can stand", value=run.machine,
            next=f"measure it in one: learnsys machines fingerprint --name {name} "
            f"--shape {most.key[len(_HOST):]} -- COMMAND",
        )  # fmt: skip
    at_ease = [s for s in pool if ROOM * run.peak_bytes <= s.memory_bytes <= memory]
    return max(at_ease, key=lambda s: s.memory_bytes) if at_ease else min(pool, key=lambda s: s.memory_bytes)


def _size(key: str) -> tuple[float, float]:
    from learnsys.machines.measure.shape import Shape

    shape = Shape.parse(key[len(_HOST) :])
    return shape.cpu, float(shape.memory_bytes)
