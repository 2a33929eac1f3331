"""``learnsys machines fingerprint | show | add | import``."""

import fcntl
import os
import select
import stat
import subprocess
import sys
import termios
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, Any

from cyclopts import Parameter

from learnsys.core.command import wants_json
from learnsys.core.console import ERR
from learnsys.core.errors import BadFile, InputError, MissingExtra, UnknownName
from learnsys.core.fingerprint import Fingerprint
from learnsys.core.store import Store
from learnsys.core.units import parse_duration, parse_size
from learnsys.machines.measure.imports import import_file
from learnsys.machines.measure.keep import check, keep, known
from learnsys.machines.measure.records import check_machine, read_runs
from learnsys.machines.measure.repeat import fingerprint as measure_often
from learnsys.machines.measure.run import readable
from learnsys.machines.measure.shape import Shape
from learnsys.machines.measure.types import Measured, Shown
from learnsys.machines.offline.libcloud import list_prices
from learnsys.machines.offline.manifest import read_manifest
from learnsys.machines.offline.registry import load_benchmark


def fingerprint(
    *command: Annotated[str, Parameter(allow_leading_hyphen=True)],
    name: str,
    reps: int = 3,
    size: str | None = None,
    shape: str | None = None,
    timeout: str | None = None,
    replace: Annotated[bool, Parameter(negative="")] = False,
) -> Measured:
    """Run a command under measurement and keep what it did to this machine.

    Its output, its exit code and the signals sent to this process are passed through.

    Parameters
    ----------
    command
        The command and its arguments, after --.
    name
        What to call the job.
    reps
        Runs that must count; those that other work disturbed are repeated.
    size
        Size of the data it reads, as 10GB, to predict other sizes later.
    shape
        CPUs and memory it may use, as cpu=1,mem=2g; all of this host if not given.
    timeout
        End a run after this long, as 10m.
    replace
        Start the name anew if it is another command's.
    """
    store = Store()
    bytes_of_data = None if size is None else float(parse_size(size))
    if not name.strip() or not name.isprintable():
        raise InputError("a fingerprint needs a name that can be printed", value=ascii(name), next="give --name NAME")
    if not replace:
        check(store, name, readable(command), bytes_of_data)
    measured = measure_often(
        command, name=name, reps=reps, size=bytes_of_data, shape=None if shape is None else Shape.parse(shape),
        timeout_s=None if timeout is None else parse_duration(timeout), on_run=_say, quiet=False,
        stdin=_input(reps), stdout=sys.stderr.fileno() if wants_json() else None,
    )  # fmt: skip
    return _kept(store, measured, replace=replace)


def show(name: str | None = None) -> Shown:
    """Show the runs of one fingerprint, or the list of all.

    Parameters
    ----------
    name
        Which one; all if not given.
    """
    store = Store()
    names = [stored.name for stored in store.list("fingerprint")] if name is None else [name]
    return Shown(fingerprints=tuple(store.get("fingerprint", each) for each in names))


def add(name: str, key: str, file: Path, *, new: Annotated[bool, Parameter(negative="")] = False) -> Measured:
    """Add runs that were measured on another machine.

    Parameters
    ----------
    name
        The fingerprint they belong to.
    key
        The machine, as aws/m6i.large.
    file
        CSV with a row a run, or JSON objects, by the names of a run's fields; elapsed_s is enough.
    new
        The machine is in no catalogue or benchmark yet.
    """
    store = Store()
    if (old := known(store, name)) is None:
        raise UnknownName.of("fingerprint", name, [stored.name for stored in store.list("fingerprint")])
    runs = read_runs(file, key, None if new else _catalogued(store))
    return _kept(store, Fingerprint(name=name, command=old.command, runs=runs))


def import_(
    file: Path,
    *,
    name: str,
    machine: str,
    size: str | None = None,
    replace: Annotated[bool, Parameter(negative="")] = False,
    new: Annotated[bool, Parameter(negative="")] = False,
) -> Measured:
    """Import what GNU time (time -v) or Spare Cores resource-tracker measured.

    Parameters
    ----------
    file
        Output of time -v, or resource-tracker's process metrics as CSV or its snapshot as JSON.
    name
        What to call the job.
    machine
        Where it was measured, as aws/m6i.large.
    size
        Size of the data it read, as 10GB.
    replace
        Start the name anew if it is another command's.
    new
        The machine is in no catalogue or benchmark yet.
    """
    store = Store()
    check_machine(machine, None if new else _catalogued(store))
    imported = import_file(file, name=name, machine=machine, size=None if size is None else float(parse_size(size)))
    return _kept(store, imported, replace=replace)


def _kept(store: Store, new: Fingerprint, *, replace: bool = False) -> Measured:
    whole = keep(store, new, replace=replace)
    return Measured(name=new.name, command=new.command or whole.command, runs=new.runs, kept=len(whole.runs))


def _say(done: float, note: str) -> None:
    ERR.print(f"runs that count: {done:.0f} (the last: {note})", markup=False)


def _catalogued(store: Store) -> set[str]:
    """List the machines of the price list, of the registered benchmarks and of the catalogues that are kept."""
    catalogs = [store.get("catalog", stored.name) for stored in store.list("catalog")]
    for entry in read_manifest().entries:
        try:
            catalogs.append(load_benchmark(entry.name).catalog)
        except BadFile as error:  # a table that was moved or changed is no reason to lose the runs
            warnings.warn(str(error), stacklevel=2)
    with suppress(MissingExtra):
        catalogs.append(list_prices())
    return {machine.key for catalog in catalogs for machine in catalog.machines}


def _input(reps: int) -> int | IO[Any] | None:
    """Choose what the command reads: our own input, rewound for each run, as far as it can be read again."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:  # closed
        return subprocess.DEVNULL
    if stat.S_ISREG(mode):
        return sys.stdin.buffer
    if reps == 1 or stat.S_ISCHR(mode):
        return None
    if int.from_bytes(fcntl.ioctl(0, termios.FIONREAD, bytes(4)), sys.byteorder):
        raise InputError(
            "standard input is a pipe, which can be read only once",
            value="-", next="redirect a file (< FILE), or give --reps 1",
        )  # fmt: skip
    (poll := select.poll()).register(0, select.POLLIN)
    if not poll.poll(0):  # somebody may still write: as likely an idle pipe of whoever started us as the job's input
        warnings.warn(
            "standard input is a pipe without content: the command reads nothing; redirect a file, or give --reps 1",
            stacklevel=2,
        )
    return subprocess.DEVNULL
