"""Shapes read back as they were written, and refuse what no machine has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.machines.measure import cgroup
from learnsys.machines.measure.shape import LEAST_CPU, LEAST_MEMORY, Shape

SHAPES = st.builds(
    Shape,
    cpu=st.integers(1, 12800).map(lambda n: n / 100),
    memory_bytes=st.integers(LEAST_MEMORY, 1 << 44),
)


@given(SHAPES)
def test_the_key_of_a_shape_reads_back(shape):
    assert Shape.parse(shape.key) == shape


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("cpu=1,mem=2g", "host/cpu=1,mem=2GiB"),
        ("mem=512m, cpu=0.5", "host/cpu=0.5,mem=512MiB"),
        ("cpu=2,mem=2GB", "host/cpu=2,mem=1953125KiB"),
        ("host/cpu=0.25,mem=1.5GiB", "host/cpu=0.25,mem=1536MiB"),
    ],
)
def test_texts_and_their_keys(text, key):
    assert Shape.parse(text).key == key


@pytest.mark.parametrize(
    "text", ["", "cpu=1", "cpu=1,mem=2g,disk=1", "cpu=one,mem=2g", "cpu=1,mem=lots", "cpu=0,mem=2g", "cpu=nan,mem=2g",
             "cpu=-1,mem=2g", "cpu=1,mem=1k", "cpu=1,cpu=2"]
)  # fmt: skip
def test_what_is_no_shape_is_refused_with_the_form(text):
    with pytest.raises(InputError) as caught:
        Shape.parse(text)
    assert caught.value.next


def test_the_least_shape_is_allowed():
    assert Shape(cpu=LEAST_CPU, memory_bytes=LEAST_MEMORY).cpu == LEAST_CPU


def held_to(monkeypatch, **limits):
    monkeypatch.setattr(cgroup, "ceiling", lambda: cgroup.Limits(**limits))
    return Shape.of_host()


def test_the_host_is_a_shape_of_whole_gib(monkeypatch):
    shape = held_to(monkeypatch)
    assert shape.cpu >= 1
    assert shape.memory_bytes % 2**30 == 0
    assert held_to(monkeypatch, cpu=4096.0, memory_bytes=(1 << 63) - 4096) == shape, "no limit at all"


def test_a_container_is_the_shape_that_it_is_held_to(monkeypatch):
    assert held_to(monkeypatch, cpu=0.5, memory_bytes=100 << 20).key == "host/cpu=0.5,mem=100MiB"


@given(SHAPES, SHAPES)
def test_a_shape_is_within_what_has_no_less_of_anything(one, other):
    assert one.within(one)
    more = Shape(cpu=max(one.cpu, other.cpu), memory_bytes=max(one.memory_bytes, other.memory_bytes))
    assert one.within(more)
    assert more.within(one) == (more == one)
