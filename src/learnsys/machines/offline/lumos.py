"""Lumos: Hadoop, Hive and Spark jobs on 55 machine types of four clouds, with what sar saw (Wang et al., WWW 2022).

Two tables: the runs (cloud, vm, framework, algo, size, elapsed_s, input_bytes, ``m|`` mean and ``p|`` 90th percentile
of each counter) and the machines (cloud, vm, vcpus, memory_gib, price_cny_hour). Their prices are in yuan: the AWS rows
are Amazon's dollar prices of us-east-1 times 6.54, so all rows are divided by it again.
"""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.frames import polars
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.core.units import parse_size
from learnsys.machines.benchmark import Benchmark, Workload
from learnsys.machines.offline.fetch import digest, local
from learnsys.machines.offline.frames import numbers, positions, positive, read_frame

if TYPE_CHECKING:
    from polars import DataFrame

CNY_PER_USD: Final = 6.54
AS_OF: Final = date(2021, 1, 1)  # when a dollar was 6.54 yuan; the source gives no day
SOURCE: Final = f"github jind5182/lumos-dataset, CNY at {CNY_PER_USD} a USD"
LICENCE: Final = "none stated"
SIZES: Final = ("tiny", "small", "large", "huge")
RUN_COLUMNS: Final = ("cloud", "vm", "framework", "algo", "size", "elapsed_s", "input_bytes")
MACHINE_COLUMNS: Final = ("cloud", "vm", "vcpus", "memory_gib", "price_cny_hour")
MEMORY_GIB: Final = {"aws/c5.2xlarge": 16}  # the table says 26
FEATURES: Final = ("log vcpus", "log memory", "log usd_hour")


def read_lumos(runs: Path | str, machines: Path | str) -> Benchmark:
    """Read Lumos.

    A workload is ``framework/algo/size``, its group ``framework/algo``, its size the median of its input in bytes.
    Counters keep their names: ``m|%user`` is a mean, ``p|%user`` a 90th percentile.

    Parameters
    ----------
    runs, machines : Path or str
        Its two tables, Parquet or CSV, by path or URL.

    Raises
    ------
    BadFile
        If a table cannot be read or fetched.
    InputError
        If a column is missing, or a time, size or price is not above zero.
    UnknownMachine
        If a run names a machine that is not in the table.
    """
    frame = read_frame(runs, RUN_COLUMNS)
    catalog = _catalog(machines)
    keys = _joined(frame, ("cloud", "vm"))
    names = _joined(frame, ("framework", "algo", "size"))
    sizes = numbers(frame["input_bytes"], runs)
    workloads = _workloads(names, sizes)
    machine = positions(keys, [m.key for m in catalog.machines])
    if (machine < 0).any():
        catalog.get(keys[int((machine < 0).argmax())])  # raises, with the nearest names
    counters = [c for c in frame.columns if c[:2] in ("m|", "p|")]
    elapsed_s = positive(frame["elapsed_s"], runs)
    return Benchmark(
        name="lumos", catalog=catalog, workloads=workloads, machine=machine,
        workload=positions(names, [w.name for w in workloads]),
        elapsed_s=elapsed_s, outcome=np.zeros(elapsed_s.size, np.int8),
        counters=frame.select(counters).cast(polars().Float64).fill_null(float("nan")).to_numpy(),
        counter_names=tuple(counters),
        features=_features(catalog), feature_names=FEATURES,
    )  # fmt: skip


def _catalog(source: Path | str) -> Catalog:
    frame = read_frame(source, MACHINE_COLUMNS)
    keys = _joined(frame, ("cloud", "vm"))
    usd_hour = positive(frame["price_cny_hour"], source) / CNY_PER_USD
    vcpus, gib = positive(frame["vcpus"], source), positive(frame["memory_gib"], source)
    return Catalog(
        machines=tuple(
            Machine(
                key=key,
                vcpus=float(v),
                memory_bytes=parse_size(f"{MEMORY_GIB.get(key, g)}GiB"),
                arch="x86_64",
                family=key.partition(".")[0],
                prices=(
                    Price(
                        region="us-east-1" if key.startswith("aws/") else "cn",
                        usd_hour=float(usd), kind="on-demand", as_of=AS_OF, source=SOURCE,
                    ),
                ),
            )
            for key, v, g, usd in zip(keys, vcpus, gib, usd_hour, strict=True)
        ),
        source=SOURCE, licence=LICENCE, as_of=AS_OF, sha256=digest(local(source)),
    )  # fmt: skip


def _workloads(names: list[str], sizes: NDArray[np.float64]) -> tuple[Workload, ...]:
    """One workload a name, ordered by group and then by size."""
    of: dict[str, list[float]] = {}
    for name, size in zip(names, sizes, strict=True):
        of.setdefault(name, []).append(size)

    def order(name: str) -> tuple[str, int]:
        group, _, size = name.rpartition("/")
        return group, SIZES.index(size) if size in SIZES else len(SIZES)

    def median(values: list[float]) -> float | None:
        return None if np.isnan(values).all() else float(np.nanmedian(values))  # Hive's inputs were not recorded

    return tuple(Workload(name=n, group=n.rpartition("/")[0], size=median(of[n])) for n in sorted(of, key=order))


def _features(catalog: Catalog) -> NDArray[np.float64]:
    return np.log([[m.vcpus, m.memory_bytes, m.prices[0].usd_hour] for m in catalog.machines])


def _joined(frame: "DataFrame", columns: tuple[str, ...]) -> list[str]:
    return ["/".join(map(str, row)) for row in frame.select(columns).iter_rows()]
