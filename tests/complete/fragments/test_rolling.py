"""The model at work rolls as its branch does."""

import numpy as np
import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.project import Project
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.blend import Blend
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.sources import Sources
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed

MODEL = random_model()[0]


def rolling(text, other="", *, gated=True):
    lexicon, found = Lexicon(), tokens(other, "js")
    project, counts, words = Project(lexicon), Counts(lexicon), Words(MODEL.vocabulary, lexicon)
    project.add("other", lexicon.ids(found.words), np.zeros(len(found), np.uint8))
    counts.add(found)
    typed = Typed(text, MODEL, lexicon)
    n = typed.ask(len(text)).cursor.t
    blend = Blend(Gate.plain(), lexicon, project, words)
    blend.follow(typed.prefix.tape, n)
    sources = Sources(words=words, counts=counts, lexicon=lexicon, blend=blend if gated else None)
    return Rolling(Branch.at(typed, lexicon, n), sources), typed, n


def test_going_on_is_the_same_as_a_longer_text():
    text = program(1, 6)
    short, typed, n = rolling(text + "const fresh ", gated=False)
    longer, _, _ = rolling(text + "const fresh = ", gated=False)
    went = short.advance("=", 2, " ").top(" ", 5)
    assert [word for word, _ in went] == [word for word, _ in longer.top(" ", 5)]
    assert typed.document.text == text + "const fresh "
    assert typed.reading.n == n


def test_tokens_thought_of_have_not_occurred():
    roller, _, _ = rolling("a(b);\n")
    before = roller.top("\n", 9)
    thought = roller.advance("zebra", 0, "\n").advance("(", 2, "").advance("zebra", 0, "").advance("(", 2, "")
    assert dict(thought.top("", 9))["b"] > 0.2
    assert roller.top("\n", 9) == before


def test_the_project_goes_on_behind_what_is_thought_of():
    roller, _, _ = rolling("a = 1;\n", "open(theirFile, mode);\n" * 3)
    for word, kind in (("open", 0), ("(", 2)):
        assert roller.top("", 1)
        roller = roller.advance(word, kind, "")
    [(word, p)] = roller.top("", 1)
    assert (word, p > 0.3) == ("theirFile", True)


@pytest.mark.parametrize("text", ["", "a = 1;\n"])
def test_probabilities_stay_probabilities_however_far(text):
    roller, _, _ = rolling(text, program(2, 9))
    for word, kind in (("if", 1), ("(", 2), ("total", 0), (")", 2)):
        roller = roller.advance(word, kind, " ")
        assert 0.5 < sum(p for _, p in roller.top(" ", 9999)) <= 1 + 1e-5


def test_words_begin_with_what_is_typed():
    roller, _, _ = rolling(program(1, 6) + "const ")
    assert all(word.startswith("to") for word, _ in roller.top(" ", 5, "to"))
    assert 0 <= roller.finished(" ", "total") <= 1
    assert roller.finished(" ", "totalX") == 0
