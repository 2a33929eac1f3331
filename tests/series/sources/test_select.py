import datetime as dt
import operator
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.select import check_conditions, holding, possible
from learnsys.series.sources.types import Condition

OPS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
NUMBERS = st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1)


@given(NUMBERS, st.sampled_from(list(OPS)), st.integers(-3, 3))
def test_conditions_are_what_python_says_and_nulls_fail(values, op, value):
    batch = pa.record_batch([pa.array(values, pa.int64())], ["q"])
    kept = holding(batch, [Condition("q", op, value)]).column(0).to_pylist()
    assert kept == [v for v in values if v is not None and OPS[op](v, value)]


@given(st.lists(st.integers(-3, 3), min_size=1), st.sampled_from([*OPS, "in"]), st.integers(-4, 4))
def test_what_a_part_can_hold_is_never_left_out(values, op, value):
    condition = Condition("q", op, (value, value + 2) if op == "in" else value)
    holds = any(v in condition.value if op == "in" else OPS[op](v, value) for v in values)
    assert possible(condition, min(values), max(values)) or not holds


@pytest.mark.parametrize(("op", "value", "kept"), [("==", "a", ["a"]), ("in", ("b", "c"), ["b"]), (">", "a", ["b"])])
@pytest.mark.parametrize("encode", [False, True])
def test_text(op, value, kept, encode):
    column = pa.array(["a", "b", None])
    batch = pa.record_batch([column.dictionary_encode() if encode else column], ["q"])
    assert holding(batch, [Condition("q", op, value)]).column(0).to_pylist() == kept


def test_several_conditions_all_hold():
    batch = pa.record_batch({"a": [1, 2, 3], "b": [1.5, 0.5, 2.5]})
    assert holding(batch, [Condition("a", ">", 1), Condition("b", ">", 1)]).column("a").to_pylist() == [3]
    assert holding(batch, []) is batch


def test_times_and_flags():
    batch = pa.record_batch({"d": [dt.date(2026, 1, 5), dt.date(2026, 1, 6)], "f": [True, False]})
    assert len(holding(batch, [Condition("d", "<", dt.date(2026, 1, 6))])) == 1
    assert len(holding(batch, [Condition("d", ">=", "2026-01-06")])) == 1
    assert len(holding(batch, [Condition("f", "==", False)])) == 1
    assert possible(Condition("d", "<", "2026-01-06"), dt.date(2027, 1, 1), dt.date(2027, 1, 2))


def test_whole_numbers_compare_with_fractions():
    batch = pa.record_batch({"q": [1, 2, 3]})
    assert holding(batch, [Condition("q", ">", 1.5)]).column(0).to_pylist() == [2, 3]
    assert holding(batch, [Condition("q", "in", (1.5, 2))]).column(0).to_pylist() == [2]


def test_what_cannot_be_compared_is_refused():
    batch = pa.record_batch({"q": [1, 2]})
    with pytest.raises(InputError, match="'q' is of type int64, and cannot be compared with 'good'"):
        holding(batch, [Condition("q", "==", "good")])
    with pytest.raises(UnknownName, match="did you mean quality"):
        check_conditions([Condition("qualiti", "==", 1)], ["quality"])
    with pytest.raises(UnknownName, match="operator"):
        check_conditions([Condition("q", "~", 1)], ["q"])


@pytest.mark.parametrize(
    ("kind", "op", "value", "kept"),
    [
        (pa.decimal128(9, 2), ">", 1.5, [2.25]), (pa.decimal128(9, 2), "==", 0.1, [0.1]),
        (pa.decimal128(9, 2), "<", 0.105, [0.1]), (pa.decimal128(9, 2), "in", (0.1, 2.25, 7), [0.1, 2.25]),
    ],
)  # fmt: skip
def test_decimals_compare_with_fractions(kind, op, value, kept):
    batch = pa.record_batch({"x": pa.array([Decimal("0.10"), Decimal("1.50"), Decimal("2.25")], kind)})
    assert [float(x) for x in holding(batch, [Condition("x", op, value)]).column("x").to_pylist()] == kept


def test_small_types_of_whole_numbers_compare_with_large_ones():
    batch = pa.record_batch({"q": pa.array([1, 2], pa.uint8())})
    assert len(holding(batch, [Condition("q", "<", 300), Condition("q", "!=", -1)])) == 2
