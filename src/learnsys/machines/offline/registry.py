"""Find an offline benchmark by name or path; what was read once opens at once the next time."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final, cast, get_args

from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.store import default_root
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.offline.fetch import digest, is_url, local
from learnsys.machines.offline.manifest import Entry, Form, SourceTable, keep, read_manifest
from learnsys.machines.offline.packed import VERSION, read_packed, write_packed

READERS_VERSION: Final = 1  # raise it when a reader reads the same tables differently
DATABASES: Final = (".db", ".sqlite", ".sqlite3")
TABLES: Final = (".parquet", ".csv", ".csv.gz", ".tsv")
WANTED: Final[dict[str, str]] = {
    "lumos": "RUNS MACHINES",
    "sparecores": "[DATABASE | SCORES MACHINES [PRICES]]",
    "c3o": "RUNS...",
    "lab": "RUNS",
    "own": "RUNS MACHINES",
}


def load_benchmark(name_or_path: str | Path) -> Benchmark:
    """Load an offline benchmark.

    Parameters
    ----------
    name_or_path : str or Path
        ``lab``, which comes with the package; a name registered with ``learnsys machines data add``; a table that
        ``learnsys machines lab --save`` wrote; or a folder with ``runs`` and ``machines``, CSV or Parquet, in the form
        of ``learnsys.machines.offline.own``.

    Raises
    ------
    UnknownName
        If it is neither.
    BadFile
        If a table is missing, or is not what was registered.
    InputError
        If a table lacks a column or holds values that cannot be.
    """
    if str(name_or_path) == "lab":
        from learnsys.machines.lab.table import load_lab

        return load_lab()
    form, sources = _tables(name_or_path)
    cached = default_root() / "cache" / f"{identity(name_or_path)}.benchmark"
    if cached.exists():
        try:
            return read_packed(cached)
        except BadFile:  # cut short or from another version: read the tables again
            cached.unlink(missing_ok=True)
    entry = _entries().get(str(name_or_path))
    benchmark = read(
        form, sources, name=Path(name_or_path).name,
        licence=entry.licence if entry else None, as_of=entry.as_of if entry else None,
    )  # fmt: skip
    cached.parent.mkdir(parents=True, exist_ok=True)
    write_packed(benchmark, cached)
    return benchmark


def identity(name_or_path: str | Path) -> str:
    """Name the content of a benchmark without reading it: what fits are cached under.

    Raises
    ------
    UnknownName, BadFile
        As ``load_benchmark``.
    """
    if str(name_or_path) == "lab":
        from learnsys.machines.lab.table import EMBEDDED

        return _hash("lab", digest(EMBEDDED))
    if (entry := _entries().get(str(name_or_path))) is not None:
        for table in entry.tables:
            table.verified()
        said = (entry.licence, str(entry.as_of)) if entry.form == "own" else ()
        return _hash(entry.name, entry.form, *(t.sha256 for t in entry.tables), *said)
    _, sources = _tables(name_or_path)
    stats = [(p.resolve(), p.stat()) for p in map(Path, sources)]
    return _hash(*(f"{p} {s.st_size} {s.st_mtime_ns}" for p, s in stats))


def add(name: str, *tables: Path | str, licence: str | None = None, as_of: date | None = None) -> Entry:
    """Register the tables of a benchmark under a name, after reading them once.

    Parameters
    ----------
    name : str
        ``lumos``, ``sparecores``, ``c3o`` for what has a form of its own; any other name is one's own benchmark, or
        one's own lab if its one table is of ``learnsys machines lab``.
    *tables : Path or str
        Its tables, by path or URL: see ``WANTED``. Spare Cores without any is taken from the package sparecores-data.
    licence : str, optional
        Terms under which it may be passed on, where the form does not say.
    as_of : date, optional
        Its day, where the form does not say.

    Raises
    ------
    InputError
        If the tables are too few or too many, or their content cannot be.
    BadFile
        If one cannot be read or fetched.
    """
    if not name or name == "lab" or "/" in name:
        raise InputError(f"{name!r} cannot name a benchmark", value=name, next="give another name, without a slash")
    sources = [str(t) if is_url(t) else str(Path(t).resolve()) for t in tables]
    form = cast(Form, name) if name in get_args(Form) else "lab" if _of_lab(sources) else "own"
    if form == "sparecores" and not sources:
        from learnsys.machines.offline.database import packaged_database

        sources = [str(packaged_database())]
    benchmark = read(form, sources, name=name, licence=licence, as_of=as_of)
    entry = Entry(
        name=name, form=form, licence=licence or benchmark.catalog.licence, as_of=as_of or benchmark.catalog.as_of,
        added=date.today(), tables=tuple(_registered(s) for s in sources), workloads=benchmark.shape[0],
        machines=benchmark.shape[1], runs=benchmark.elapsed_s.size,
    )  # fmt: skip
    keep(entry)
    return entry


def read(
    form: Form, sources: list[str], *, name: str, licence: str | None = None, as_of: date | None = None
) -> Benchmark:
    """Read tables of a form; readers are imported here, for they need Polars."""
    n = len(sources)
    if form == "lumos" and n == 2:
        from learnsys.machines.offline.lumos import read_lumos

        return read_lumos(*sources)
    if form == "sparecores" and n == 1 and sources[0].endswith(DATABASES):
        from learnsys.machines.offline.database import read_database

        return read_database(sources[0])
    if form == "sparecores" and n in (2, 3):
        from learnsys.machines.offline.sparecores import read_sparecores_scores

        return read_sparecores_scores(*sources)
    if form == "c3o" and n >= 1:
        from learnsys.machines.offline.c3o import read_c3o_benchmark

        return read_c3o_benchmark(*sources)
    if form == "lab" and n == 1:
        from learnsys.machines.lab.table import read_table

        return read_table(local(sources[0]), name=name)
    if form == "own" and n == 2:
        from learnsys.machines.offline.own import read_own

        return read_own(*sources, name=name, licence=licence or "one's own", as_of=as_of)
    raise InputError(
        f"{name} cannot be read from {n} table{'s' * (n != 1)}",
        value=n,
        next=f"learnsys machines data add {name} {WANTED[form]}",
    )


def _entries() -> dict[str, Entry]:
    return {entry.name: entry for entry in read_manifest().entries}


def _tables(name_or_path: str | Path) -> tuple[Form, list[str]]:
    entries = _entries()
    if (entry := entries.get(str(name_or_path))) is not None:
        return entry.form, [str(t.verified()) for t in entry.tables]
    path = Path(name_or_path)
    if path.is_dir():
        return "own", [_table_in(path, "runs"), _table_in(path, "machines")]
    if path.suffix in DATABASES and path.exists():
        return "sparecores", [str(path)]
    if _of_lab([str(path)]):
        return "lab", [str(path)]
    if path.exists() or path.suffix in DATABASES or len(path.parts) > 1:
        local(path)
        raise InputError(
            f"{path} is one table, and a benchmark needs its machines too",
            value=str(path),
            next=f"give a folder with runs.csv and machines.csv, or: learnsys machines data add NAME {path} MACHINES",
        )
    if str(name_or_path) in WANTED:
        raise UnknownName(
            f"{name_or_path} was not registered here",
            value=str(name_or_path),
            next=f"fetch it, then: learnsys machines data add {name_or_path} {WANTED[str(name_or_path)]}",
        )
    raise UnknownName.of("offline benchmark", str(name_or_path), ["lab", *entries])


def _of_lab(sources: list[str]) -> bool:
    """Tell whether this is the one table of a lab: the file itself says so."""
    if len(sources) != 1 or not sources[0].endswith(".parquet"):
        return False
    from learnsys.machines.lab.table import is_table

    return (is_url(sources[0]) or Path(sources[0]).is_file()) and is_table(local(sources[0]))


def _table_in(folder: Path, stem: str) -> str:
    for suffix in TABLES:
        if (path := folder / f"{stem}{suffix}").exists():
            return str(path)
    raise BadFile.missing(folder / f"{stem}.csv")


def _registered(source: str) -> SourceTable:
    path = local(source)
    stat = path.stat()
    return SourceTable(
        source=source, sha256=digest(path), size_bytes=stat.st_size, modified_ns=stat.st_mtime_ns, rows=_rows(path)
    )


def _rows(path: Path) -> int:
    """Rows of a table; of a database those of its scores."""
    if path.name.endswith(DATABASES):
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM benchmark_score").fetchone()[0])
    from learnsys.machines.offline.frames import read_frame

    return read_frame(path, ()).height


def _hash(*parts: str) -> str:
    return sha256("\n".join((f"{READERS_VERSION}.{VERSION}", *parts)).encode()).hexdigest()
