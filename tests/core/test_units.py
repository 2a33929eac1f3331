"""Durations, sizes and money: what is written can be read again, and what is no quantity is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick

from learnsys.core.errors import InputError
from learnsys.core.units import format_duration, format_money, format_size, parse_duration, parse_money, parse_size

DURATIONS = {"10ms": 0.01, "1.5s": 1.5, "2h": 7200, "1h30m": 5400, "1 h 30 min": 5400, "250us": 2.5e-4, "3µs": 3e-6,
             "2d": 172800, "1e3s": 1000, "7": 7, ".5": 0.5, "100ns": 1e-7}  # fmt: skip
SIZES = {"2g": 2 * 1024**3, "2GiB": 2 * 1024**3, "2GB": 2 * 10**9, "1.5KiB": 1536, "1kB": 1000, "1K": 1024,
         "512m": 512 * 1024**2, "100": 100, "7 b": 7, "1TiB": 1024**4, "3TB": 3 * 10**12}  # fmt: skip
MONEY = {"$0.40": 0.4, "0.4 USD": 0.4, "3usd": 3, "$ 12": 12, "5": 5}
NONSENSE = (
    "",
    "fast",
    "-1s",
    "1x",
    "s",
    "1s1",
    "--",
    "1,5s",
    "$-1",
    "-3",
    "1.2.3",
    "inf",
    "nan",
    "1 h 30",
    "10 parsecs",
)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        *((parse_duration, *item) for item in DURATIONS.items()),
        *((parse_size, *item) for item in SIZES.items()),
        *((parse_money, *item) for item in MONEY.items()),
    ],
)
def test_reads(parse, text, value):
    assert parse(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("parse", [parse_duration, parse_size, parse_money])
def test_refuses_what_is_no_quantity_and_shows_how_to_write_one(parse, text):
    with pytest.raises(InputError, match="write") as caught:
        parse(text)
    assert caught.value.value == text


@pytest.mark.parametrize("parse", [parse_duration, parse_size, parse_money])
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_refuses_numbers_below_zero(parse, value):
    with pytest.raises(InputError, match="at least 0"):
        parse(value)


@quick
@given(st.floats(0, 1e12))
def test_a_number_is_taken_as_it_is(x):
    assert parse_duration(x) == parse_money(x) == x
    assert parse_size(x) == round(x)


@quick
@given(st.floats(1e-9, 1e9))
def test_a_written_duration_is_read_within_its_two_digits(x):
    assert parse_duration(format_duration(x)) == pytest.approx(x, rel=0.051)


@quick
@given(st.integers(0, 2**60))
def test_a_written_size_is_read_within_its_two_digits(x):
    assert parse_size(format_size(x)) == pytest.approx(x, rel=0.051)


@quick
@given(st.floats(1e-9, 1e6))
def test_written_money_is_read_within_its_two_digits_and_never_shown_as_nothing(x):
    assert parse_money(format_money(x)) == pytest.approx(x, rel=0.051)


@quick
@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_durations_add_up(a, b):
    assert parse_duration(f"{a:.3f}h{b:.3f}s") == pytest.approx(round(a, 3) * 3600 + round(b, 3), rel=1e-9)


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (format_duration, 0.00321, "3.2 ms"), (format_duration, 42, "42 s"), (format_duration, 90, "90 s"),
        (format_duration, 600, "10 min"), (format_duration, 5400, "1.5 h"), (format_duration, 2e-6, "2 us"),
        (format_duration, 0.0, "0 s"),
        (format_size, 0, "0 B"), (format_size, 1536, "1.5 KiB"), (format_size, 3 * 1024**3, "3 GiB"),
        (format_money, 0, "$0.00"), (format_money, 12.5, "$12.50"), (format_money, 0.0421, "$0.042"),
        (format_money, 5.63e-5, "$0.000056"),
    ],
)  # fmt: skip
def test_writes_the_unit_a_reader_would_choose(write, value, text):
    assert write(value) == text


@pytest.mark.parametrize("parse", [parse_duration, parse_size, parse_money])
def test_infinity_is_refused_and_numpy_numbers_are_numbers(parse):
    with pytest.raises(InputError, match="infinite"):
        parse(float("inf"))
    assert parse(np.float32(2)) == parse(np.int64(2)) == 2
    with pytest.raises(InputError):
        parse_size("1e400")
