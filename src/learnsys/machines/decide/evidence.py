"""What is known of a job before a question is asked: its runs, a fit for the machines it ran on, the forecast."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownMachine
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.machine import Machine
from learnsys.core.store import Store
from learnsys.core.units import format_size
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.decide.fitted import Fitted, counting, fit_for, keep_fit, kept_fit
from learnsys.machines.decide.rates import Rates, priced
from learnsys.machines.decide.standin import memory_by_key, stand_in
from learnsys.machines.models.forecast import Forecast, Observed
from learnsys.machines.models.memory import Need, need_of
from learnsys.machines.models.observe import observe

Floats = NDArray[np.float64]

BECAME: Final = {"failed": "failed", "timeout": "timed out", "oom": "ran out of memory"}


@final
class Evidence(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A job, seen through a benchmark.

    Attributes
    ----------
    fingerprint : Fingerprint
    fitted : Fitted
    observed : Observed
    forecast : Forecast
        Seconds on every machine, those measured included.
    memory : Need, optional
        What it needs of a machine's memory; None if no good run told.
    size : float
        Of the data that it reads, in the unit of its runs.
    references : tuple of str
        Machines measured, in the order of ``observed``.
    notes : tuple of str
        What the answer leans on.
    of_size : bool
        Whether some run was of data of this size; if not, what is known of the references was told from other sizes.
    scored : ndarray of bool, shape (V,), optional
        Machines known by public scores alone, if there are some.
    """

    fingerprint: Fingerprint
    fitted: Fitted
    observed: Observed
    forecast: Forecast
    memory: Need | None
    size: float
    references: tuple[str, ...]
    notes: tuple[str, ...]
    of_size: bool = True
    scored: NDArray[np.bool_] | None = None

    @cached_property
    def p_fits(self) -> Floats:
        """Probability that each machine's memory suffices, shape (V,)."""
        return self.fits(self.fitted.fleet.memory)

    def priced(self, rates: Rates | None) -> Self:
        """Price machines without a price of their own by their size, if there are rates."""
        if rates is None:
            return self
        outline = self.fitted.outline
        outline = msgspec.structs.replace(outline, catalog=priced(outline.catalog, rates))
        return msgspec.structs.replace(self, fitted=msgspec.structs.replace(self.fitted, outline=outline))

    @property
    def need(self) -> str:
        """The memory that the job needs, in words."""
        if self.memory is None:
            return "an amount of memory that no run told"
        held = format_size(float(self.memory.appetite(self.size)))
        return f"its {held} peak memory" + (
            f", or {format_size(float(self.memory.lived[:, 1].min()))} if it must" * self.memory.adapts
        )

    def fits(self, memory: Floats) -> Floats:
        """Give the probability that memories in bytes suffice; 1 where one of them is unknown."""
        if self.memory is None:
            return np.ones(memory.size)
        known = np.where(np.isfinite(memory), memory, np.inf)
        return self.memory.p_fits(self.size, known)


def gather(job: str | Fingerprint, benchmark: str | Benchmark, *, size: float | None = None) -> Evidence:
    """Look a job up and fit a model for the machines it was measured on, unless such a fit was kept.

    Parameters
    ----------
    job : str or Fingerprint
        The name of a fingerprint, or one.
    benchmark : str or Benchmark
        Its name or path, or one.
    size : float, optional
        Of the data to predict for; the largest that was measured if not given.

    Raises
    ------
    UnknownName
        If there is no such job or benchmark.
    InputError
        If no run ended well, none on a machine of the benchmark, or too few sizes tell how time grows.
    """
    whole = job if isinstance(job, Fingerprint) else fingerprint_of(job)
    evidence = _gathered(fingerprint := counted(whole), benchmark, size)
    quiet = set(good_machines(whole))
    if disturbed := [m for m in good_machines(fingerprint) if m not in quiet]:
        note = f"every run on {', '.join(disturbed)} was disturbed by other work; they count all the same"
        return msgspec.structs.replace(evidence, notes=(note, *evidence.notes))
    return evidence


