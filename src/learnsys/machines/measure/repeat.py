"""Fingerprint a command: run it until enough undisturbed runs are there, and keep all of them."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.measure.noise import judge
from learnsys.machines.measure.run import measure, readable
from learnsys.machines.measure.shape import Shape

EXTRA: Final = 2  # times the repetitions asked for: how often a disturbed host is tried
Report = Callable[[float, str], None]


def fingerprint(
    command: Sequence[str],
    *,
    name: str,
    reps: int = 3,
    size: float | None = None,
    shape: Shape | None = None,
    timeout_s: float | None = None,
    on_run: Report = lambda done, note: None,
    **options: Any,
) -> Fingerprint:
    """Run ``command`` until ``reps`` runs count.

    A run that other work disturbed is repeated, at most twice as often as asked, and stays in the record as
    rejected. A run that failed, was too slow or did not fit in memory ends the series: it would do so again.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    name : str
        What to call the job.
    reps : int
        Runs that must count.
    size : float, optional
        Size of the data that this command reads, in bytes or any unit.
    shape : Shape, optional
        CPUs and memory it may use; all of this host if not given.
    timeout_s : float, optional
        Seconds after which a run is ended.
    on_run : callable, optional
        Is told how many runs count so far, and what became of the last.
    **options
        Further arguments of ``measure``.

    Raises
    ------
    InputError
        If ``reps`` is below 1, a limit is not positive, or the command cannot be started.

    Warns
    -----
    UserWarning
        After a single repetition, and when the host stayed too busy.
    """
    if reps < 1:
        raise InputError.below("reps", reps, 1)
    if timeout_s is not None and timeout_s <= 0:
        raise InputError("the timeout is not above 0", value=timeout_s, next="give a timeout such as 10m")
    if size is not None and size <= 0:
        raise InputError("the size of the data is not above 0", value=size, next="give a size such as 10GB")
    runs: tuple[Run, ...] = ()
    while sum(not run.rejected for run in runs) < reps and len(runs) < EXTRA * reps + 1:
        if hasattr(options.get("stdin"), "seek"):
            options["stdin"].seek(0)
        runs = judge((*runs, measure(command, shape=shape, timeout_s=timeout_s, size=size, **options)))
        on_run(sum(not run.rejected for run in runs), runs[-1].rejected or runs[-1].outcome)
        if runs[-1].outcome != "ok":
            break
    _warn(runs, reps)
    return Fingerprint(name=name, command=readable(command), runs=runs)


def _warn(runs: Sequence[Run], reps: int) -> None:
    counted = sum(not run.rejected for run in runs)
    if runs[-1].outcome == "ok" and counted < reps:
        why = next(run.rejected for run in reversed(runs) if run.rejected)
        warnings.warn(
            f"{counted} of {len(runs)} runs count where {reps} were asked for, the last rejected because {why}; "
            "measure again when the host is quiet",
            stacklevel=3,
        )
    elif runs[-1].outcome == "ok" and reps == 1:
        warnings.warn("one repetition says nothing of the spread; give --reps 3", stacklevel=3)
    if any(run.isolation == "weak" for run in runs):
        warnings.warn(
            "measured without control groups (weak): other work was not kept away; run as root or in a delegated group",
            stacklevel=3,
        )
