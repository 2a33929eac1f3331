"""Machines and their prices, as a catalogue that answers by name, region and price."""

from datetime import date
from typing import TYPE_CHECKING, Literal, Self, final

import msgspec

from learnsys.core.chart import altair, styled
from learnsys.core.errors import UnknownMachine
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt


@final
class Price(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars an hour for one machine in one region, on one day."""

    region: str
    usd_hour: float
    kind: Literal["on-demand", "spot"]
    as_of: date
    source: str


@final
class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine type. ``key`` is ``vendor/type``; a shape of this host is ``host/cpu=1,mem=2GiB``."""

    key: str
    vcpus: float
    memory_bytes: int
    arch: str = ""
    family: str = ""
    cpu: str = ""
    gpus: int = 0
    features: dict[str, float] = {}
    prices: tuple[Price, ...] = ()

    @property
    def vendor(self) -> str:
        """The part of the key before the slash."""
        return self.key.partition("/")[0]

    def cheapest(self, region: str | None = None, *, kind: str = "on-demand") -> Price | None:
        """Find the lowest price of a kind, in ``region`` or anywhere."""
        offers = [p for p in self.prices if p.kind == kind and region in (None, p.region)]
        return min(offers, key=lambda p: p.usd_hour, default=None)


@final
class Catalog(AbstractResult, frozen=True, kw_only=True):
    """Machines from one source, with where and when they were taken from it."""

    machines: tuple[Machine, ...]
    source: str
    licence: str
    as_of: date
    sha256: str

    def get(self, key: str) -> Machine:
        """Look a machine up by its key.

        Raises
        ------
        UnknownMachine
            If no machine has that key; the nearest keys are suggested.
        """
        for machine in self.machines:
            if machine.key == key:
                return machine
        raise UnknownMachine.of("machine", key, [m.key for m in self.machines])

    def where(
        self,
        *,
        vendor: str | None = None,
        region: str | None = None,
        max_usd_hour: float | None = None,
        arch: str | None = None,
    ) -> Self:
        """Keep the machines that fit every given condition.

        A price limit applies to the cheapest on-demand price in ``region`` (anywhere if None);
        a machine without a price does not meet it.
        """

        def fits(machine: Machine) -> bool:
            price = machine.cheapest(region)
            return (
                vendor in (None, machine.vendor)
                and arch in (None, machine.arch)
                and (region is None or any(p.region == region for p in machine.prices))
                and (max_usd_hour is None or (price is not None and price.usd_hour <= max_usd_hour))
            )

        return msgspec.structs.replace(self, machines=tuple(filter(fits, self.machines)))

    def table(self) -> Table:
        """Show the machines with their cheapest on-demand price."""
        return Table(
            columns=(
                Column(name="machine"),
                Column(name="vcpus", kind="number"),
                Column(name="memory", unit="B", kind="size"),
                Column(name="arch"),
                Column(name="per hour", unit="USD", kind="money"),
            ),
            rows=tuple(
                (m.key, m.vcpus, m.memory_bytes, m.arch, p.usd_hour if (p := m.cheapest()) else None)
                for m in self.machines
            ),
            notes=(f"{self.source}, {self.as_of}, {self.licence}",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the cheapest on-demand price of each machine against its size."""
        alt = altair()
        values = [
            {"machine": m.key, "vendor": m.vendor, "vcpus": m.vcpus, "usd": price.usd_hour}
            for m in self.machines
            if (price := m.cheapest()) is not None
        ]
        log = alt.Scale(type="log")
        return styled(
            alt.Chart(alt.Data(values=values))
            .mark_point()
            .encode(
                x=alt.X("vcpus:Q", scale=log),
                y=alt.Y("usd:Q", scale=log, title="USD per hour"),
                color="vendor:N",
                tooltip="machine:N",
            )
        )
