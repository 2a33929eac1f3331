"""Sizes and prices of EC2, Azure and GCE from the tables in apache-libcloud's wheel: no account, no network, dated.

EC2's sizes are a table too. GCE prices cores and memory, and its names say how much of each. Azure's names say cores,
and its series how much memory goes with one; irregular series are left out. What was parsed once is kept under the
version of the package.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final, final

import msgspec

from learnsys.core.errors import BadFile, MissingExtra, UnknownName
from learnsys.core.files import write_atomic
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.core.store import default_root

PACKAGE: Final = "apache-libcloud"
LICENCE: Final = "Apache-2.0"
VERSION: Final = 1  # raise it when the same tables are read differently
GIB: Final = 1 << 30
MIB: Final = 1 << 20
# GCE: GiB a core of predefined types, by series and kind.
GCE_GIB: Final[dict[str, dict[str, float]]] = {
    "n1": {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9},
    "n2": {"standard": 4, "highmem": 8, "highcpu": 1},
    "n2d": {"standard": 4, "highmem": 8, "highcpu": 1},
    "e2": {"standard": 4, "highmem": 8, "highcpu": 1},
    "c2": {"standard": 4},
}
GCE_CORES: Final[dict[str, tuple[int, ...]]] = {
    "n1": (1, 2, 4, 8, 16, 32, 64, 96),
    "n2": (2, 4, 8, 16, 32, 48, 64, 80),
    "n2d": (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224),
    "e2": (2, 4, 8, 16, 32),
    "c2": (4, 8, 16, 30, 60),
}
GCE_MOST: Final = {("n2", "highcpu"): 80, ("n2d", "highmem"): 96, ("e2", "highmem"): 16}
# GCE's custom machines: numbers of cores, and GiB a core from least to most.
GCE_CUSTOM: Final[dict[str, tuple[tuple[int, ...], float, float]]] = {
    "n1": ((1, *range(2, 97, 2)), 0.9, 6.5),
    "n2": ((*range(2, 33, 2), *range(36, 129, 4)), 0.5, 8),
    "n2d": ((2, 4, 8, *range(16, 97, 16)), 0.5, 8),
    "e2": (tuple(range(2, 33, 2)), 0.5, 8),
}
# Azure: GiB a core of series whose sizes are regular; the version follows.
AZURE_GIB: Final = {"d": 4, "e": 8, "f": 2, "l": 8}
AZURE_NAME: Final = re.compile(r"standard([defl])(\d+)((?:a|d|s)*)(v[2-9])")
AZURE_IRREGULAR: Final = {("e", 20), ("e", 64), ("e", 96), ("e", 80), ("e", 104)}
NITRO_ARM: Final = re.compile(r"^(a1|[a-z]+\d+g[a-z]*|im4gn|is4gen|hpc7g)\.")


@final
class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars an hour of one core and of one GiB, where a provider sells them apart."""

    family: str
    region: str
    usd_core_hour: float
    usd_gib_hour: float
    as_of: date


def list_prices() -> Catalog:
    """List the machine types of EC2, Azure and GCE with their Linux prices on demand, in every region.

    Raises
    ------
    MissingExtra
        If apache-libcloud is not installed.
    """
    return _cached(_version())


def custom_rates(family: str, region: str) -> Rates:
    """Look up what GCE asks for one core and one GiB of a custom machine, ``n1``, ``n2``, ``n2d`` or ``e2``.

    Raises
    ------
    MissingExtra
        If apache-libcloud is not installed.
    UnknownName
        If the family has no custom machines, or no price in the region.
    """
    prices = _pricing()
    tables = {k.removesuffix("_custom"): v for k, v in prices["compute"]["gce_instances"].items() if "_custom" in k}
    tables = {k: v for k, v in tables.items() if "extended" not in k}
    if family not in tables:
        raise UnknownName.of("family of custom machines", family, sorted(tables))
    core, ram = (tables[family][part]["on_demand"] for part in ("cpu", "ram"))
    if region not in core or region not in ram:
        raise UnknownName.of("region", region, sorted(set(core) & set(ram)))
    return Rates(
        family=family, region=region, usd_core_hour=core[region]["price"], usd_gib_hour=ram[region]["price"],
        as_of=_day(prices),
    )  # fmt: skip


def custom_sold(family: str, vcpus: float, memory_bytes: float) -> bool:
    """Tell whether GCE sells a custom machine of this family and size; one whose limits are not known passes."""
    if family not in GCE_CUSTOM:
        return True
    cores, least, most = GCE_CUSTOM[family]
    return vcpus in cores and least <= memory_bytes / GIB / vcpus <= most


