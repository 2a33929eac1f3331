from datetime import date

import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.machine import Machine
from learnsys.machines.decide.rank import rank
from learnsys.machines.decide.rates import parse_rates, priced, unsold

TODAY = date(2026, 1, 1)


def test_a_shape_costs_its_cores_and_its_memory():
    rates = parse_rates("cpu=$0.03, mem=0.005", today=TODAY)
    shape = Machine(key="host/cpu=2,mem=8GiB", vcpus=2, memory_bytes=8 * made.GIB)
    assert rates.price(shape).usd_hour == pytest.approx(0.1)
    assert rates.price(shape).as_of == TODAY


def test_rates_of_gce_are_dated_and_have_a_region():
    rates = parse_rates("n2@us-central1", today=TODAY)
    assert rates.region == "us-central1"
    assert 0 < rates.usd_gib_hour < rates.usd_core_hour < 1
    with pytest.raises(UnknownName, match="n2"):
        parse_rates("n22@us-central1", today=TODAY)


def test_sizes_that_gce_prices_but_does_not_sell_are_counted():
    sizes = [Machine(key=f"c{c}.{g}", vcpus=c, memory_bytes=g * made.GIB) for c in (1, 2) for g in (1, 2, 32)]
    n2, n1 = (parse_rates(f"{family}@us-central1", today=TODAY) for family in ("n2", "n1"))
    assert unsold(n2, sizes) == ["GCE sells no custom n2 of 4 of these 6 sizes, as c1.1: they only have its rates"]
    assert "of 3 of these 6" in unsold(n1, sizes)[0], "one core is sold, and 0.5 GiB a core is not"
    assert unsold(n2, [sizes[3]]) == unsold(parse_rates("cpu=1,mem=1", today=TODAY), sizes) == []


def test_machines_that_have_a_price_keep_it():
    catalog = made.benchmark(W=2).catalog
    assert priced(catalog, parse_rates("cpu=1,mem=1", today=TODAY)) == catalog


@pytest.mark.parametrize("bad", ["cpu=1", "cpu=1,mem=x", "cheap", "n2@", "cpu=1,mem=2,gpu=3"])
def test_what_cannot_be_read_is_refused(bad):
    with pytest.raises(InputError):
        parse_rates(bad, today=TODAY)


def test_rates_make_a_ranking_by_cost(fingerprint):
    benchmark = made.benchmark(W=8, priced=False)
    ranking = rank(fingerprint, benchmark=benchmark, rates="cpu=0.03,mem=0.005")
    assert ranking.objective == "cost"
    assert ranking.best.price.source == "given"
    assert any("given" in note for note in ranking.notes)
