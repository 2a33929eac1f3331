"""One's own offline benchmark: two tables, CSV or Parquet, local or at a URL.

Runs, a row each:

    workload, machine, elapsed_s      needed; elapsed_s empty where the outcome is not ok
    outcome                           ok (if left out), oom, timeout, failed; ``missing`` counts as failed
    rep, group, size                  optional; workloads of one group are held out together, size is that of the input
    anything else that is a number    a counter; NAME is a mean, p|NAME a 90th percentile

Machines, a row each, several where prices differ by region:

    key, vcpus, memory                needed; key is ``vendor/type``, memory bytes or ``16GiB``
    usd_hour, region, as_of           a price on demand and its day, as 2026-01-31; ``currency``, if there, must say USD
    arch, family, cpu, gpus           optional
    anything else that is a number    a feature
"""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from learnsys.core.errors import InputError, UnknownMachine
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.core.units import parse_size
from learnsys.machines.benchmark import OUTCOMES, Benchmark, Workload
from learnsys.machines.offline.fetch import digest, local
from learnsys.machines.offline.frames import Floats, numbers, positions, positive, read_frame, words

if TYPE_CHECKING:
    from polars import DataFrame

RUN_COLUMNS: Final = ("workload", "machine", "elapsed_s")
MACHINE_COLUMNS: Final = ("key", "vcpus", "memory")
NOT_COUNTERS: Final = (*RUN_COLUMNS, "outcome", "rep", "group", "size")
PRICE: Final = re.compile("price|cost|hour", re.IGNORECASE)  # what is meant as one, under another name
NOT_FEATURES: Final = (
    *MACHINE_COLUMNS, "usd_hour", "region", "as_of", "currency", "arch", "family", "cpu", "gpus",
)  # fmt: skip


def read_own(
    runs: Path | str, machines: Path | str, *, name: str = "own", licence: str = "one's own", as_of: date | None = None
) -> Benchmark:
    """Read one's own benchmark.

    Parameters
    ----------
    runs, machines : Path or str
        The two tables; their columns are listed at the top of this module.
    name, licence : str
        What to call it, and under which terms it may be passed on.
    as_of : date, optional
        Day of the prices that have none of their own; today if not given.

    Raises
    ------
    BadFile
        If a table cannot be read or fetched.
    InputError
        If a column is missing, a time or price is not above zero, or a price is in another currency.
    UnknownMachine
        If a run names a machine that is not in the table.
    """
    catalog, features, feature_names = read_machines(machines, licence=licence, as_of=as_of)
    frame = read_frame(runs, RUN_COLUMNS)
    keys, names = words(frame["machine"], runs), words(frame["workload"], runs)
    machine = positions(keys, [m.key for m in catalog.machines])
    if (machine < 0).any():
        row = int((machine < 0).argmax())
        near = UnknownMachine.of("machine", keys[row], [m.key for m in catalog.machines])
        raise UnknownMachine(f"{runs}, row {row}: {near.message}", value=keys[row], next=near.next)
    outcome = _outcomes(frame, runs)
    workloads = _workloads(frame, names, runs)
    counters = _extra(frame, NOT_COUNTERS)
    return Benchmark(
        name=name, catalog=catalog, workloads=workloads, machine=machine,
        workload=positions(names, [w.name for w in workloads]),
        elapsed_s=_elapsed(frame, outcome, runs), outcome=outcome, counters=_matrix(frame, counters, runs),
        counter_names=counters, features=features, feature_names=feature_names,
    )  # fmt: skip


def read_machines(
    source: Path | str, *, licence: str = "one's own", as_of: date | None = None
) -> tuple[Catalog, Floats, tuple[str, ...]]:
    """Read a table of machines: the catalogue, features (V, F) and their names, logarithms of size first."""
    frame = read_frame(source, MACHINE_COLUMNS)
    if "usd_hour" not in frame.columns and (priced := [c for c in frame.columns if PRICE.search(c)]):
        raise InputError(
            f"{source} has no column usd_hour, but {', '.join(priced)}", value=priced,
            next="write prices as usd_hour, in dollars an hour, or drop that column",
        )  # fmt: skip
    vcpus = positive(frame["vcpus"], source)
    usd = positive(frame["usd_hour"], source, null=True) if "usd_hour" in frame.columns else None
    rows: dict[str, tuple[int, list[Price]]] = {}
    today = as_of or date.today()
    keys = words(frame["key"], source)
    for i, row in enumerate(frame.iter_rows(named=True)):
        _, prices = rows.setdefault(keys[i], (i, []))
        if usd is not None and np.isfinite(usd[i]):
            prices.append(_price(row, i, float(usd[i]), today, source))
    gpus = np.nan_to_num(numbers(frame["gpus"], source)) if "gpus" in frame.columns else np.zeros(frame.height)
    first = frame[[i for i, _ in rows.values()]]
    names = _extra(frame, NOT_FEATURES)
    catalog = Catalog(
        machines=tuple(
            Machine(
                key=key, vcpus=float(vcpus[i]), memory_bytes=_memory(frame["memory"][i], i, source),
                prices=tuple(prices), gpus=int(gpus[i]), **_described(frame, i),
            )
            for key, (i, prices) in rows.items()
        ),
        source=str(source), licence=licence, as_of=max((p.as_of for _, ps in rows.values() for p in ps), default=today),
        sha256=digest(local(source)),
    )  # fmt: skip
    sizes = np.log([[m.vcpus, m.memory_bytes] for m in catalog.machines])
    return catalog, np.hstack([sizes, _matrix(first, names, source)]), ("log vcpus", "log memory", *names)


