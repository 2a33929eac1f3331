import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.runtime.state import Stopped
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
        if anew.document.tokens.words != typed.document.tokens.words:
            continue  # a broken text that is parsed anew may be recovered in another way
        got, fresh = typed.ask(offset), anew.ask(offset)
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