def _version() -> str:
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError as error:
        raise MissingExtra.of(PACKAGE, "machines") from error


@lru_cache(maxsize=1)
def _cached(version: str) -> Catalog:
    path = default_root() / "cache" / f"libcloud-{version}-{VERSION}.catalog"
    if path.exists():
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=Catalog)
        except msgspec.MsgspecError:  # cut short: parse again
            path.unlink(missing_ok=True)
    catalog = _parse(version)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, msgspec.msgpack.encode(catalog))
    return catalog


def _parse(version: str) -> Catalog:
    prices = _pricing()
    day, source = _day(prices), f"{PACKAGE} {version}"
    compute = prices["compute"]
    machines = [*_ec2(compute, day, source), *_azure(compute, day, source), *_gce(compute, day, source)]
    return Catalog(
        machines=tuple(sorted(machines, key=lambda m: m.key)),
        source=source, licence=LICENCE, as_of=day, sha256=sha256(_pricing_file().read_bytes()).hexdigest(),
    )  # fmt: skip


def _pricing_file() -> Path:
    found = util.find_spec("libcloud")
    if found is None or found.origin is None:
        raise MissingExtra.of(PACKAGE, "machines")
    return Path(found.origin).parent / "data" / "pricing.json"


def _pricing() -> dict[str, Any]:
    path = _pricing_file()
    try:
        prices: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadFile.unreadable(path, error) from error
    return prices


def _day(prices: dict[str, Any]) -> date:
    return datetime.fromtimestamp(prices["updated"], UTC).date()


def _offers(by_region: dict[str, float], day: date, source: str) -> tuple[Price, ...]:
    """Prices above zero: a zero says that the type is not sold there."""
    return tuple(
        Price(region=region, usd_hour=float(usd), kind="on-demand", as_of=day, source=source)
        for region, usd in sorted(by_region.items())
        if float(usd) > 0
    )


def _ec2(compute: dict[str, Any], day: date, source: str) -> Iterator[Machine]:
    from libcloud.compute.constants.ec2_instance_types import INSTANCE_TYPES

    sizes: dict[str, Any] = INSTANCE_TYPES
    for name, size in sizes.items():
        extra = size["extra"]
        if not extra.get("vcpu", "").isdigit():
            continue
        yield Machine(
            key=f"aws/{name}", vcpus=float(extra["vcpu"]), memory_bytes=size["ram"] * MIB,
            arch="arm64" if NITRO_ARM.match(name) else "x86_64", family=f"aws/{name.partition('.')[0]}",
            cpu=extra.get("physicalProcessor", ""), gpus=int(extra["gpu"]) if extra.get("gpu", "").isdigit() else 0,
            prices=_offers(compute["ec2_linux"].get(name, {}), day, source),
        )  # fmt: skip


def _azure(compute: dict[str, Any], day: date, source: str) -> Iterator[Machine]:
    for name, by_region in compute["azure_linux"].items():
        if not (found := AZURE_NAME.fullmatch(name)):
            continue
        series, cores, flags, version = found[1], int(found[2]), found[3], found[4]
        if (series, cores) in AZURE_IRREGULAR or (series == "d" and version == "v2"):
            continue
        yield Machine(
            key=f"azure/Standard_{series.upper()}{cores}{flags}_{version}", vcpus=float(cores),
            memory_bytes=AZURE_GIB[series] * cores * GIB, arch="x86_64",
            family=f"azure/{series.upper()}{flags}_{version}", prices=_offers(by_region, day, source),
        )  # fmt: skip


def _gce(compute: dict[str, Any], day: date, source: str) -> Iterator[Machine]:
    for series, kinds in GCE_GIB.items():
        rates = compute["gce_instances"][series]
        core, ram = rates["cpu"]["on_demand"], rates["ram"]["on_demand"]
        for kind, gib in kinds.items():
            for n in GCE_CORES[series]:
                if n > GCE_MOST.get((series, kind), n) or (series == "n1" and kind != "standard" and n == 1):
                    continue
                usd = {r: round(n * (core[r]["price"] + gib * ram[r]["price"]), 6) for r in core if r in ram}
                yield Machine(
                    key=f"gcp/{series}-{kind}-{n}", vcpus=float(n), memory_bytes=round(n * gib * GIB), arch="x86_64",
                    family=f"gcp/{series}-{kind}", prices=_offers(usd, day, source),
                )  # fmt: skip
