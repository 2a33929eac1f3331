import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, texts

from learnsys.complete.data.encode import Lexicon, encode_tokens
from learnsys.complete.data.vocabulary import learn_vocabulary
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.prefix import Prefix
from learnsys.complete.runtime.state import Tape

FIELDS = ("words", "parts", "names", "lines", "previous", "child", "depth")


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_after_any_edits_the_prefix_is_that_of_the_whole_text_encoded(key, data):
    vocabulary = learn_vocabulary([("package", tokens(CODE[key], key))], words=40, parts=40)
    lexicon = Lexicon()
    prefix = Prefix(vocabulary, lexicon)
    document = Document(data.draw(texts(key)), key)
    for _ in range(3):
        found = document.tokens
        same = document.unchanged(found)
        document.mark_read(found)
        n = data.draw(st.integers(0, len(found)))
        prefix.follow(found, len(found) if data.draw(st.booleans()) else n, same=same)
        whole = Tape.of(encode_tokens(found, vocabulary, lexicon))
        for field in FIELDS:
            np.testing.assert_array_equal(getattr(prefix.tape, field)[: prefix.n], getattr(whole, field)[: prefix.n])
        if prefix.n < len(found):
            assert prefix.line(found.gap(prefix.n), prefix.n) == whole.lines[prefix.n]
        start = data.draw(st.integers(0, len(document.text)))
        document.edit(start, data.draw(st.integers(start, min(len(document.text), start + 9))), data.draw(texts(key)))


def test_what_did_not_change_is_said():
    vocabulary = learn_vocabulary([("package", tokens(CODE["js"], "js"))])
    prefix = Prefix(vocabulary, Lexicon())
    found = tokens("let a = b + c;", "js")
    assert prefix.follow(found, 4, same=0) == 0
    assert prefix.follow(found, 6, same=6) == 4
    assert prefix.follow(found, 2, same=6) == 6
    assert prefix.n == 6
    assert prefix.follow(tokens("let a = d + c;", "js"), 7, same=3) == 3
    assert prefix.n == 7
