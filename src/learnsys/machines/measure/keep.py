"""Keep fingerprints in the store: runs of one job gather under its name, and two jobs never mix."""

import fcntl
import os
import shlex
from collections.abc import Sequence

import msgspec

from learnsys.core.errors import Incompatible
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.core.store import Store


def known(store: Store, name: str) -> Fingerprint | None:
    """Get the fingerprint called ``name``, None if there is none."""
    if name in {stored.name for stored in store.list("fingerprint")}:
        found: Fingerprint = store.get("fingerprint", name)
        return found
    return None


def check(store: Store, name: str, command: Sequence[str], size: float | None) -> None:
    """Refuse, before any work, to mix the runs of two commands under one name.

    Commands of the same program may differ in their arguments where each has its size of data: those are one job.

    Raises
    ------
    Incompatible
        If ``name`` is another command's.
    """
    old = known(store, name)
    if old is None or not old.command or not command or _same(command, old.command):
        return
    same_program = os.path.basename(command[0]) == os.path.basename(old.command[0])
    sized = size is not None and all(run.size is not None for run in old.runs)
    taken = [run.command or old.command for run in old.runs if run.size == size]
    if same_program and sized and all(_same(command, other) for other in taken):
        return
    raise Incompatible(
        f"{name!r} is the name of another command: {shlex.join(old.command)}",
        value=shlex.join(command),
        next="choose another --name, pass --replace to start it anew, or give --size to both if only the data differ",
    )


def keep(store: Store, new: Fingerprint, *, replace: bool = False) -> Fingerprint:
    """Add the runs of ``new`` to those kept under its name, or start the name anew; older versions stay in the store.

    Raises
    ------
    Incompatible
        If the name is another command's and ``replace`` is not given.
    """
    with (store.root / "fingerprint.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # between reading and writing, nobody else may add to the name
        old = None if replace else known(store, new.name)
        if old is not None:
            for size in {run.size for run in new.runs}:
                check(store, new.name, new.command, size)
            command = old.command or new.command
            runs = (
                new.runs
                if not new.command or _same(new.command, command)
                else tuple(_commanded(run, new) for run in new.runs)
            )
            new = Fingerprint(name=new.name, command=command, runs=(*old.runs, *runs))
        store.put("fingerprint", new.name, new)
    return new


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Compare as text: other tools join the words of a command without quotes."""
    return " ".join(one) == " ".join(other)


def _commanded(run: Run, fingerprint: Fingerprint) -> Run:
    return msgspec.structs.replace(run, command=run.command or fingerprint.command)