def _gathered(fingerprint: Fingerprint, benchmark: str | Benchmark, size: float | None) -> Evidence:
    measured, names = good_machines(fingerprint), counters(fingerprint)
    if size is not None:
        return at_size(fingerprint, loaded(benchmark), size)
    if isinstance(benchmark, Benchmark):
        return look(fingerprint, fit_for(benchmark, known_machines(fingerprint, benchmark), names))
    from learnsys.machines.offline.registry import identity

    name = identity(benchmark)
    fitted = kept_fit(name, (*measured, *names))
    if fitted is None or fitted.references != known_machines(fingerprint, fitted.outline):  # another shape stands in
        table = loaded(benchmark)
        fitted = fit_for(table, known_machines(fingerprint, table), names)
        keep_fit(name, (*measured, *names), fitted)
    return look(fingerprint, fitted)


def counted(fingerprint: Fingerprint) -> Fingerprint:
    """Choose the runs that tell: of the largest size on each machine, and disturbed ones only where no other is.

    A machine where every run was disturbed still tells more than none, so that a busy host gets an answer too. Runs
    that did not end well stay: they tell of memory.
    """
    quiet = {r.machine for r in fingerprint.runs if r.outcome == "ok" and r.rejected is None}
    runs = tuple(
        r if r.machine in quiet or r.outcome != "ok" else msgspec.structs.replace(r, rejected=None)
        for r in fingerprint.runs
    )
    return msgspec.structs.replace(fingerprint, runs=runs)


def at_size(fingerprint: Fingerprint, benchmark: Benchmark, size: float) -> Evidence:
    """Predict for data of a size that was not measured, from runs on two sizes or more."""
    from learnsys.machines.models.size import observe_at_size, widened

    names = counters(fingerprint)
    renamed, notes = stand_in(fingerprint, benchmark.catalog.machines)
    known = set(known_machines(fingerprint, benchmark))
    here = msgspec.structs.replace(renamed, runs=tuple(r for r in renamed.runs if r.machine in known))
    observed, log_sd = observe_at_size(counting(benchmark, names), here, size)
    fitted = fit_for(benchmark, [benchmark.keys[v] for v in observed.machines], names)
    sizes = sorted({r.size for r in good_runs(fingerprint) if r.size is not None})
    if size not in sizes:
        seen = f"{format_size(sizes[0])} to {format_size(sizes[-1])}"
        notes = (f"no run was of {format_size(size)}: told from runs of {seen}", *notes)
    forecast = widened(fitted.model.predict(observed), log_sd)
    return _evidence(fingerprint, fitted, observed, forecast, size, notes, of_size=size in sizes)


def loaded(benchmark: str | Benchmark) -> Benchmark:
    """Load a benchmark by name or path, or take it as it is."""
    if isinstance(benchmark, Benchmark):
        return benchmark
    from learnsys.machines.offline.registry import load_benchmark

    return load_benchmark(benchmark)


def fingerprint_of(name: str) -> Fingerprint:
    """Look a fingerprint up in the user's store.

    Raises
    ------
    UnknownName
        If there is none of that name; near names are suggested.
    """
    fingerprint: Fingerprint = Store().get("fingerprint", name)
    return fingerprint


def look(fingerprint: Fingerprint, fitted: Fitted) -> Evidence:
    """Predict seconds on every machine from a fingerprint and a fit for its machines."""
    keys = set(fitted.outline.keys)
    renamed, notes = stand_in(fingerprint, fitted.outline.catalog.machines)
    here = [r for r in renamed.runs if r.machine in keys]
    sizes = {r.size for r in good_runs(fingerprint) if r.size is not None}
    if len(sizes) > 1:
        here = [r for r in here if r.size == max(sizes)]
    observed = observe(fitted.outline, msgspec.structs.replace(fingerprint, runs=tuple(here)))
    return _evidence(fingerprint, fitted, observed, fitted.model.predict(observed), max(sizes, default=1.0), notes)


