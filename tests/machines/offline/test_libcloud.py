import polars as pl
import pytest

from learnsys.core.errors import MissingExtra, UnknownName
from learnsys.machines.offline import libcloud


@pytest.fixture(autouse=True)
def fresh():
    libcloud._cached.cache_clear()
    yield
    libcloud._cached.cache_clear()


def test_three_clouds_are_listed_with_dated_prices():
    catalog = libcloud.list_prices()
    assert {m.vendor for m in catalog.machines} == {"aws", "azure", "gcp"}
    assert len(catalog.machines) > 900
    assert catalog.get("aws/m5.large").cheapest("us-east-1").usd_hour == pytest.approx(0.096)
    assert all(p.usd_hour > 0 and p.as_of == catalog.as_of for m in catalog.machines for p in m.prices)
    assert str(catalog.as_of) in catalog.table().notes[0]


def test_what_was_parsed_is_kept(home, monkeypatch):
    first = libcloud.list_prices()
    libcloud._cached.cache_clear()
    monkeypatch.setattr(libcloud, "_parse", None)  # must not be called again
    assert libcloud.list_prices() == first


def test_a_kept_catalogue_that_was_cut_short_is_parsed_again(home):
    first = libcloud.list_prices()
    (kept,) = (home / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    libcloud._cached.cache_clear()
    assert libcloud.list_prices() == first


def test_gce_sells_cores_and_memory_apart():
    rates = libcloud.custom_rates("n2", "us-central1")
    n2 = libcloud.list_prices().get("gcp/n2-standard-4").cheapest("us-central1").usd_hour
    assert 4 * rates.usd_core_hour + 16 * rates.usd_gib_hour > n2, "custom machines cost a little more"
    with pytest.raises(UnknownName, match="us-central1"):
        libcloud.custom_rates("n2", "us-central")
    with pytest.raises(UnknownName, match="known: e2, n1, n2, n2d"):
        libcloud.custom_rates("c9", "us-central1")


def test_without_the_package_the_extra_is_named(monkeypatch):
    def missing(name):
        raise libcloud.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(libcloud.metadata, "version", missing)
    with pytest.raises(MissingExtra, match=r"apache-libcloud.*learnsys\[machines\]"):
        libcloud.list_prices()


def test_sizes_and_prices_are_those_of_spare_cores(shared):
    names = pl.read_parquet(shared / "sparecores_machines.parquet", columns=["server", "vcpus", "memory_amount"])
    sizes = {server: (vcpus, mib) for server, vcpus, mib in names.iter_rows()}
    both = [m for m in libcloud.list_prices().machines if m.key in sizes]
    assert len(both) > 900
    for m in both:
        vcpus, mib = sizes[m.key]
        assert m.vcpus == vcpus, m.key
        assert m.memory_bytes / 2**20 == pytest.approx(mib, rel=0.02), m.key
