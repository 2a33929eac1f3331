"""Which machine should train? The training job is measured on one or two shapes of this host, ranked and checked.

The machines are those of the lab that comes with the package: shapes, so many cores and so much memory, of one host.
What a core and a GiB cost an hour is taken from a cloud that sells them apart. A host without control groups can be
other shapes only by whole cores, and everything measured there is labelled weak.
"""

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from learnsys import machines
from learnsys.core.errors import Incompatible
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.machine import Machine
from learnsys.loop.machine_types import MachineChoice
from learnsys.machines import Benchmark, Ranking
from learnsys.machines.measure.run import measure
from learnsys.machines.measure.shape import Shape

RATES: Final = "n2@us-central1"  # GCE's custom machines: dollars of a core and a GiB
REFERENCES: Final = (1.0, 2.0)  # cores of the shapes to measure, as far as this host has them
SLOWEST: Final = 4.0  # times the top of its interval, after which a run that checks a prediction is ended


def choose_machine(
    name: str, command: Sequence[str], benchmark: Benchmark, out: Path, *, reps: int, check_s: float
) -> MachineChoice:
    """Predict a job on the shapes of a benchmark, and keep the prediction.

    Parameters
    ----------
    name : str
        What to call the job.
    command : sequence of str
        The job: a program and its arguments.
    benchmark : Benchmark
        Known workloads on shapes of a host.
    out : Path
        File for the prediction, written before anything is checked.
    reps : int
        Runs on each reference.
    check_s : float
        Most seconds that the run of the check may be expected to take.

    Raises
    ------
    InputError
        If the job does not end well on the shapes to be measured.
    """
    shapes = usable(benchmark.catalog.machines, divisible=has_groups())
    references, others = split(shapes)
    runs = tuple(run for shape in references for run in _run(name, command, shape, reps))
    fingerprint = Fingerprint(name=name, command=tuple(command), runs=runs)
    ranking = machines.rank(fingerprint, benchmark=benchmark, objective="cost", rates=RATES)
    choice = MachineChoice(
        fingerprint=fingerprint, label=ranking.label, isolation=runs[0].isolation, predictions=tuple(ranking.rows),
        front=ranking.front, notes=ranking.notes, to_verify=pick(ranking, others, check_s),
    )  # fmt: skip
    choice.save(out)
    return choice


def check_machine(choice: MachineChoice) -> MachineChoice:
    """Run the job on the machine whose prediction is to be checked; what was predicted stays as it is."""
    if (expected := choice.expected) is None:
        return choice
    runs = _run(
        choice.fingerprint.name, choice.fingerprint.command, Shape.parse(expected.machine), 1,
        timeout_s=SLOWEST * expected.time_s.high,
    )  # fmt: skip
    return msgspec.structs.replace(choice, verified=runs)


def training_command(method: str, workers: int, target: str) -> tuple[str, ...]:
    """Write the training as a command of its own, for this Python."""
    return (
        sys.executable, "-m", "learnsys", "convex", "solve", "nycflights", "--method", method,
        "--workers", str(workers), "--target", target,
    )  # fmt: skip


def has_groups() -> bool:
    """Tell whether this user may make control groups here, by making one."""
    try:
        return measure([sys.executable, "-c", ""], shape=Shape(cpu=0.5, memory_bytes=1 << 30)).isolation != "weak"
    except Incompatible:
        return False


def usable(shapes: Sequence[Machine], *, divisible: bool) -> tuple[Shape, ...]:
    """Keep the shapes that this host can be: no larger than it is, and of whole cores where it cannot be divided."""
    host = Shape.of_host()
    return tuple(
        shape
        for shape in (Shape.parse(m.key) for m in shapes)
        if shape.within(host) and (divisible or shape.cpu == int(shape.cpu))
    )


def split(shapes: Sequence[Shape]) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
    """Choose the shapes to measure, each with the most memory, and those of other cores, where a check is possible.

    At least one number of cores is left for the check if there are two.

    Examples
    --------
    >>> shapes = [Shape(cpu=c, memory_bytes=m << 30) for c in (1, 2) for m in (1, 4)]
    >>> references, others = split(shapes)
    >>> [s.key for s in references], [s.key for s in others]
    (['host/cpu=1,mem=4GiB'], ['host/cpu=2,mem=1GiB', 'host/cpu=2,mem=4GiB'])
    """
    cores = {s.cpu for s in shapes}
    chosen = [c for c in REFERENCES if c in cores] or sorted(cores)[-1:]
    if len(chosen) > 1 and cores == set(chosen):
        chosen.pop()
    references = tuple(max(s for s in shapes if s.cpu == c) for c in chosen)
    return references, tuple(s for s in shapes if s.cpu not in chosen)


def pick(ranking: Ranking, others: Sequence[Shape], check_s: float) -> str | None:
    """Choose the prediction to check: the cheapest per hour of those that fit and end soon, else the fastest."""
    keys = {s.key for s in others}
    able = [p for p in ranking.rows if p.machine in keys and p.p_fits > 0.95]
    quick = [p for p in able if p.time_s.high <= check_s and p.price is not None]
    if quick:
        return min(quick, key=lambda p: (p.price.usd_hour if p.price else 0.0, p.time_s.median)).machine
    return min(able, key=lambda p: p.time_s.high).machine if able else None


def _run(name: str, command: Sequence[str], shape: Shape, reps: int, timeout_s: float | None = None) -> tuple[Run, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # few runs, weak isolation: the answer says so itself
        return machines.fingerprint(command, name=name, reps=reps, shape=shape, timeout_s=timeout_s).runs
