"""Streams hold every token once; every state that a token goes on from is found where the chunk says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.toys import encoded

from learnsys.complete.data.vocabulary import START
from learnsys.complete.train.streams import CARRIED, ZERO, _allot, chunks, side_by_side, stream

FILES, _, _ = encoded(6, statements=30)
NOBODY = -1


def followed(previous, child, length):
    """Which token each place holds, chunk by chunk: the states that ``previous`` and ``child`` then find."""
    new_previous, new_child, keep = _allot(previous, child, length)
    carried = np.full(CARRIED, NOBODY)
    for number, begin in enumerate(range(0, len(previous), length)):
        end = min(begin + length, len(previous))
        column = np.concatenate([[NOBODY] * ZERO, carried, np.arange(begin, end)])
        for t in range(begin, end):
            yield t, column[new_previous[t]], column[new_child[t]]
        padded = np.concatenate([column, np.full(length, NOBODY)])
        carried = padded[keep[number]]


@st.composite
def nestings(draw):
    """Any stack machine: each token goes on from the one before, or closes an open level; few levels at once."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, previous, child, stack = draw(st.integers(1, 300)), [], [], []
    for t in range(n):
        kind = rng.random()
        if kind < 0.3 and len(stack) < 20 and t:
            stack.append(t)
            previous.append(t - 1)
            child.append(-1)
        elif kind < 0.5 and stack:
            previous.append(stack.pop())
            child.append(t - 1)
        else:
            previous.append(t - 1)
            child.append(-1)
    return np.array(previous, np.int32), np.array(child, np.int32)


@given(nestings(), st.sampled_from([1, 2, 7, 64, 1000]))
@settings(max_examples=60)
def test_every_token_goes_on_from_the_state_it_should(tree, length):
    previous, child = tree
    for t, before, inner in followed(previous, child, length):
        assert before == previous[t]
        assert inner == child[t]


def test_levels_that_no_slot_is_left_for_go_on_from_zero_and_the_others_are_right():
    levels = CARRIED + 20
    previous = np.concatenate([np.arange(-1, levels - 1), np.arange(levels - 1, -1, -1)]).astype(np.int32)
    child = np.concatenate([np.full(levels, -1), np.arange(levels - 1, 2 * levels - 1)]).astype(np.int32)
    found = list(followed(previous, child, levels))
    lost = [t for t, before, _ in found if before == NOBODY and previous[t] >= 0]
    assert len(lost) == levels - CARRIED
    assert all(before in (previous[t], NOBODY) and inner in (child[t], NOBODY) for t, before, inner in found)


def test_a_stream_holds_its_files_one_after_the_other():
    made = stream(FILES)
    at = 0
    for file in FILES:
        assert (made.words[at], made.names[at]) == (START, -1)
        here = slice(at + 1, at + 1 + len(file))
        for field in ("words", "parts", "lines", "names"):
            assert np.array_equal(getattr(made, field)[here], getattr(file, field))
        assert (made.begin[at : at + 1 + len(file)] == at).all()
        assert np.array_equal(made.previous[here] - at - 1, file.nesting.previous)  # -1 is the start token
        inside = file.nesting.child >= 0
        assert np.array_equal(made.child[here][inside] - at - 1, file.nesting.child[inside])
        assert (made.child[here][~inside] == -1).all()
        at += len(file) + 1
    assert at == len(made.words)


@pytest.mark.parametrize("streams", [1, 2, 4, 9])
def test_dealing_keeps_every_file_in_order_and_evens_lengths(streams):
    dealt = side_by_side(FILES, streams=streams)
    assert len(dealt) == min(streams, len(FILES))
    lengths = [len(own.words) for own in dealt]
    assert sum(lengths) == sum(len(file) + 1 for file in FILES)
    assert max(lengths) - min(lengths) <= max(len(file) + 1 for file in FILES)
    for own in dealt:
        starts = np.flatnonzero(own.words == START)
        firsts = [next(i for i, file in enumerate(FILES) if np.array_equal(file.words, body[1:]))
                  for body in np.split(own.words, starts[1:])]  # fmt: skip
        assert firsts == sorted(firsts)


@pytest.mark.parametrize("length", [5, 64, 10_000])
def test_chunks_ask_for_each_next_token_once_and_never_for_a_start(length):
    dealt = side_by_side(FILES, streams=4)
    cut = list(chunks(dealt, length=length))
    for b, own in enumerate(dealt):
        n = len(own.words)
        words = np.concatenate([chunk.words[:, b] for chunk in cut])
        target = np.concatenate([chunk.target[:, b] for chunk in cut])
        counts = np.concatenate([chunk.counts[:, b] for chunk in cut])
        assert np.array_equal(words[:n], own.words[: len(words)])
        assert np.array_equal(target[: n - 1], own.words[1:])
        assert np.array_equal(counts[: n - 1], own.words[1:] != START)
        assert not counts[n - 1 :].any()
    assert sum(int(chunk.counts.sum()) for chunk in cut) == sum(map(len, FILES))
    assert [chunk.start for chunk in cut] == list(range(0, max(len(own.words) for own in dealt) - 1, length))
