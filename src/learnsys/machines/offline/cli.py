"""``learnsys machines data``: which offline benchmarks are there, and how to add one."""

from datetime import datetime
from pathlib import Path

from cyclopts import App

from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES
from learnsys.machines.offline.manifest import Entry, Manifest, read_manifest
from learnsys.machines.offline.registry import add as add_benchmark
from learnsys.machines.offline.registry import identity

app = App(name="data", help="Offline benchmarks: what is registered, and how to add one.")


@app.command(name="list")
def list_data() -> Manifest:
    """List the offline benchmarks that were registered."""
    return read_manifest()


@app.command
def add(name: str, *tables: str, licence: str | None = None, as_of: datetime | None = None) -> Entry:
    """Register an offline benchmark: its tables are read once, and must not change after that.

    Parameters
    ----------
    name : str
        lumos (RUNS MACHINES), sparecores (nothing, DATABASE.db, or SCORES MACHINES [PRICES]), c3o (RUNS), or a name of
        one's own (RUNS MACHINES).
    tables : str
        Paths or URLs of its tables, Parquet or CSV.
    licence : str
        Terms under which it may be passed on, if the form does not say.
    as_of : datetime
        Day of its prices, if the form does not say.
    """
    return add_benchmark(name, *tables, licence=licence, as_of=as_of.date() if as_of else None)


@app.command
def show(name: str, *, save: Path | None = None) -> Entry:
    """Show the tables of a registered benchmark, after checking that they are unchanged.

    Parameters
    ----------
    name : str
        Its name.
    save : Path
        Keep the list too: .json .jsonl .csv .md .parquet (the table), .svg .png .html (a chart).
    """
    check_output(save, SUFFIXES)
    entry = read_manifest().get(name)
    identity(name)  # raises where a table is not what was registered
    if save is not None:
        entry.save(save)
    return entry
