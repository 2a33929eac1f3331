import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.runtime.models import random_model

from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.state import EVERY, RECENT, Reading, Stopped, Tape

MODEL, TENSORS, FILES, _ = random_model(count=2, statements=60)
TAPES = [Tape.of(file) for file in FILES]


def answers_at(tape, n):
    reading = Reading(MODEL)
    reading.follow(tape, n, same=0)
    return ask(reading, tape, 1)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=6))
def test_wherever_the_cursor_goes_answers_are_those_of_a_fresh_reading(visits):
    reading, now = Reading(MODEL), 0
    for which, asked, _ in visits:
        tape = TAPES[which]
        n = min(asked, len(FILES[which]))
        shared = min(len(FILES[0]), len(FILES[1]))
        same = (
            reading.n if which == now else int(np.argmax([*(FILES[0].names[:shared] != FILES[1].names[:shared]), True]))
        )
        reading.follow(tape, n, same=same if reading.n else 0)
        now = which
        got, fresh = ask(reading, tape, 1, n), answers_at(tape, n)
        np.testing.assert_allclose(got.vocabulary, fresh.vocabulary, rtol=1e-3, atol=1e-7)
        np.testing.assert_allclose(got.mass, fresh.mass, rtol=1e-3, atol=1e-7)
        np.testing.assert_array_equal(got.last, fresh.last)


def test_states_kept_are_a_share_of_the_tokens():
    tape, file = TAPES[0], FILES[0]
    reading = Reading(MODEL)
    reading.follow(tape, len(file), same=0)
    openers = int((np.diff(file.nesting.depth) > 0).sum())
    rows = (reading.nbytes - reading.keys.nbytes) / reading.row(-1).nbytes
    assert rows <= 1 + RECENT + len(file) / EVERY + openers < len(file) / 1.5


def test_a_reading_that_is_stopped_goes_on_from_there():
    reading, tape, n = Reading(MODEL), TAPES[0], len(FILES[0])
    asked = iter([False, True])
    with pytest.raises(Stopped):
        reading.follow(tape, n, same=0, stop=lambda: next(asked))
    assert 0 < reading.n < n
    reading.follow(tape, n, same=reading.n)
    np.testing.assert_allclose(ask(reading, tape, 0).vocabulary, answers_at_line(tape, n, 0), rtol=1e-4)


def answers_at_line(tape, n, line):
    reading = Reading(MODEL)
    reading.follow(tape, n, same=0)
    return ask(reading, tape, line).vocabulary