def _evidence(
    fingerprint: Fingerprint,
    fitted: Fitted,
    observed: Observed,
    forecast: Forecast,
    size: float,
    notes: tuple[str, ...],
    *,
    of_size: bool = True,
) -> Evidence:
    outline = fitted.outline
    references = tuple(outline.keys[i] for i in observed.machines)
    return Evidence(
        fingerprint=fingerprint, fitted=fitted, observed=observed, forecast=forecast, references=references, size=size,
        of_size=of_size, memory=_memory(fingerprint, outline.catalog.machines),
        notes=(*notes, *_notes(stand_in(fingerprint, outline.catalog.machines)[0], observed, references, of_size)),
    )  # fmt: skip


def good_machines(fingerprint: Fingerprint) -> tuple[str, ...]:
    """Name the machines on which some run ended well and was not rejected, in the order of their first run."""
    return tuple(dict.fromkeys(r.machine for r in good_runs(fingerprint)))


def good_runs(fingerprint: Fingerprint) -> tuple[Run, ...]:
    """Keep the runs that ended well and were not rejected as noisy."""
    return tuple(r for r in fingerprint.runs if r.outcome == "ok" and r.rejected is None)


def counters(fingerprint: Fingerprint) -> tuple[str, ...]:
    """Name what was counted in the good runs."""
    runs = good_runs(fingerprint)
    totals = (f for f in ("cpu_s", "peak_bytes", "working_set_bytes") if any(getattr(r, f) > 0 for r in runs))
    return tuple(sorted({name for r in runs for name in r.counters}.union(totals)))


def known_machines(fingerprint: Fingerprint, benchmark: Benchmark) -> list[str]:
    """Name the machines measured that the benchmark knows, or that stand for one that was.

    Raises
    ------
    InputError
        If no run ended well, with what became of them.
    UnknownMachine
        If the benchmark has none of the machines.
    """
    measured = good_machines(fingerprint)
    if not measured:
        raise _nothing_good(fingerprint)
    measured = good_machines(stand_in(fingerprint, benchmark.catalog.machines)[0])
    keys = set(benchmark.keys)
    known = [m for m in measured if m in keys]
    if not known:
        near = UnknownMachine.of("machine", measured[0], benchmark.keys)
        raise UnknownMachine(
            f"{fingerprint.name} was measured on {', '.join(measured)}, which {benchmark.name} does not have",
            value=measured[0],
            next=f"measure it on one that learnsys machines next {fingerprint.name} --benchmark {benchmark.name} "
            f"proposes ({near.next})",
        )
    return known


def _memory(fingerprint: Fingerprint, machines: Sequence[Machine]) -> Need | None:
    """Learn what the job needs, if a run that ended well told what it held."""
    if not any(r.peak_bytes for r in good_runs(fingerprint)):
        return None
    memory = memory_by_key(machines)  # a kill says nothing where nobody knows how much memory there was
    telling = (r for r in fingerprint.runs if r.rejected is None and (r.outcome == "ok" or memory(r.machine)))
    return need_of(telling, memory)


def _nothing_good(fingerprint: Fingerprint) -> InputError:
    name, runs = fingerprint.name, fingerprint.runs
    killed = [r.machine for r in runs if r.outcome == "oom"]
    if runs and len(killed) == len(runs):
        said, then = (
            f"ran out of memory on {', '.join(dict.fromkeys(killed))} each time",
            "run it where memory is larger",
        )
    else:
        became = Counter(BECAME[r.outcome] for r in runs if r.outcome != "ok")
        told = ", ".join(f"{n} {what}" for what, n in became.items())
        said = "has no run that ended well" + (f": {told}" if told else "")
        then = "give it longer (--timeout)" if set(became) == {BECAME["timeout"]} else "run it again"
    return InputError(
        f"{name} {said}", value=name, next=f"{then}: learnsys machines fingerprint --name {name} -- COMMAND"
    )


def _notes(fingerprint: Fingerprint, observed: Observed, references: tuple[str, ...], of_size: bool) -> list[str]:
    notes = []
    once = [m for m, n in zip(references, observed.runs, strict=True) if n == 1]
    if once and of_size:
        notes.append(f"one run on {', '.join(once)}: a second would tell how much runs vary (--reps 2)")
    if elsewhere := [m for m in good_machines(fingerprint) if m not in references]:
        notes.append(
            f"runs on {', '.join(elsewhere)} do not count: the benchmark does not have it, or they were of less data"
        )
    return notes
