"""Which machines come into question: by vendor, region, price, architecture, memory, cores."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.machine import Machine, Price
from learnsys.core.units import format_money, format_size

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@final
class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions on machines; None is no condition.

    Attributes
    ----------
    vendor, region, arch : str, optional
        As in the catalogue; the first also several, separated by commas.
    max_price : float, optional
        US dollars an hour of one machine.
    min_memory : int, optional
        Bytes.
    max_vcpus : float, optional
        The quota: most virtual cores.
    """

    vendor: str | None = None
    region: str | None = None
    arch: str | None = None
    max_price: float | None = None
    min_memory: int | None = None
    max_vcpus: float | None = None


ANYWHERE: Final = Where()


@final
class Fleet:
    """Machines as columns, so that thousands are filtered at once.

    Parameters
    ----------
    machines : sequence of Machine
        V of them.
    """

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = tuple(machines)
        self._offers: dict[str | None, tuple[tuple[Price | None, ...], Floats]] = {}

    @cached_property
    def keys(self) -> NDArray[np.str_]:
        """Key of each machine."""
        return np.array([m.key for m in self.machines])

    @cached_property
    def vendors(self) -> NDArray[np.str_]:
        """Vendor of each machine."""
        return np.array([m.vendor for m in self.machines])

    @cached_property
    def archs(self) -> NDArray[np.str_]:
        """Architecture of each machine; empty where unknown."""
        return np.array([m.arch for m in self.machines])

    @cached_property
    def memory(self) -> Floats:
        """Bytes of memory, NaN where unknown."""
        size = np.array([m.memory_bytes for m in self.machines], float)
        return np.where(size > 0, size, np.nan)

    @cached_property
    def vcpus(self) -> Floats:
        """Virtual cores, NaN where unknown."""
        n = np.array([m.vcpus for m in self.machines], float)
        return np.where(n > 0, n, np.nan)

    def offers(self, region: str | None = None) -> tuple[tuple[Price | None, ...], Floats]:
        """Give each machine's cheapest on-demand price in a region, or anywhere, and its dollars an hour (or NaN)."""
        if region not in self._offers:
            prices = tuple(m.cheapest(region) for m in self.machines)
            self._offers[region] = prices, np.array([np.nan if p is None else p.usd_hour for p in prices])
        return self._offers[region]

    def select(self, where: Where = ANYWHERE) -> Indices:
        """Keep the machines that meet every condition; what is unknown of a machine does not meet one.

        Raises
        ------
        UnknownName
            If no machine at all has that vendor, region or architecture; near names are suggested.
        InputError
            If the conditions leave no machine.
        """
        keep = np.ones(len(self.machines), bool)
        if where.vendor is not None:
            vendors = [v.strip() for v in where.vendor.split(",")]
            for vendor in vendors:
                _known("vendor", vendor, self.vendors)
            keep &= np.isin(self.vendors, vendors)
        if where.arch is not None:
            _known("architecture", where.arch, self.archs)
            keep &= self.archs == where.arch
        if where.region is not None:
            if not any(m.prices for m in self.machines):
                raise InputError(
                    f"there is no price in {where.region}: these machines have none", value=where.region,
                    next="drop the region, and rank by time",
                )  # fmt: skip
            _known("region with a price", where.region, np.array([p.region for m in self.machines for p in m.prices]))
            keep &= np.isfinite(self.offers(where.region)[1])
        if where.max_price is not None:
            keep &= self.offers(where.region)[1] <= where.max_price
        if where.min_memory is not None:
            keep &= self.memory >= where.min_memory
        if where.max_vcpus is not None:
            keep &= self.vcpus <= where.max_vcpus
        if not keep.any():
            said = ", ".join(_said(where))
            raise InputError(
                f"none of {len(keep):,} machines meets {said}", value=said, next="loosen one of these conditions"
            )
        return np.flatnonzero(keep)


def _known(what: str, name: str, known: NDArray[np.str_]) -> None:
    if not (known == name).any():
        raise UnknownName.of(what, name, sorted({str(k) for k in known if k}))


def _said(where: Where) -> list[str]:
    """Write the conditions as they are typed."""
    written = {"max_price": format_money, "min_memory": format_size, "max_vcpus": "{:g}".format}
    names = {"max_price": "max-price", "min_memory": "memory", "max_vcpus": "max-vcpus"}
    pairs = ((f, getattr(where, f)) for f in where.__struct_fields__)
    return [f"--{names.get(f, f)} {written.get(f, str)(v)}" for f, v in pairs if v is not None]
