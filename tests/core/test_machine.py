"""The catalogue finds machines by name and by conditions that mean what they say."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core.errors import UnknownMachine
from learnsys.core.machine import Catalog, Machine, Price

prices = st.builds(
    Price, region=st.sampled_from(["eu", "us"]), usd_hour=st.floats(0, 10), kind=st.sampled_from(["on-demand", "spot"]),
    as_of=st.just(date(2026, 1, 1)), source=st.just("test"),
)  # fmt: skip
machines = st.builds(
    Machine, key=st.sampled_from(["aws/m6i.large", "aws/c6g.large", "gcp/n2-standard-2", "host/cpu=1,mem=2GiB"]),
    vcpus=st.floats(0.5, 64), memory_bytes=st.integers(0, 2**40), arch=st.sampled_from(["x86_64", "arm64"]),
    prices=st.lists(prices, max_size=3).map(tuple),
)  # fmt: skip
catalogs = st.lists(machines, max_size=6, unique_by=lambda m: m.key).map(
    lambda found: Catalog(machines=tuple(found), source="test", licence="CC0", as_of=date(2026, 1, 1), sha256="")
)


@quick
@given(catalogs)
def test_every_machine_is_found_by_its_key(catalog):
    for machine in catalog.machines:
        assert catalog.get(machine.key) is machine


@quick
@given(catalogs, st.none() | st.sampled_from(["eu", "us"]))
def test_the_cheapest_price_is_the_least_of_its_kind_and_region(catalog, region):
    for machine in catalog.machines:
        offers = [
            p.usd_hour for p in machine.prices if p.kind == "on-demand" and (region is None or p.region == region)
        ]
        found = machine.cheapest(region)
        assert (found and found.usd_hour) == (min(offers) if offers else None)


@quick
@given(catalogs, st.sampled_from(["aws", "gcp"]), st.sampled_from(["eu", "us"]), st.floats(0, 10))
def test_conditions_are_met_together_and_no_machine_that_meets_them_is_lost(catalog, vendor, region, limit):
    kept = catalog.where(vendor=vendor, region=region, max_usd_hour=limit).machines
    for machine in catalog.machines:
        price = machine.cheapest(region)
        fits = machine.key.startswith(vendor + "/") and price is not None and price.usd_hour <= limit
        assert (machine in kept) == fits
    assert catalog.where().machines == catalog.machines


@quick
@given(catalogs)
def test_the_table_has_a_row_a_machine(catalog):
    assert [row[0] for row in catalog.table().rows] == [m.key for m in catalog.machines]


def test_an_unknown_machine_suggests_its_neighbour():
    machine = Machine(key="aws/m6i.large", vcpus=2, memory_bytes=8 << 30)
    catalog = Catalog(machines=(machine,), source="", licence="", as_of=date(2026, 1, 1), sha256="")
    with pytest.raises(UnknownMachine, match=r"did you mean aws/m6i\.large"):
        catalog.get("aws/m6.large")


def test_a_catalogue_is_drawn_and_saved(tmp_path):
    offer = Price(region="eu", usd_hour=0.1, kind="on-demand", as_of=date(2026, 1, 1), source="test")
    priced = Machine(key="aws/a", vcpus=2, memory_bytes=1, prices=(offer,))
    free = Machine(key="aws/b", vcpus=2, memory_bytes=1)
    catalog = Catalog(machines=(priced, free), source="test", licence="CC0", as_of=date(2026, 1, 1), sha256="")
    assert [row["machine"] for row in catalog.chart().to_dict()["data"]["values"]] == ["aws/a"]
    assert catalog.save(tmp_path / "c.csv").read_text().splitlines()[1].startswith("aws/a,2")
    assert msgspec.json.decode(catalog.save(tmp_path / "c.json").read_bytes(), type=Catalog) == catalog
