from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import UnknownName
from learnsys.series.sources.memory import collect
from learnsys.series.sources.types import Chunk

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(-5, 5)), max_size=40)


def chunks(rows, cuts, clock=True):
    """Cut rows of (series, stamp, value) into chunks."""
    edges = sorted({0, len(rows), *(cut % (len(rows) + 1) for cut in cuts)})
    for first, last in pairwise(edges):
        codes, t, x = (np.array(part) for part in zip(*rows[first:last], strict=True))
        t = t.astype(np.int64) * 10**9 if clock else t.astype(float)
        yield Chunk(ids=("a", "b", "c", "d"), codes=codes.astype(np.int32), t=t, x=x.astype(float))


@given(ROWS, st.lists(st.integers(0, 100)), st.booleans(), st.sampled_from(["keep", "mean", "last"]))
def test_series_are_in_order_of_time_and_what_was_read(rows, cuts, clock, duplicates):
    made = collect(chunks(rows, cuts, clock), clock=clock, duplicates=duplicates)
    first = min((t for _, t, _ in rows), default=0) if clock else 0
    assert made.samples.t0_ns == (first * 10**9 if clock else 0)
    for d in range(4 if rows else 0):
        mine = sorted(((t - first, x) for c, t, x in rows if c == d), key=lambda row: row[0])
        stamps = sorted({t for t, _ in mine})
        assert made.repeated[d] == len(mine) - len(stamps)
        if duplicates != "keep":
            at = [[x for s, x in mine if s == t] for t in stamps]
            mine = list(zip(stamps, [x[-1] if duplicates == "last" else sum(x) / len(x) for x in at], strict=True))
        t, x, w = made.samples.one(d)
        assert t.tolist() == [t for t, _ in mine]
        np.testing.assert_allclose(x, [x for _, x in mine], rtol=1e-12)
        assert (w == 1).all()


def test_stamps_are_subtracted_before_they_are_rounded():
    now = 1_767_571_200_123_456_789
    chunk = Chunk(ids=("a",), codes=np.zeros(2, np.int32), t=np.array([now, now + 1]), x=np.ones(2))
    assert collect([chunk], clock=True).samples.t.tolist() == [0, 1e-9]


def test_counts_add_though_series_come_later():
    first = Chunk(ids=("a",), codes=np.zeros(1, np.int32), t=np.zeros(1), x=np.ones(1), dropped=np.array([2]))
    later = Chunk(ids=("a", "b"), codes=np.ones(1, np.int32), t=np.zeros(1), x=np.ones(1), dropped=np.array([1, 4]))
    assert collect([first, later], clock=False).dropped.tolist() == [3, 4]


def test_a_way_that_is_none():
    with pytest.raises(UnknownName, match="known: keep, mean, last"):
        collect([], clock=True, duplicates="first")
