"""Rows at the time of a stream are handed on in order; others wait until they are believed or refuted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.series.stream.clock import AGREE, MOST_HELD, Clock, Part

LEAP = 100


def part(stamps, code=0):
    t = np.array(stamps, np.int64)
    return Part(np.broadcast_to(code, t.shape).astype(np.int64), t, np.zeros(t.size))


def taken(clock, rows, present=1):
    return [(run.t.tolist(), leapt) for run, leapt in clock.take(rows, present)]


@given(st.lists(st.lists(st.integers(-(2**61), 2**61) | st.integers(0, 500), max_size=12), max_size=12))
def test_every_row_is_handed_on_or_is_a_stray_or_waits(chunks):
    clock, seen = Clock(LEAP), 0
    for chunk in chunks:
        for run, _ in clock.take(part(chunk), 1):
            assert (np.diff(run.t) <= LEAP).all()
            assert (np.diff(run.t) >= 0).all()
            seen += run.t.size
    assert seen + clock.strays + clock.held.t.size == sum(map(len, chunks))
    clock.finish()
    assert seen + clock.strays == sum(map(len, chunks))


def test_a_row_alone_is_refuted_by_the_next_at_the_time_of_the_stream():
    clock = Clock(LEAP)
    assert taken(clock, part([0, 50])) == [([0, 50], False)]
    assert taken(clock, part([1000])) == []
    assert clock.strays == 0
    assert taken(clock, part([60])) == [([60], False)]
    assert clock.strays == 1


def test_rows_that_agree_are_believed_if_most_series_have_them():
    rows = part(np.arange(AGREE) + 1000, np.arange(AGREE) % 3)
    clock = Clock(LEAP)
    taken(clock, part([0]))
    assert taken(clock, rows.only(slice(1, None)), 5) == []
    assert taken(clock, rows.only(slice(0, 1)), 5) == [(rows.t.tolist(), True)]
    clock = Clock(LEAP)
    taken(clock, part([0]))
    assert taken(clock, rows, 6) == [], "half of the series are not most of them"
    assert clock.newest == 0
    assert clock.leaps == 0


def test_what_waits_is_bounded():
    clock = Clock(LEAP)
    taken(clock, part([0]))
    taken(clock, part(np.full(MOST_HELD + 1, 1000)), 9)
    assert clock.held.t.size == 0
    assert clock.strays == MOST_HELD + 1
