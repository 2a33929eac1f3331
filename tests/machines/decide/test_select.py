import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.machine import Machine
from learnsys.machines.decide.select import Fleet, Where

FLEET = Fleet(made.machines())


def keys(**where):
    return set(FLEET.keys[FLEET.select(Where(**where))])


def test_no_condition_keeps_all():
    assert len(keys()) == 16


@pytest.mark.parametrize(
    ("where", "test"),
    [
        ({"vendor": "ash"}, lambda m: m.vendor == "ash"),
        ({"arch": "arm"}, lambda m: m.arch == "arm"),
        ({"region": "south"}, lambda m: m.vendor == "ash"),
        ({"max_price": 0.1}, lambda m: m.cheapest().usd_hour <= 0.1),
        ({"max_price": 0.1, "region": "south"}, lambda m: (p := m.cheapest("south")) and p.usd_hour <= 0.1),
        ({"min_memory": 8 * made.GIB}, lambda m: m.memory_bytes >= 8 * made.GIB),
        ({"max_vcpus": 2}, lambda m: m.vcpus <= 2),
    ],
)
def test_conditions_keep_what_meets_them(where, test):
    assert keys(**where) == {m.key for m in FLEET.machines if test(m)}


def test_several_vendors_are_separated_by_commas():
    assert keys(vendor="ash, birch") == keys()


def test_a_price_is_that_of_the_region():
    south, usd = FLEET.offers("south")
    assert [p is None for p in south] == [m.vendor == "birch" for m in FLEET.machines]
    assert np.isnan(usd).sum() == 8
    np.testing.assert_allclose(FLEET.offers("south")[1][:8], 1.2 * FLEET.offers("north")[1][:8])


@pytest.mark.parametrize(
    ("where", "says"),
    [({"vendor": "asch"}, "did you mean ash"), ({"region": "suoth"}, "did you mean south"), ({"arch": "amr"}, "arm")],
)
def test_unknown_names_get_a_hint(where, says):
    with pytest.raises(UnknownName, match=says):
        keys(**where)


def test_conditions_that_leave_nothing_are_named():
    with pytest.raises(InputError, match=r"--vendor ash, --max-price \$0.001"):
        keys(max_price=0.001, vendor="ash")


def test_a_machine_of_unknown_size_does_not_meet_a_condition_on_it():
    fleet = Fleet([Machine(key="x/y", vcpus=0, memory_bytes=0), *made.machines()])
    assert 0 not in fleet.select(Where(min_memory=1))
    assert 0 not in fleet.select(Where(max_vcpus=100))
