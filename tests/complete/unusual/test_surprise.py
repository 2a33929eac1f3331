"""What the model says of a place is what it says while one types."""

import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.data.encode import encode
from learnsys.complete.runtime.typed import Typed
from learnsys.complete.unusual.surprise import Surprise


def test_probabilities_are_those_of_typing():
    model, _, _, lexicon = random_model()
    file = encode(program(1, 12), model.vocabulary, lexicon)
    surprise, words = Surprise(model, file, lexicon), ["total", "count", "node"]
    for t in (t for t in range(5, 60) if file.tokens.words[t - 1] in ("(", "[", ",")):
        start = int(file.tokens.starts[t])
        typed = Typed(file.tokens.text[:start], model, lexicon).ask(start).answer
        p = surprise.p(t, words, behind=False)
        for word in words:
            number, name = model.vocabulary.word_ids.get(word, 0), lexicon.id(word)
            assert p[word] == pytest.approx(typed.p(number, name), rel=1e-3)


def test_the_token_behind_counts_as_if_the_word_stood_there():
    model, _, _, lexicon = random_model()
    file = encode(program(1, 12), model.vocabulary, lexicon)
    t = next(i for i, word in enumerate(file.tokens.words) if i > 20 and word == "=") - 1
    word = file.tokens.words[t]
    surprise = Surprise(model, file, lexicon)
    alone, both = surprise.p(t, [word], behind=False)[word], surprise.p(t, [word], behind=True)[word]
    behind = surprise.p(t + 1, ["="], behind=False)["="]
    assert both / alone == pytest.approx(behind, rel=1e-3)
