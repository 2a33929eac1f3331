"""Arrays say what the tokens are, in the numbers of the vocabulary and of the lexicon."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, texts

from learnsys.complete.data.encode import SLOTS, Lexicon, encode
from learnsys.complete.data.layout import lines
from learnsys.complete.data.vocabulary import learn_vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.nesting import nesting

VOCABULARIES = {key: learn_vocabulary([("p", tokens(CODE[key], key))], words=40) for key in LANGUAGES}


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_a_text_is_encoded_token_by_token(key, data):
    text, vocabulary, lexicon = data.draw(texts(key)), VOCABULARIES[key], Lexicon()
    encoded = encode(text, vocabulary, lexicon)
    found = tokens(text, key)
    assert len(encoded) == len(found)
    assert encoded.tokens.words == found.words
    assert [lexicon.words[i] for i in encoded.names] == found.words
    assert [vocabulary.words[i] for i in encoded.words if i] == [w for w in found.words if w in vocabulary.word_ids]
    assert encoded.parts.shape == (len(found), SLOTS)
    assert encoded.parts.max(initial=0) < len(vocabulary.parts)
    assert encoded.lines.tolist() == lines(found).tolist()
    tree = nesting(found)
    for name in ("previous", "child", "depth"):
        assert (getattr(encoded.nesting, name) == getattr(tree, name)).all()
    assert [array.dtype for array in (encoded.words, encoded.parts, encoded.names)] == [np.int32] * 3


def test_equal_tokens_of_two_files_have_equal_numbers():
    lexicon, vocabulary = Lexicon(), VOCABULARIES["js"]
    one, other = encode("a = b", vocabulary, lexicon), encode("b = 1", vocabulary, lexicon)
    assert one.names[2] == other.names[0]
    assert one.names[1] == other.names[1]
