"""Spare Cores: thousands of server types, inspected with the same suites of benchmarks (sparecores.com, CC BY-SA 4.0).

Its scores are rates, except latencies. Here a score is a job: the seconds of one unit of its work, 1 / rate. A job's
name is its configuration ``suite|...``, its group the suite: configurations of a suite are near-duplicates.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.machines.benchmark import Benchmark, Workload
from learnsys.machines.offline.fetch import digest, local
from learnsys.machines.offline.frames import numbers, positions, positive, read_frame

if TYPE_CHECKING:
    from polars import DataFrame

AS_OF: Final = date(2025, 3, 2)
SOURCE: Final = "github SpareCores/sc-inspector-data and sc-data-dumps"
PRICE_SOURCE: Final = "PyPI apache-libcloud"
LICENCE: Final = "CC BY-SA 4.0"
NOTE: Final = "seconds of one unit of work: only their ratios mean something"
LATENCY: Final = "|lat"  # these are nanoseconds; all else is a rate
SCORE_COLUMNS: Final = ("server", "config", "value")
MACHINE_COLUMNS: Final = ("server", "family", "vcpus", "cpu_architecture", "memory_amount", "gpu_count")
PRICE_COLUMNS: Final = ("server", "region", "usd_hour")
LOGARITHMS: Final = ("vcpus", "memory_amount", "cpu_cores", "cpu_speed", "cpu_l1_cache", "cpu_l2_cache", "cpu_l3_cache")
FLAGS: Final = ("avx2", "avx512", "amx", "sve")
ARCHITECTURES: Final = {"X86_64": "x86_64", "ARM64": "arm64", "I386": "i386"}


def read_sparecores_scores(
    scores: Path | str, machines: Path | str, prices: Path | str | None = None, *, priced: bool = False
) -> Benchmark:
    """Read Spare Cores from three tables.

    Parameters
    ----------
    scores : Path or str
        Columns server (``vendor/type``), config and value; a path or URL, Parquet or CSV.
    machines : Path or str
        Columns server, family, vcpus, cpu_architecture, memory_amount [MiB], gpu_count; also used where they are there:
        cpu_model, cpu_cores, cpu_speed, caches, avx2, avx512, amx, sve.
    prices : Path or str, optional
        Columns server, region and usd_hour: Linux, on demand.
    priced : bool
        Leave out servers without a price.

    Raises
    ------
    BadFile
        If a table cannot be read or fetched.
    InputError
        If a column is missing, or a score or price is not above zero.
    """
    frame = read_frame(scores, SCORE_COLUMNS)
    offers = _offers(prices)
    table = read_frame(machines, MACHINE_COLUMNS)
    for column in {*LOGARITHMS, "gpu_count"} & set(table.columns):
        numbers(table[column], machines)  # raises, with the row
    value, config = positive(frame["value"], scores), _text(frame, "config")
    latency = np.array([LATENCY in name for name in config])
    return assemble(
        server=_text(frame, "server"), config=config, seconds=np.where(latency, value * 1e-9, 1 / value),
        machines=table, offers=offers, sha256=digest(local(scores)), priced=priced,
    )  # fmt: skip


def assemble(
    *,
    server: Sequence[str],
    config: Sequence[str],
    seconds: NDArray[np.float64],
    machines: "DataFrame",
    offers: dict[str, tuple[Price, ...]],
    sha256: str,
    as_of: date = AS_OF,
    priced: bool = False,
) -> Benchmark:
    """Make the benchmark of seconds that follow from scores, of the servers that have one.

    A server that is not among ``machines``, or has no size there, stays with 0 vcpus or 0 bytes, which mean unknown.
    """
    known = dict(zip(_text(machines, "server"), machines.iter_rows(named=True), strict=True))
    keys = sorted(set(server))
    if priced:
        keys = [key for key in keys if offers.get(key)]
    names = sorted(set(config))
    machine, workload = positions(server, keys), positions(config, names)
    kept = machine >= 0
    if not kept.any():
        raise InputError("no scored server has a price", next="give a table of prices that names the scored servers")
    elapsed_s = seconds[kept]
    columns = [c for c in (*LOGARITHMS, *FLAGS) if c in machines.columns]
    return Benchmark(
        name="sparecores",
        catalog=Catalog(
            machines=tuple(_machine(key, known.get(key), offers.get(key, ())) for key in keys),
            source=SOURCE, licence=LICENCE, as_of=as_of, sha256=sha256,
        ),
        workloads=tuple(Workload(name=name, group=name.partition("|")[0]) for name in names),
        machine=machine[kept], workload=workload[kept], elapsed_s=elapsed_s,
        outcome=np.zeros(elapsed_s.size, np.int8), counters=np.empty((elapsed_s.size, 0)),
        features=np.array([[_feature(c, known.get(key, {}).get(c)) for c in columns] for key in keys], float),
        feature_names=tuple(f"log {c}" if c in LOGARITHMS else c for c in columns), note=NOTE,
    )  # fmt: skip


def _machine(key: str, row: dict[str, object] | None, prices: tuple[Price, ...]) -> Machine:
    if row is None:
        return Machine(key=key, vcpus=0.0, memory_bytes=0, prices=prices)
    arch = str(row["cpu_architecture"] or "")
    return Machine(
        key=key,
        vcpus=float(str(row["vcpus"] or 0)),
        memory_bytes=round(float(str(row["memory_amount"] or 0))) << 20,
        arch=ARCHITECTURES.get(arch, arch.lower()),
        family=f"{key.partition('/')[0]}/{row['family'] or ''}",
        cpu=str(row.get("cpu_model") or ""),
        gpus=int(float(str(row["gpu_count"] or 0))),
        prices=prices,
    )


def _feature(column: str, value: object) -> float:
    if value is None:
        return float("nan")
    number = float(value)  # type: ignore[arg-type]  # a cell of a column of numbers or of flags
    if column in LOGARITHMS:
        return float(np.log(number)) if number > 0 else float("nan")
    return number


def _offers(source: Path | str | None) -> dict[str, tuple[Price, ...]]:
    if source is None:
        return {}
    frame = read_frame(source, PRICE_COLUMNS)
    usd = positive(frame["usd_hour"], source)
    out: dict[str, list[Price]] = {}
    for server, region, price in zip(_text(frame, "server"), _text(frame, "region"), usd, strict=True):
        offer = Price(
            region=region, usd_hour=round(float(price), 6), kind="on-demand", as_of=AS_OF, source=PRICE_SOURCE
        )
        out.setdefault(server, []).append(offer)
    return {server: tuple(offers) for server, offers in out.items()}


def _text(frame: "DataFrame", column: str) -> list[str]:
    return [str(v) for v in frame[column].to_list()]
