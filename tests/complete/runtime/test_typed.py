import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.data.encode import Lexicon, encode
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime import typed as module
from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.state import Reading, Stopped, Tape
from learnsys.complete.runtime.step import WINDOW
from learnsys.complete.runtime.typed import Typed

MODEL, *_ = random_model(count=3, statements=30)
INSERTED = st.sampled_from(["total", "(", ")", "{", "}", "\n", "  ", "const x = ", ";", "// no\n", "'", "é", ""])
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), INSERTED, st.floats(0, 1)), min_size=1, max_size=5)


@settings(deadline=None)
@given(EDITS)
def test_what_is_said_while_typing_is_what_is_said_of_the_text_opened_anew(edits):
    lexicon = Lexicon()
    typed = Typed(program(7, 30), MODEL, lexicon)
    for where, deleted, new, cursor in edits:
        start = int(where * len(typed.document.text))
        typed.document.edit(start, min(start + deleted, len(typed.document.text)), new)
        offset = int(cursor * len(typed.document.text))
        anew = Typed(typed.document.text, MODEL, lexicon)
        got, fresh = typed.ask(offset), anew.ask(offset)
        if got.tokens.words[: got.cursor.t] != fresh.tokens.words[: fresh.cursor.t]:
            continue  # a broken text that is parsed anew may be recovered in another way
        assert (got.cursor, got.line) == (fresh.cursor, fresh.line)
        np.testing.assert_array_equal(got.answer.names, fresh.answer.names)
        np.testing.assert_allclose(got.answer.mass, fresh.answer.mass, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(got.answer.vocabulary, fresh.answer.vocabulary, rtol=1e-3, atol=1e-6)


def test_a_question_that_is_stopped_can_be_asked_again():
    lexicon = Lexicon()
    typed, text = Typed(program(1, 60), MODEL, lexicon), program(1, 60)
    with pytest.raises(Stopped):
        typed.ask(len(text), stop=lambda: True)
    fresh = Typed(text, MODEL, lexicon).ask(len(text))
    np.testing.assert_allclose(typed.ask(len(text)).answer.vocabulary, fresh.answer.vocabulary, rtol=1e-3)


def test_of_a_long_text_what_is_far_before_the_cursor_is_left_out(monkeypatch):
    monkeypatch.setattr(module, "FAR", 600)
    lexicon, text = Lexicon(), program(1, 250)
    found = tokens(text, "js")
    places = {t: int(found.starts[t]) for t in range(len(found) - 1) if found.words[t] == "const"}
    near, far = (min(places, key=lambda t, want=want: abs(t - want)) for want in (300, 2000))
    typed, exact = Typed(text, MODEL, lexicon), Typed(text[: places[near]], MODEL, lexicon)
    for t in (near, far, near, far):
        got = typed.ask(places[t])
        assert got.cursor.t == t
        assert typed.reading.begin == (0 if t == near else (t - 600) // WINDOW * WINDOW)
    got, want = typed.ask(places[near]).answer, exact.ask(places[near]).answer
    np.testing.assert_allclose(got.vocabulary, want.vocabulary, rtol=1e-3, atol=1e-6)
    begun = Reading(MODEL, (far - 600) // WINDOW * WINDOW)
    file = encode(text, MODEL.vocabulary, lexicon)
    begun.follow(Tape.of(file), far, same=0)
    want = ask(begun, Tape.of(file), int(file.lines[far]))
    np.testing.assert_allclose(typed.ask(places[far]).answer.vocabulary, want.vocabulary, rtol=1e-3, atol=1e-6)
    typed.document.edit(0, 0, "f();\n")
    assert typed.ask(places[far] + 5).cursor.t == far + 4
    assert typed.reading.begin == (far + 4 - 600) // WINDOW * WINDOW
