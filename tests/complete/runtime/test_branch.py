import numpy as np
import pytest
from tests.complete.runtime.models import random_model
from tests.complete.toys import program

from learnsys.complete.data.encode import Lexicon, encode
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.answer import ask
from learnsys.complete.runtime.branch import Branch
from learnsys.complete.runtime.state import Reading, Tape
from learnsys.complete.runtime.typed import Typed

MODEL, *_ = random_model(count=3, statements=30)


@pytest.mark.parametrize("begin", [0, 1, 17, 60, 700])
def test_tokens_thought_of_are_tokens_typed(begin):
    text = program(3, 120)
    found, lexicon = tokens(text, "js"), Lexicon()
    typed = Typed(text[: found.starts[begin]], MODEL, lexicon)
    typed.read(typed.document.tokens, begin)
    branch = Branch.at(typed, lexicon, begin)
    for t in range(begin, begin + 40):
        branch = branch.push(found.words[t], int(found.kinds[t]), found.gap(t))
        if t % 8 == 0:
            file, reading = encode(text, MODEL.vocabulary, lexicon), Reading(MODEL)
            reading.follow(Tape.of(file), t + 1, same=0)
            assert branch.line(found.gap(t + 1)) == file.lines[t + 1]
            want, got = ask(reading, Tape.of(file), int(file.lines[t + 1])), branch.ask(found.gap(t + 1))
            np.testing.assert_array_equal(got.names, want.names)
            np.testing.assert_allclose(got.mass, want.mass, rtol=1e-3, atol=1e-6)
            np.testing.assert_allclose(got.vocabulary, want.vocabulary, rtol=1e-3, atol=1e-6)


def test_branches_do_not_disturb_each_other_nor_the_document():
    text = program(4, 20)
    lexicon = Lexicon()
    typed = Typed(text, MODEL, lexicon)
    before = typed.ask(len(text)).answer
    root = Branch.at(typed, lexicon, len(typed.document.tokens))
    one = root.push("total", 0, "\n").push("(", 2, "")
    again = one.ask("").vocabulary
    root.push("node", 0, "\n").push("}", 2, "")
    np.testing.assert_array_equal(one.ask("").vocabulary, again)
    np.testing.assert_array_equal(typed.ask(len(text)).answer.vocabulary, before.vocabulary)
