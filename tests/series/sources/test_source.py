"""Bad input: what is dropped is counted, and what is refused says why."""

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.sources.scan import scan
from learnsys.series.sources.types import Condition

ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from("abc"), st.sampled_from([1.0, -2.5, None, np.nan, np.inf])),
    max_size=30,
)


def long(rows):
    t, s, x = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    return pa.table({"t": pa.array(t, pa.float64()), "s": pa.array(s, pa.string()), "x": pa.array(x, pa.float64())})


def good(x):
    return x is not None and np.isfinite(x)


@given(ROWS, st.integers(1, 7), st.sampled_from([None, ("b", "a")]), st.tuples(st.integers(0, 10), st.integers(5, 25)))
def test_values_that_are_none_are_left_out_and_counted(rows, size, ids, between):
    made = scan(long(rows), time="t", series="s", value="x").collect(batch_rows=size, ids=ids, time_range=between)
    inside = [row for row in rows if between[0] <= row[0] < between[1] and (ids is None or row[1] in ids)]
    assert made.samples.ids == (ids or tuple(dict.fromkeys(name for _, name, _ in inside)))
    for d, name in enumerate(made.samples.ids):
        mine = [x for _, s, x in inside if s == name]
        assert made.dropped[d] == sum(not good(x) for x in mine)
        assert sorted(made.samples.one(d)[1]) == sorted(x for x in mine if good(x))


def test_values_that_are_none_are_refused_if_asked():
    table = long([(0, "a", 1.0), (1, "a", np.nan), (2, "a", None)])
    with pytest.raises(InputError, match="'x' contains 2 NaN or infinite values, the first in row 1"):
        scan(table, time="t", series="s", value="x", nan="raise").samples()
    with pytest.raises(UnknownName, match="known: drop, raise"):
        scan(table, nan="keep")


def test_a_series_of_no_value_stays_a_row():
    made = scan(long([(0, "a", None), (1, "b", 2.0)])).collect()
    assert made.samples.ids == ("a", "b")
    assert made.samples.starts.tolist() == [0, 0, 1]


def test_in_wide_form_nan_is_counted_and_null_is_not():
    frame = pl.DataFrame({"t": [0.0, 1.0, 2.0], "a": [1.0, None, np.nan], "b": [np.nan, 2.0, 3.0]})
    made = scan(frame).collect()
    assert made.dropped.tolist() == [1, 1]
    assert made.samples.starts.tolist() == [0, 1, 3]


def test_names_that_do_not_occur_are_refused_unless_conditions_may_have_hidden_them():
    source = scan(long([(0, "apple", 1.0), (1, "banana", 2.0)]))
    with pytest.raises(UnknownName, match="did you mean apple"):
        source.samples(ids=["appel"])
    assert source.samples(ids=["apple", "banana"], time_range=(0.5, None)).starts.tolist() == [0, 0, 1]
    assert source.samples(ids=["apple"], predicate=[Condition("x", ">", 1)]).starts.tolist() == [0, 0]


def test_columns_that_are_not_there_are_refused():
    source = scan(long([(0, "a", 1.0)]))
    with pytest.raises(UnknownName, match="column of values"):
        source.samples(columns=["z"])
    with pytest.raises(UnknownName, match="column 'z'"):
        source.samples(predicate=[Condition("z", "==", 1)])


def test_chunks_share_the_memory_of_the_table():
    x = np.arange(10.0)
    (chunk,) = scan(pa.table({"t": np.arange(10.0), "x": x})).batches()
    assert np.shares_memory(chunk.x, x)
    assert chunk.codes.dtype == np.int32
    assert chunk.seconds() is chunk.t


def test_float32_stays_what_it_is():
    (chunk,) = scan(pa.table({"t": [0.0, 1.0], "x": np.ones(2, np.float32)})).batches()
    assert chunk.x.dtype == np.float32
