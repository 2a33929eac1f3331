"""What the model says of a place is what it says while one types."""

import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program
from tests.complete.unusual.slow import Slow

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
        for word, p in zip(words, surprise.p(t, words), strict=True):
            number, name = model.vocabulary.word_ids.get(word, 0), lexicon.id(word)
            assert p == pytest.approx(typed.p(number, name), rel=1e-3)


@pytest.mark.parametrize("text", [program(1, 12), program(2, 150), "a", "", "a = b\nä(a)"])
def test_all_at_once_is_one_by_one(text):
    model, _, _, lexicon = random_model()
    file = encode(text, model.vocabulary, lexicon)
    surprise, slow, words = Surprise(model, file, lexicon), Slow(model, file, lexicon), ["total", "never seen", "own2"]
    for t in (*range(min(len(file), 40)), *range(40, len(file), 37)):
        asked = [*words, file.tokens.words[t]]
        assert surprise.p(t, asked).tolist() == pytest.approx([slow.p(t, word) for word in asked], rel=1e-3)
        then = [slow.then(t, word) for word in asked]
        assert surprise.then(t, asked).tolist() == pytest.approx(then, rel=1e-3)
        assert [surprise.then(t, [word])[0] for word in asked] == pytest.approx(then, rel=1e-3)
    if len(file):
        assert surprise.bits() == pytest.approx(slow.bits(), rel=1e-4)
