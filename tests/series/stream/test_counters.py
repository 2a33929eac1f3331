"""A counter gives the rate at which it grew; where it began anew, nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.series.stream import counters
from learnsys.series.stream.counters import NS, Rates


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(-5, 20)), max_size=30))
def test_rates_by_time_add_up_to_what_was_counted_between_resets(steps):
    t, value, rows, grown, resets = 0, 0, [], 0, 0
    for gap, step in steps:
        t, after = t + gap * NS, max(value + step, 0)
        grown, resets = grown + max(after - value, 0), resets + (after < value)
        value = after
        rows.append(('a_total{x="1"}', t, float(value)))
    rates = Rates()
    made = list(rates([('a_total{x="1"}', 0, 0.0), *rows]))
    gaps = dict(zip(np.cumsum([gap for gap, _ in steps]) * NS, [gap for gap, _ in steps], strict=True))
    assert sum(rate * gaps[t] for _, t, rate in made) == pytest.approx(grown)
    assert rates.resets == resets
    assert len(made) == len(rows) - resets


def test_what_comes_out_of_order_or_twice_is_left_out_and_counted():
    rates = Rates()
    made = list(rates([("a_count", 0, 0.0), ("a_count", 2 * NS, 4.0), ("a_count", NS, 1.0), ("a_count", 2 * NS, 4.0)]))
    assert made == [("a_count", 2 * NS, 2.0)]
    assert rates.late == 2


def test_names_tell_counters():
    names = ["up", 'x{y="_total"}', "total", "a_sum", 'a_bucket{le="1"}', 'a_total{x="\n"}']
    rates = Rates()
    list(rates((name, 0, 1.0) for name in names))
    assert [name for name, _, _ in rates((name, NS, 1.0) for name in names)] == names
    assert {name for name, _, value in rates((name, 2 * NS, 1.0) for name in names) if value == 0} == set(names[3:])


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(counters, "MOST", 2)
    rates = Rates()
    made = list(rates((name, k * NS, float(k)) for k, name in enumerate(["a_sum", "b_sum", "a_sum", "c_sum", "b_sum"])))
    assert [name for name, _, _ in made] == ["a_sum"]
