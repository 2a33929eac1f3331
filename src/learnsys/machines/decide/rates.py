"""Prices for shapes that are sold by the core and the GiB: GCE's custom machines, Kubernetes requests, one's own."""

from collections.abc import Sequence
from datetime import date
from typing import final

import msgspec

from learnsys.core.errors import InputError
from learnsys.core.machine import Catalog, Machine, Price
from learnsys.core.units import parse_money


@final
class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars an hour of one core and of one GiB; ``family`` is that of GCE's custom machines, or empty."""

    region: str
    usd_core_hour: float
    usd_gib_hour: float
    as_of: date
    source: str
    family: str = ""

    def price(self, machine: Machine) -> Price:
        """Price a machine by its size."""
        usd = self.usd_core_hour * machine.vcpus + self.usd_gib_hour * machine.memory_bytes / 2**30
        return Price(region=self.region, usd_hour=usd, kind="on-demand", as_of=self.as_of, source=self.source)


def parse_rates(text: str, *, today: date) -> Rates:
    """Read rates: ``cpu=0.033,mem=0.0045`` (dollars an hour of a core, a GiB), or ``n2@us-central1`` of GCE.

    Raises
    ------
    InputError
        If it is neither.
    UnknownName
        If GCE has no such family or region.
    MissingExtra
        If apache-libcloud, which lists GCE's, is not installed.

    Examples
    --------
    >>> rates = parse_rates("cpu=0.03,mem=0.005", today=date(2026, 1, 1))
    >>> rates.usd_core_hour, rates.usd_gib_hour
    (0.03, 0.005)
    """
    if "=" in text:
        parts = dict(part.partition("=")[::2] for part in text.replace(" ", "").split(","))
        if set(parts) != {"cpu", "mem"}:
            raise _unreadable(text)
        core, gib = (parse_money(parts[name]) for name in ("cpu", "mem"))
        return Rates(region="", usd_core_hour=core, usd_gib_hour=gib, as_of=today, source="given")
    family, at, region = text.partition("@")
    if not (family and at and region):
        raise _unreadable(text)
    from learnsys.machines.offline.libcloud import custom_rates

    found = custom_rates(family, region)
    return Rates(
        region=region, usd_core_hour=found.usd_core_hour, usd_gib_hour=found.usd_gib_hour, as_of=found.as_of,
        source=f"GCE custom {family}", family=family,
    )  # fmt: skip


def unsold(rates: Rates, machines: Sequence[Machine]) -> list[str]:
    """Say how many of these sizes GCE prices by the core and the GiB but does not sell, if it is GCE's rates."""
    if not rates.family:
        return []
    from learnsys.machines.offline.libcloud import custom_sold

    keys = [m.key for m in machines if not custom_sold(rates.family, m.vcpus, m.memory_bytes)]
    if not keys:
        return []
    return [f"GCE sells no custom {rates.family} of {len(keys):,} of these {len(machines):,} sizes, as {keys[0]}: "
            "they only have its rates"]  # fmt: skip


def priced(catalog: Catalog, rates: Rates) -> Catalog:
    """Give every machine that has no price and a known size the price of that size."""
    return msgspec.structs.replace(
        catalog,
        machines=tuple(
            msgspec.structs.replace(m, prices=(rates.price(m),))
            if not m.prices and m.vcpus > 0 and m.memory_bytes > 0
            else m
            for m in catalog.machines
        ),
    )


def _unreadable(text: str) -> InputError:
    return InputError(f"{text!r} are no rates", value=text, next="write cpu=0.033,mem=0.0045 or n2@us-central1")
