"""One tree of errors: each says what is wrong, with which value, and what to do next.

``Refused`` ends a command with exit code 2 before any work began; ``WorkFailed`` with 1.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar, Self

import msgspec


class LearnsysError(Exception):
    """Anything that learnsys itself reports to its user.

    Parameters
    ----------
    message : str
        What is wrong, one line.
    value : object, optional
        The value that was wrong.
    next : str, optional
        What the user can do about it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, value: object = None, next: str = "") -> None:
        super().__init__(f"{message}; {next}" if next else message)
        self.message = message
        self.value = value
        self.next = next

    @property
    def kind(self) -> str:
        """Name of the class, as ``--json`` prints it."""
        return type(self).__name__

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.value, self.next))


def _rebuild(cls: type[LearnsysError], message: str, value: object, next: str) -> LearnsysError:
    """Undo pickling: errors cross process boundaries, and class methods make most of them."""
    return cls(message, value=value, next=next)


class Refused(LearnsysError):
    """Bad input: nothing was done."""

    exit_code = 2


class WorkFailed(LearnsysError):
    """The work began and could not be finished as asked."""


class InputError(Refused, ValueError):
    """A value has the wrong type, shape, range or content."""

    @classmethod
    def below(cls, name: str, value: float, least: float) -> Self:
        """``value`` of ``name`` is smaller than ``least``."""
        return cls(f"{name} is {value}, but must be at least {least}", value=value, next=f"give {name} >= {least}")

    @classmethod
    def not_finite(cls, what: str, count: int, row: int, column: int | None = None) -> Self:
        """NaN or infinite entries; the place of the first is named (0-based, no column in a vector)."""
        return cls(
            f"{what} contains {count} NaN or infinite value{'s' * (count != 1)}, "
            f"the first in row {row}" + ("" if column is None else f", column {column}"),
            value=count,
            next="drop or impute them first",
        )

    @classmethod
    def one_class(cls, label: object) -> Self:
        """All labels are equal."""
        return cls(
            f"the labels have one class, {label}, where two are needed",
            value=label,
            next="check the target column, or take a larger sample",
        )

    @classmethod
    def many_classes(cls, labels: Sequence[object]) -> Self:
        """More than two labels where two are needed."""
        shown = ", ".join(map(str, labels[:5])) + (", ..." if len(labels) > 5 else "")
        return cls(
            f"the labels have {len(labels)} classes ({shown}) where two are needed",
            value=len(labels),
            next="map the labels to two values, or use loss=squared for a number",
        )


class BadFile(Refused):
    """A file is missing, unreadable or malformed."""

    @classmethod
    def missing(cls, path: Path | str) -> Self:
        """No file at ``path``; similar names in its folder are suggested."""
        path = Path(path)
        if path.is_symlink():
            return cls(f"{path} is a link to no file", value=str(path), next="mend the link")
        near = _near(path.name, [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else [])
        return cls(f"no file {path}", value=str(path), next=near or "check the path")

    @classmethod
    def line(cls, path: Path | str, line: int, problem: str, *, next: str = "") -> Self:
        """Line ``line`` (1-based) of ``path`` has a ``problem``."""
        return cls(f"{path}, line {line}: {problem}", value=line, next=next or "mend that line")

    @classmethod
    def unreadable(cls, path: Path | str, problem: object) -> Self:
        """The file is there but cannot be read as what it should be."""
        first = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
        return cls(f"cannot read {path}: {first}", value=str(path), next="check that it is whole and of this format")


class UnknownName(Refused, LookupError):
    """A name that is not in the table it was looked up in."""

    @classmethod
    def of(cls, what: str, name: str, known: Iterable[str]) -> Self:
        """``name`` is no ``what``; the nearest known names are suggested."""
        known = list(known)
        near = _near(name, known)
        listing = f"known: {', '.join(known)}" if len(known) <= 12 else f"{len(known):,} are known, as {known[0]}"
        return cls(f"unknown {what} {name!r}", value=name, next=f"{near} {listing}".strip())

    def __str__(self) -> str:  # LookupError subclasses such as KeyError quote their message
        return f"{self.message}; {self.next}" if self.next else self.message


class UnknownMachine(UnknownName):
    """A machine that is not in the catalogue."""


class Incompatible(Refused, ValueError):
    """Two choices that do not go together; the message names both sides."""


class TooFewPoints(Refused, ValueError):
    """The data cannot tell the models apart."""

    @classmethod
    def workers(cls, seen: int) -> Self:
        """All rounds ran on ``seen`` workers."""
        return cls(
            f"all rounds ran on {seen} worker{'s' * (seen != 1)}, which says nothing of other counts",
            value=seen,
            next=f"measure another: learnsys plan profile DATA --workers {seen},{2 * seen}",
        )


class MissingExtra(Refused, ImportError):
    """A library that an optional part needs is not installed."""

    @classmethod
    def of(cls, library: str, extra: str) -> Self:
        """``library`` comes with the extra ``extra``."""
        return cls(f"{library} is not installed", value=library, next=f"pip install 'learnsys[{extra}]'")


class Interrupted(LearnsysError):
    """The user ended the work (Ctrl-C)."""

    exit_code = 130


class TargetNotReached(WorkFailed):
    """Training stopped before the target."""


class PortInUse(WorkFailed):
    """Another program listens on the port."""

    @classmethod
    def of(cls, host: str, port: int) -> Self:
        """``host:port`` is taken."""
        return cls(f"port {port} on {host} is in use", value=port, next=f"choose another: --port {port + 1}")


class WorkerLost(WorkFailed):
    """A worker died more often than the engine repeats a round, or its state died with it."""

    @classmethod
    def again(cls, method: str, times: int, why: object) -> Self:
        """A process died in each of the ``times`` tries of a round."""
        return cls(
            f"a worker process died in each of {times} tries of {method!r}, the last time because: {why}",
            value=times,
            next="if memory ran out, use fewer slots or smaller shards",
        )

    @classmethod
    def beyond_repair(cls, workers: Iterable[int], command: str, why: object) -> Self:
        """What ``workers`` need to go on was lost with the machine that kept it."""
        names = ", ".join(map(str, workers))
        return cls(f"cannot fetch what worker {names} needs to {command}: {why}", value=names, next="run again")


class ErrorReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--json`` prints on stderr when a command fails."""

    kind: str
    message: str
    value: object
    next: str

    @classmethod
    def of(cls, error: LearnsysError) -> "ErrorReport":
        """Report ``error``."""
        return cls(kind=error.kind, message=error.message, value=error.value, next=error.next)


def _near(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""
