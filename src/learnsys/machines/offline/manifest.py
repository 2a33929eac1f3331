"""What was registered: for each name its tables with source, licence, date, sha256 and rows.

One JSON file in the user's folder, replaced whole. A table whose file has another size or time than when it was
registered is hashed again before it is believed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, final

import msgspec

from learnsys.core.chart import altair, styled
from learnsys.core.errors import BadFile, UnknownName
from learnsys.core.files import write_atomic
from learnsys.core.result import AbstractResult, encode_json
from learnsys.core.store import default_root
from learnsys.core.table import Column, Table
from learnsys.machines.offline.fetch import local

if TYPE_CHECKING:
    import altair as alt

Form = Literal["lumos", "sparecores", "c3o", "lab", "own"]
FILE: Final = "offline.json"


@final
class SourceTable(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a registered benchmark."""

    source: str
    sha256: str
    size_bytes: int
    modified_ns: int
    rows: int

    def verified(self) -> Path:
        """Return the file, fetched again where it was a URL and is gone.

        Raises
        ------
        BadFile
            If it is missing, or its content is not what was registered.
        """
        path = local(self.source)
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size_bytes, self.modified_ns):
            local(self.source, sha256=self.sha256)
        return path


@final
class Entry(AbstractResult, frozen=True, kw_only=True):
    """A registered benchmark."""

    name: str
    form: Form
    tables: tuple[SourceTable, ...]
    licence: str
    as_of: date
    added: date
    workloads: int
    machines: int
    runs: int

    def table(self) -> Table:
        """Show a row a table."""
        return Table(
            title=f"{self.name}: {self.workloads} workloads on {self.machines} machines, {self.runs} runs",
            columns=(
                Column(name="table"),
                Column(name="rows", kind="integer"),
                Column(name="size", unit="B", kind="size"),
                Column(name="sha256"),
            ),
            rows=tuple((t.source, t.rows, t.size_bytes, t.sha256) for t in self.tables),
            notes=(f"form {self.form}, licence: {self.licence}, as of {self.as_of}, added {self.added}",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the rows of its tables."""
        return _bars([{"name": t.source, "rows": t.rows} for t in self.tables])


@final
class Manifest(AbstractResult, frozen=True, kw_only=True):
    """All registered benchmarks, by name."""

    entries: tuple[Entry, ...] = ()

    def get(self, name: str) -> Entry:
        """Look an entry up.

        Raises
        ------
        UnknownName
            If none has that name.
        """
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise UnknownName.of("offline benchmark", name, [e.name for e in self.entries])

    def table(self) -> Table:
        """Show a row a benchmark."""
        return Table(
            columns=(
                Column(name="name"),
                Column(name="workloads", kind="integer"),
                Column(name="machines", kind="integer"),
                Column(name="runs", kind="integer"),
                Column(name="as of"),
                Column(name="licence"),
                Column(name="tables", kind="integer"),
            ),
            rows=tuple(
                (e.name, e.workloads, e.machines, e.runs, str(e.as_of), e.licence, len(e.tables)) for e in self.entries
            ),
            notes=(
                "`lab`, shapes of one host, is always there",
                "add another: learnsys machines data add NAME TABLE...",
            ),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the runs of each benchmark."""
        return _bars([{"name": e.name, "rows": e.runs} for e in self.entries])


def read_manifest() -> Manifest:
    """Read what was registered; an empty manifest if nothing was.

    Raises
    ------
    BadFile
        If the file was damaged.
    """
    if not (path := default_root() / FILE).exists():
        return Manifest()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise BadFile.unreadable(path, error) from error


def keep(entry: Entry) -> None:
    """Add an entry, in place of an older one of its name."""
    with _alone():
        others = [e for e in read_manifest().entries if e.name != entry.name]
        entries = sorted((*others, entry), key=lambda e: e.name)
        write_atomic(
            default_root() / FILE, msgspec.json.format(encode_json(Manifest(entries=tuple(entries))), indent=2)
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Be the only writer for the ``with`` block."""
    default_root().mkdir(parents=True, exist_ok=True)
    with (default_root() / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bars(values: list[dict[str, object]]) -> "alt.Chart":
    alt = altair()
    return styled(alt.Chart(alt.Data(values=values)).mark_bar().encode(x="rows:Q", y=alt.Y("name:N", title=None)))
