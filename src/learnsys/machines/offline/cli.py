"""``learnsys machines data``: which offline benchmarks are there; ``clusters``: which machine type, and how many."""

from datetime import datetime
from pathlib import Path

from cyclopts import App

from learnsys.core.console import progress
from learnsys.core.errors import InputError
from learnsys.core.files import check_output
from learnsys.core.result import SUFFIXES
from learnsys.core.units import parse_size
from learnsys.machines.offline.clusters import ClusterRanking, rank_clusters
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
        one's own (RUNS MACHINES, or the file that learnsys machines lab --save wrote).
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


def clusters(
    *tables: str,
    size: str,
    nodes: str = "2-12",
    job: str | None = None,
    machine: tuple[str, ...] = (),
    param: tuple[str, ...] = (),
    region: str | None = None,
    save: Path | None = None,
) -> ClusterRanking:
    """Say which machine type, and how many of it, by a job's runs on a few clusters.

    Parameters
    ----------
    tables : str
        Runs: CSV, TSV or Parquet with instance_count, machine_type, slots and memory [MB] of the whole cluster,
        data_size_MB, gross_runtime and the job's own parameters; paths or URLs.
    size : str
        Size of the input, as 20GB.
    nodes : str
        Numbers of machines, as 2,4,8 or 2-12.
    job : str
        Which job, where the tables hold several.
    machine : str
        A machine type, as aws/m5.xlarge; may be repeated. Those that were measured if not given.
    param : str
        A parameter of the job, as k=5; may be repeated.
    region : str
        Where prices are of, the cheapest if not given.
    save : Path
        Keep the ranking too: .json .jsonl .csv .md .parquet (the table), .svg .png .html (a chart).
    """
    check_output(save, SUFFIXES)
    counts, size_bytes, parameters = _counts(nodes), parse_size(size), dict(map(_parameter, param))
    with progress("learning from the runs"):
        ranking = rank_clusters(
            *tables, size_bytes=size_bytes, nodes=counts, job=job, machines=machine, region=region,
            parameters=parameters,
        )  # fmt: skip
    if save is not None:
        ranking.save(save)
    return ranking


def _counts(text: str) -> list[int]:
    try:
        counts: list[int] = []
        for part in text.split(","):
            first, _, last = part.partition("-")
            counts += range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise InputError(f"{text!r} is no list of numbers", value=text, next="write 4, 2,4,8 or 2-12") from error
    if not counts or min(counts) < 1:
        raise InputError(f"{text!r} names no cluster", value=text, next="write 4, 2,4,8 or 2-12")
    return counts


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError as error:
        raise InputError(f"{text!r} is no parameter", value=text, next="write NAME=NUMBER, as k=5") from error
