"""Why an answer is as it is: what bounds the job, what it was measured on, which known workloads it is like."""

from typing import Final

import numpy as np

from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.units import format_duration, format_money, format_size
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.evidence import Evidence, gather
from learnsys.machines.decide.fitted import Fitted
from learnsys.machines.decide.standin import stand_in
from learnsys.machines.types import Explanation, HeldOut

NEIGHBOURS: Final = 3
BUSY: Final = 0.8  # share of the cores' time above which a job is bound by them
WAITING: Final = 0.2  # share of time in which some thread waited, above which that is what bounds it
SAMPLED: Final = 1000  # held-out predictions that are kept for pictures
CLIFF: Final = np.geomspace(0.25, 4.0, 129)  # of the memory needed


def explain(job: str | Fingerprint, machine: str | None = None, *, benchmark: str | Benchmark = "lab") -> Explanation:
    """Explain what is known of a job, and of its prediction for one machine.

    Parameters
    ----------
    job : str or Fingerprint
        The name under which it was fingerprinted, or its runs.
    machine : str, optional
        Key of a machine of the benchmark.
    benchmark : str or Benchmark
        As for ``rank``.

    Raises
    ------
    UnknownName
        If there is no such job, benchmark or machine; near names are suggested.
    InputError
        If no run of the job ended well.
    """
    return explained(gather(job, benchmark), machine)


def explained(evidence: Evidence, machine: str | None = None) -> Explanation:
    """Explain from what is known of a job.

    Raises
    ------
    UnknownMachine
        If the benchmark has no such machine; near keys are suggested.
    """
    outline, fingerprint = evidence.fitted.outline, evidence.fingerprint
    nature = character(*_telling(evidence))
    summary = f"{fingerprint.name}: {nature}; measured on {_count(len(evidence.references), 'reference')}"
    facts = [
        ("benchmark", f"{outline.name}: {outline.note or outline.catalog.source}, {outline.catalog.as_of}"),
        ("references", ", ".join(
            f"{m} ({_count(int(n), 'run')}, {format_duration(float(np.exp(y)))})"
            for m, n, y in zip(evidence.references, evidence.observed.runs, evidence.observed.log_s, strict=True))),
        ("nearest known workloads", ", ".join(nearest(evidence)) or "none: one reference says nothing of its shape"),
        ("memory", f"needs {evidence.need}"),
    ]  # fmt: skip
    if machine is not None:
        v = int(outline.index([machine])[0])
        facts += _of_machine(evidence, v)
    cliff: tuple[tuple[float, float], ...] = ()
    if evidence.memory is not None:
        memory = float(evidence.memory.appetite(evidence.size)) * CLIFF
        cliff = tuple(zip(memory.tolist(), evidence.fits(memory).tolist(), strict=True))
    return Explanation(
        name=fingerprint.name, machine=machine, summary=summary, facts=tuple(facts), memory=cliff,
        held_out=held_out(evidence.fitted),
    )  # fmt: skip


def _telling(evidence: Evidence) -> tuple[Run, float | None]:
    """Find the first run that the answer rests on, as it was measured, and the cores of the machine it ran on."""
    machines = evidence.fitted.outline.catalog.machines
    renamed, _ = stand_in(evidence.fingerprint, machines)
    runs = evidence.fingerprint.runs
    good = [(run, known.machine) for run, known in zip(runs, renamed.runs, strict=True)
            if run.outcome == "ok" and not run.rejected]  # fmt: skip
    run, key = next((pair for pair in good if pair[1] in evidence.references), good[0])
    return run, next((m.vcpus for m in machines if m.key == key and m.vcpus), None)


