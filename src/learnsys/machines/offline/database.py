"""Spare Cores' own database: the SQLite file of the ``sparecores-data`` package, or a copy of it.

Read are the tables server, server_price, benchmark_score, and benchmark where it is there, for it says of which scores
less is better. A configuration is the benchmark's id, its first part the suite, and its settings in their order.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from learnsys.core.errors import BadFile, InputError, MissingExtra
from learnsys.core.frames import polars
from learnsys.core.machine import Price
from learnsys.machines.benchmark import Benchmark
from learnsys.machines.offline.fetch import digest, local
from learnsys.machines.offline.sparecores import AS_OF, assemble

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "server": ("vendor_id", "server_id", "api_reference", "family", "vcpus", "cpu_architecture", "memory_amount"),
    "server_price": ("vendor_id", "server_id", "region_id", "operating_system", "allocation", "unit", "price"),
    "benchmark_score": ("vendor_id", "server_id", "benchmark_id", "config", "score"),
}
OPTIONAL: Final = (
    "gpu_count", "cpu_model", "cpu_cores", "cpu_speed", "cpu_l1_cache", "cpu_l1d_cache", "cpu_l2_cache", "cpu_l3_cache",
    "cpu_flags",
)  # fmt: skip
FLAGS: Final = {"avx2": "avx2", "avx512": "avx512f", "amx": "amx_tile", "sve": "sve"}


def packaged_database() -> Path:
    """Find the database that ``sparecores-data`` keeps, which that package downloads where it is missing or old.

    Raises
    ------
    MissingExtra
        If the package is not installed.
    BadFile
        If it could not download its data.
    """
    try:
        import sc_data
    except ImportError as error:
        raise MissingExtra(
            "sparecores-data is not installed",
            value="sparecores-data",
            next="pip install sparecores-data, or give a copy: learnsys machines data add sparecores COPY.db",
        ) from error
    except Exception as error:  # it raises whatever its download met
        raise _not_fetched(error) from error
    try:
        return Path(sc_data.db.path)
    except Exception as error:
        raise _not_fetched(error) from error


def read_database(source: Path | str) -> Benchmark:
    """Read Spare Cores' database from a path or URL.

    Raises
    ------
    BadFile
        If it is no SQLite database.
    InputError
        If a table or column is missing, or there is no score above zero.
    """
    path = local(source)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            _check(db, source)
            less = _less_is_better(db)
            rows = list(db.execute(f"SELECT {', '.join(NEEDED['benchmark_score'])} FROM benchmark_score"))
            references = dict(_references(db))
            machines, offers = list(_servers(db)), _offers(db, references)
    except sqlite3.Error as error:
        raise BadFile.unreadable(source, error) from error
    good = [r for r in rows if r["score"] is not None and r["score"] > 0]
    if not good:
        raise InputError(f"{source} has no score above zero", value=len(rows), next="fetch the database again")
    value = np.array([r["score"] for r in good], float)
    less_better = np.array([r["benchmark_id"] in less for r in good])
    return assemble(
        server=[references.get((r["vendor_id"], r["server_id"]), _key(r)) for r in good],
        config=[_config(r) for r in good], seconds=np.where(less_better, value, 1 / value),
        machines=polars().DataFrame(machines, infer_schema_length=None), offers=offers, sha256=digest(path),
        as_of=max((price.as_of for prices in offers.values() for price in prices), default=AS_OF),
    )  # fmt: skip


def _not_fetched(error: Exception) -> BadFile:
    return BadFile(
        f"sparecores-data could not fetch its database: {error}",
        value=type(error).__name__,
        next="check the network, or give a copy: learnsys machines data add sparecores COPY.db",
    )


def _check(db: sqlite3.Connection, source: Path | str) -> None:
    for table, needed in NEEDED.items():
        found = _columns(db, table)
        if missing := [c for c in needed if c not in found]:
            what = f"no column {', '.join(missing)} in table {table}" if found else f"no table {table}"
            raise InputError(f"{source} has {what}", value=missing, next="give Spare Cores' database as downloaded")


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}


def _less_is_better(db: sqlite3.Connection) -> set[str]:
    if "higher_is_better" not in _columns(db, "benchmark"):
        return set()
    return {r["benchmark_id"] for r in db.execute("SELECT benchmark_id FROM benchmark WHERE NOT higher_is_better")}


def _key(row: sqlite3.Row) -> str:
    return f"{row['vendor_id']}/{row['server_id']}"


def _references(db: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str]]:
    """Keys by what a vendor's interface calls a server, which is what people know."""
    for r in db.execute("SELECT vendor_id, server_id, api_reference FROM server"):
        yield (r["vendor_id"], r["server_id"]), f"{r['vendor_id']}/{r['api_reference'] or r['server_id']}"


def _servers(db: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    columns = [*NEEDED["server"], *(c for c in OPTIONAL if c in _columns(db, "server"))]
    for r in db.execute(f"SELECT {', '.join(columns)} FROM server"):
        row = dict(r)
        flags = set(json.loads(row.pop("cpu_flags", None) or "[]"))
        row["server"] = f"{row['vendor_id']}/{row['api_reference'] or row['server_id']}"
        row["cpu_l1_cache"] = row.get("cpu_l1_cache") or row.pop("cpu_l1d_cache", None)
        row.setdefault("gpu_count", 0)
        yield row | {name: flag in flags for name, flag in FLAGS.items()}


def _offers(db: sqlite3.Connection, references: dict[tuple[str, str], str]) -> dict[str, tuple[Price, ...]]:
    """On-demand prices of Linux by the hour, the lowest of a region's zones, in dollars."""
    columns = _columns(db, "server_price")
    dollars = "AND currency = 'USD'" if "currency" in columns else ""
    seen = "max(date(observed_at))" if "observed_at" in columns else "NULL"
    query = f"""
        SELECT vendor_id, server_id, region_id, min(price) AS usd_hour, {seen} AS as_of FROM server_price
        WHERE price > 0 AND upper(allocation) = 'ONDEMAND' AND upper(unit) = 'HOUR'
          AND lower(operating_system) = 'linux' {dollars}
        GROUP BY vendor_id, server_id, region_id"""
    return _grouped(
        (
            references.get((r["vendor_id"], r["server_id"]), _key(r)),
            Price(
                region=r["region_id"], usd_hour=float(r["usd_hour"]), kind="on-demand", source="Spare Cores",
                as_of=date.fromisoformat(r["as_of"]) if r["as_of"] else date.today(),
            ),
        )
        for r in db.execute(query)
    )  # fmt: skip


def _grouped(offers: Iterable[tuple[str, Price]]) -> dict[str, tuple[Price, ...]]:
    out: dict[str, list[Price]] = {}
    for key, price in offers:
        out.setdefault(key, []).append(price)
    return {key: tuple(prices) for key, prices in out.items()}


def _config(row: sqlite3.Row) -> str:
    """Name a configuration: ``suite|rest of the id|settings``."""
    suite, _, rest = row["benchmark_id"].partition(":")
    settings = json.loads(row["config"] or "{}")
    return "|".join(str(part) for part in (suite, *filter(None, (rest,)), *settings.values()))
