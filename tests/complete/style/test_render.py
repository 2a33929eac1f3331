"""Text in a style has the tokens it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.style.test_gaps import SAMPLES
from tests.complete.toys import program

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.gaps import start
from learnsys.complete.style.render import habitual, joined, render
from learnsys.complete.style.spaces import Spaces

WORDS = st.sampled_from(
    ["a", "b", "(", ")", "{", "}", "+", "++", "-", ";", ",", "'x y'", "\n", "\n\n  ", " ", "/", "1", "1.5", "return",
     "/* c */", "// d\n", "else", "`t${", "é"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30), st.sampled_from(["js", "py", "cpp"]), st.integers(0, 5))
def test_every_text_can_be_written_again(pieces, key, seed):
    spaces = Spaces()
    spaces.read(tokens(program(seed), "js"))
    found = tokens("".join(pieces), key)
    assert tokens(render(found, spaces, "  "), key).words == found.words


@pytest.mark.parametrize("key", SAMPLES)
def test_code_written_in_its_own_style_is_nearly_itself(key):
    found, spaces = tokens(SAMPLES[key], key), Spaces()
    spaces.read(found)
    text = render(found, spaces, "    " if key == "py" else "  ")
    assert tokens(text, key).words == found.words


def test_a_program_takes_over_the_indents_of_another():
    spaces, text = Spaces(), program(2, 40)
    spaces.read(tokens(text, "js"))
    assert render(tokens(text.replace("  ", " \t "), "js"), spaces, "  ").strip() == text.strip()


def test_words_need_a_space_between_them():
    assert joined("return", "a")
    assert not joined("return", "(")


def test_a_habit_is_followed_once_it_is_sure():
    single = tokens("a('x')\nb('y')\nc = [1]\nd('z')\ne('u')\nf()\n", "js")
    double = tokens('a("x");\nb("it\'s");\n' * 3, "js")
    spaces, place = Spaces(), start("js", "  ")
    assert [habitual(spaces, place, word) for word in ("'", '"', ";")] == ["'", '"', ";"]
    spaces.read(single)
    assert [habitual(spaces, place, word) for word in ("'", '"', ";", "x")] == ["'", "'", "", "x"]
    inside = place.after("(", 2, "")
    assert habitual(spaces, inside, ";") == ";"
    spaces.read(double)
    assert [habitual(spaces, place, word) for word in ("'", '"', ";")] == ["'", '"', ";"]
    spaces.read(single, -1)
    assert [habitual(spaces, place, word) for word in ("'", '"', ";")] == ['"', '"', ";"]