def character(run: Run, cores: float | None = None) -> str:
    """Say what bounds a run: cores, disk, memory, or waiting.

    Parameters
    ----------
    run : Run
    cores : float, optional
        Of its machine, where its key does not tell.

    Examples
    --------
    >>> run = Run(machine="host/cpu=4,mem=8GiB", outcome="ok", elapsed_s=10.0, cpu_s=36.0, peak_bytes=0,
    ...           working_set_bytes=0)
    >>> character(run)
    'CPU-bound; 3.6 of 4 cores'
    """
    if run.elapsed_s is None or run.cpu_s <= 0:
        return "of unknown nature (no counters)"
    used = run.cpu_s / run.elapsed_s
    _, _, shape = run.machine.partition("cpu=")
    cores = float(shape.partition(",")[0]) if shape else cores
    waits = {kind: run.counters.get(f"psi.{kind}", (0.0, 0.0))[0] for kind in ("io", "memory")}
    kind = max(waits, key=waits.__getitem__)
    if waits[kind] > WAITING:
        bound = f"{'disk' if kind == 'io' else 'memory'}-bound ({100 * waits[kind]:.0f} % of the time waiting)"
    elif used >= BUSY * min(cores or 1.0, max(1.0, round(used))):
        bound = "CPU-bound"
    else:
        bound = "mostly waiting"
    return f"{bound}; {used:.1f}" + (f" of {cores:g} cores" if cores else " cores")


def nearest(evidence: Evidence, k: int = NEIGHBOURS) -> list[str]:
    """Name the known workloads most like it in times on the references and in counters, as the model measures it."""
    model, seen = evidence.fitted.model, evidence.observed
    if seen.log_s.size < 2 and not model.yardstick.varying:
        return []
    new = model.yardstick.traits(seen.log_s[None], seen.counters[None])
    apart = model.yardstick.between(new, model.known)
    order = np.argsort((apart.shape + apart.counters)[0], kind="stable")
    return [evidence.fitted.outline.workloads[i].name for i in order[:k]]


def held_out(fitted: Fitted, most: int = SAMPLED) -> tuple[HeldOut, ...]:
    """Show what the model predicted for known workloads while their group was left out; a fixed sample of many."""
    residuals = fitted.model.residuals
    rows, columns = np.nonzero(np.isfinite(residuals) & np.isfinite(fitted.log_s))
    if rows.size > most:
        kept = np.sort(np.random.default_rng(0).choice(rows.size, most, replace=False))
        rows, columns = rows[kept], columns[kept]
    measured = np.exp(fitted.log_s[rows, columns].astype(float))
    predicted = measured * np.exp(-residuals[rows, columns])
    machines = fitted.outline.catalog.machines
    return tuple(
        HeldOut(
            workload=fitted.outline.workloads[w].name, machine=machines[v].key,
            family=machines[v].family or machines[v].key, measured_s=m, predicted_s=p,
        )
        for w, v, m, p in zip(rows.tolist(), columns.tolist(), measured.tolist(), predicted.tolist(), strict=True)
    )  # fmt: skip


def _of_machine(evidence: Evidence, v: int) -> list[tuple[str, str]]:
    f, machine = evidence.forecast, evidence.fitted.outline.catalog.machines[v]
    low, median, high = (float(f.quantile(q)[v]) for q in (0.05, 0.5, 0.95))
    price = machine.cheapest()
    said = "measured" if machine.key in evidence.references else "predicted"
    time = f"{format_duration(median)} ({format_duration(low)} - {format_duration(high)}, 90 %), {said}"
    cost = "no price" if price is None else (
        f"{format_money(median * price.usd_hour / 3600)} a run at {format_money(price.usd_hour)}/h "
        f"({price.region}, {price.as_of})")  # fmt: skip
    fits = evidence.p_fits[v]
    has = format_size(machine.memory_bytes) if machine.memory_bytes else "unknown"
    return [
        (f"time on {machine.key}", time),
        ("cost", cost),
        ("fits", f"{'yes' if fits > 0.95 else 'no' if fits < 0.05 else 'perhaps'}, with probability {fits:.2g}: "
                 f"needs {evidence.need}, has {has}"),
        ("size", f"{machine.vcpus:g} vCPUs{', ' + machine.cpu if machine.cpu else ''}"),
    ]  # fmt: skip


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
