"""The measured table: a row a run in Parquet with host facts in its metadata, read as a ``Benchmark``.

The one beside this file was measured by this package on its own development machine; ``learnsys machines lab`` makes
another.
"""

import hashlib
import io
import platform
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing, write_atomic
from learnsys.core.frames import polars
from learnsys.core.host import Host
from learnsys.core.machine import Catalog, Machine
from learnsys.machines.benchmark import OUTCOMES, Benchmark, Workload
from learnsys.machines.lab.journal import Measured
from learnsys.machines.measure.shape import Shape

EMBEDDED: Final = Path(__file__).with_name("table.parquet")
VERSION: Final = 1
NOTE: Final = "shapes of one host"
LICENCE: Final = "Apache-2.0"
WHOLE: Final = ("cpu_s", "peak_bytes", "working_set_bytes")  # counters that are fields of a run
DIGITS: Final = 4  # that a counter keeps: more is noise, and bytes of the table
_METADATA: Final = "learnsys.lab"


@final
class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a table was measured."""

    version: int
    as_of: date
    sites: dict[str, Host]


def write_table(path: Path | str, runs: Sequence[Measured], sites: dict[str, Host]) -> Path:
    """Write the runs that count to a Parquet file.

    Raises
    ------
    InputError
        If there is none.
    """
    good = sorted((m for m in runs if m.run.rejected is None), key=lambda m: (m.program, -m.size, m.run.machine))
    if not good:
        raise InputError("no run was measured", next="run learnsys machines lab first")
    names = sorted({name for m in good for name in m.run.counters})
    columns: dict[str, list[Any]] = {
        "program": [m.program for m in good],
        "size": [m.size for m in good],
        "machine": [m.run.machine for m in good],
        "outcome": [m.run.outcome for m in good],
        **{key: [getattr(m.run, key) for m in good] for key in ("elapsed_s", "spent_s", *WHOLE)},
    }
    for name in names:
        pairs = [m.run.counters.get(name, (None, None)) for m in good]
        columns[name] = [_rounded(mean) for mean, _ in pairs]
        columns[f"p|{name}"] = [_rounded(p90) for _, p90 in pairs]
    pl = polars()
    frame = pl.DataFrame(columns, infer_schema_length=None)
    small = [c for c in frame.columns if frame[c].dtype == pl.Float64]
    facts = Facts(version=VERSION, as_of=_day(good), sites=sites)
    frame.with_columns(pl.col(small).cast(pl.Float32)).write_parquet(
        out := io.BytesIO(),
        compression="zstd",
        compression_level=19,
        metadata={_METADATA: msgspec.json.encode(facts).decode()},
    )
    return write_atomic(path, out.getvalue())


def is_table(path: Path) -> bool:
    """Tell whether a Parquet file is a table of the lab."""
    pl = polars()
    try:
        return _METADATA in pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError):
        return False


def read_table(path: Path | str, *, name: str = "lab") -> Benchmark:
    """Read a table as a benchmark: workloads ``program@size`` in groups by program, machines the shapes.

    Raises
    ------
    BadFile
        If the file is missing or no table of the lab.
    """
    pl, content = polars(), existing(path).read_bytes()
    try:
        told = pl.read_parquet_metadata(io.BytesIO(content)).get(_METADATA)
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadFile.unreadable(path, error) from error
    if told is None:
        raise BadFile(
            f"{path} is no table of the lab", value=str(path), next="make one: learnsys machines lab --save FILE"
        )
    facts = msgspec.json.decode(told, type=Facts)
    keys = sorted(frame["machine"].unique().to_list(), key=_place)
    jobs = sorted(set(frame.select("program", "size").rows()), key=lambda job: (job[0], -job[1]))
    at_key, at_job = {k: i for i, k in enumerate(keys)}, {j: i for i, j in enumerate(jobs)}
    counters = [c for c in frame.columns if c not in ("program", "size", "machine", "outcome", "elapsed_s", "spent_s")]
    machines = tuple(_machine(key, facts.sites) for key in keys)
    return Benchmark(
        name=name,
        note=NOTE if len(facts.sites) == 1 else f"shapes of {len(facts.sites)} hosts",
        catalog=Catalog(
            machines=machines, source="learnsys machines lab", licence=LICENCE, as_of=facts.as_of,
            sha256=hashlib.sha256(content).hexdigest(),
        ),
        workloads=tuple(Workload(name=f"{name}@{size:g}", group=name, size=size) for name, size in jobs),
        machine=np.array([at_key[key] for key in frame["machine"]], np.intp),
        workload=np.array([at_job[job] for job in frame.select("program", "size").iter_rows()], np.intp),
        elapsed_s=frame["elapsed_s"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        outcome=np.array([OUTCOMES.index(o) for o in frame["outcome"]], np.int8),
        counters=frame.select(pl.col(counters).cast(pl.Float64).fill_null(float("nan"))).to_numpy(),
        counter_names=tuple(counters),
        features=np.log([[m.vcpus, m.memory_bytes] for m in machines]),
        feature_names=("log_cpu", "log_memory"),
    )  # fmt: skip


@cache
def load_lab() -> Benchmark:
    """Read the embedded table."""
    return read_table(EMBEDDED)


def read_facts(path: Path | str = EMBEDDED) -> Facts:
    """Read where and when a table was measured."""
    told = polars().read_parquet_metadata(existing(path)).get(_METADATA)
    return msgspec.json.decode(told, type=Facts)


def _machine(key: str, sites: dict[str, Host]) -> Machine:
    site, _, text = key.partition("/")
    shape = Shape.parse(text)
    return Machine(
        key=key, vcpus=shape.cpu, memory_bytes=shape.memory_bytes, arch=platform.machine() if site == "host" else "",
        family=site, cpu=sites[site].cpu if site in sites else "",
    )  # fmt: skip


def _place(key: str) -> tuple[str, float, int]:
    site, _, text = key.partition("/")
    shape = Shape.parse(text)
    return site, shape.cpu, shape.memory_bytes


def _rounded(x: float | None) -> float | None:
    return None if x is None else float(f"{x:.{DIGITS}g}")


def _day(runs: Sequence[Measured]) -> date:
    return max((m.run.started or datetime.now(UTC) for m in runs), default=datetime.now(UTC)).date()
