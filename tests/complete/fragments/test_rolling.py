"""The model at work rolls as its branch does."""

from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.fragments.rolling import Rolling
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.counts import Counts
from learnsys.complete.runtime.spread import Words
from learnsys.complete.runtime.typed import Typed


def rolling(text):
    model, _, _, lexicon = random_model()
    typed = Typed(text, model, lexicon)
    n = typed.ask(len(text)).cursor.t
    return Rolling(Branch.at(typed, lexicon, n), Words(model.vocabulary, lexicon), Counts(lexicon), lexicon), typed, n


def test_going_on_is_the_same_as_a_longer_text():
    text = program(1, 6)
    short, typed, n = rolling(text + "const total ")
    longer, _, _ = rolling(text + "const total = ")
    went = short.advance("=", 2, " ").top(" ", 5)
    assert [word for word, _ in went] == [word for word, _ in longer.top(" ", 5)]
    assert typed.document.text == text + "const total "
    assert typed.reading.n == n


def test_words_begin_with_what_is_typed():
    roller, _, _ = rolling(program(1, 6) + "const ")
    assert all(word.startswith("to") for word, _ in roller.top(" ", 5, "to"))
    assert 0 <= roller.finished(" ", "total") <= 1
    assert roller.finished(" ", "totalX") == 0