def _price(row: dict[str, Any], i: int, usd: float, today: date, source: Path | str) -> Price:
    if (currency := str(row.get("currency") or "USD")) != "USD":
        raise InputError(
            f"{source}, row {i}: the price of {row['key']} is in {currency}, not USD",
            value=currency,
            next="convert it, and say USD",
        )
    day = row.get("as_of") or today
    try:
        day = day if isinstance(day, date) else date.fromisoformat(str(day))
    except ValueError as error:
        raise InputError(f"{source}, row {i}: as_of is no day: {day!r}", value=day, next="write 2026-01-31") from error
    return Price(
        region=str(row.get("region") or ""),
        usd_hour=usd,
        kind="on-demand",
        source=str(source),
        as_of=day,
    )


def _memory(value: object, i: int, source: Path | str) -> int:
    try:
        size = parse_size(value if isinstance(value, int | float) else str(value))
    except InputError as error:
        raise InputError(f"{source}, row {i}: memory: {error.message}", value=value, next=error.next) from error
    if size <= 0:
        raise InputError(f"{source}, row {i}: memory must be above zero", value=value, next="mend that row")
    return size


def _described(frame: "DataFrame", i: int) -> dict[str, Any]:
    return {c: str(frame[c][i] or "") for c in ("arch", "family", "cpu") if c in frame.columns}


def _outcomes(frame: "DataFrame", source: Path | str) -> np.ndarray[Any, np.dtype[np.int8]]:
    if "outcome" not in frame.columns:
        return np.zeros(frame.height, np.int8)
    said = ["failed" if o == "missing" else str(o or "ok") for o in frame["outcome"]]
    out = positions(said, OUTCOMES)
    if (out < 0).any():
        row = int((out < 0).argmax())
        raise InputError(
            f"{source}, row {row}: unknown outcome {said[row]!r}", value=said[row], next=f"write {', '.join(OUTCOMES)}"
        )
    return out.astype(np.int8)


def _elapsed(frame: "DataFrame", outcome: np.ndarray[Any, np.dtype[np.int8]], source: Path | str) -> Floats:
    elapsed_s = numbers(frame["elapsed_s"], source)
    wrong = (outcome == 0) & ~((elapsed_s > 0) & np.isfinite(elapsed_s))
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"{source}, row {row}: elapsed_s must be above zero where the outcome is ok, not {elapsed_s[row]:g}",
            value=float(elapsed_s[row]),
            next="mend that row, or say what happened: oom, timeout or failed",
        )
    return np.where(outcome == 0, elapsed_s, np.nan)


def _workloads(frame: "DataFrame", names: list[str], source: Path | str) -> tuple[Workload, ...]:
    """One workload a name, in order of appearance; its group and size are those of its first row."""
    groups = names
    if "group" in frame.columns:
        groups = [name if group is None else str(group) for name, group in zip(names, frame["group"], strict=True)]
    sizes = positive(frame["size"], source, null=True) if "size" in frame.columns else np.full(len(names), np.nan)
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        first.setdefault(name, i)
    return tuple(
        Workload(name=n, group=groups[i], size=None if np.isnan(sizes[i]) else float(sizes[i]))
        for n, i in first.items()
    )


def _extra(frame: "DataFrame", taken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(c for c in frame.columns if c not in taken and frame[c].dtype.is_numeric())


def _matrix(frame: "DataFrame", columns: tuple[str, ...], source: Path | str) -> Floats:
    if not columns:
        return np.empty((frame.height, 0))
    return np.column_stack([numbers(frame[c], source) for c in columns])
