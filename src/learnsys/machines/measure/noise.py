"""Tell a disturbed run from a slow one: a run is rejected only on evidence that other work took part.

A job's own spread is part of its fingerprint, so slowness alone is no reason. Three kinds of evidence: time that the
hypervisor took; time for which the job waited while other work had its processors; and repetitions that disagree
(median of at least three) while other work ran.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from learnsys.core.fingerprint import Run

STEAL: Final = 0.05  # of the processors' time
HINDERED: Final = 0.05  # of the job's time, other work ran where it waited
TICKS_S: Final = 0.03  # the kernel counts other work in ticks of 10 ms: less than three are no evidence
WORKED: Final = 1.15  # times the CPU time of the other repetitions: caches or clock were shared
WAITED: Final = 1.25  # times the time of the other repetitions, for the same CPU time
LEAST: Final = 3  # repetitions that have a middle
OTHERS: Final = 0.25  # more cores busy with other work than beside the other repetitions


def disturbed(run: Run) -> str | None:
    """Say why one run does not count, None if it does; a job that failed or did not fit would do so in peace too."""
    if run.outcome in ("failed", "oom"):
        return None
    stolen, hindered = (_mean(run, name) for name in ("cpu.steal_frac", "cpu.hindered_frac"))
    if stolen > STEAL and stolen * run.spent_s > TICKS_S:
        return f"the hypervisor took {stolen:.0%} of its processors' time (limit {STEAL:.0%})"
    if hindered > HINDERED and hindered * run.spent_s > TICKS_S:
        return f"it waited for other work {hindered:.0%} of its time (limit {HINDERED:.0%})"
    return None


def judge(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Mark the runs that do not count, each with the reason; those marked before stay so.

    Parameters
    ----------
    runs : sequence of Run
        Repetitions of one command, on any machines and sizes.
    """
    judged = [run if run.rejected else msgspec.structs.replace(run, rejected=disturbed(run)) for run in runs]
    return tuple(
        msgspec.structs.replace(run, rejected=run.rejected or _apart(run, _peers(run, judged))) for run in judged
    )


def _peers(run: Run, runs: Sequence[Run]) -> list[Run]:
    """List the repetitions of ``run`` that count so far, itself among them."""
    return [r for r in runs if r.outcome == "ok" and not r.rejected and (r.machine, r.size) == (run.machine, run.size)]


def _apart(run: Run, peers: Sequence[Run]) -> str | None:
    """Say how a run departs from its repetitions, if other work explains it."""
    if len(peers) < LEAST or run.outcome != "ok":
        return None
    worked = run.cpu_s / (median(r.cpu_s for r in peers) or 1.0)
    waited = (run.elapsed_s or 0.0) / (median(r.elapsed_s or 0.0 for r in peers) or 1.0)
    others = _mean(run, "host.other_cores")
    if worked > WORKED and others > median(_mean(r, "host.other_cores") for r in peers) + OTHERS:
        return f"it took {worked:.2f}x the CPU time of its repetitions while other work kept {others:.1f} cores busy"
    if waited > WAITED and worked < 1.1 and _mean(run, "cpu.hindered_frac") > HINDERED / 4:
        return f"it took {waited:.2f}x the time of its repetitions for the same CPU time: it waited for other work"
    return None


def _mean(run: Run, name: str) -> float:
    return run.counters.get(name, (0.0, 0.0))[0]
