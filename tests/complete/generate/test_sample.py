"""What is made up parses, whatever the model; the same seed gives the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.fragments.tables import Table
from tests.complete.toys import program

from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.search import Style
from learnsys.complete.fragments.veto import errors
from learnsys.complete.generate.sample import WIDEST, Sampling, Standing, _drawn, closed, sample
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.gaps import start
from learnsys.complete.style.spaces import Spaces, before
from learnsys.core.errors import InputError

WORDS = [tokens(program(seed, 30), "js").words for seed in range(6)]
SPACES = Spaces()
for _seed in range(6):
    SPACES.read(tokens(program(_seed, 30), "js"))


def made(**sampling):
    at = Standing(Table(WORDS), start("js", "  "), Brackets())
    return sample(at, "js", Style(spaces=SPACES), Sampling(**sampling))


@given(st.integers(0, 1000), st.floats(0.5, 2), st.floats(0.3, 1))
def test_samples_parse(seed, temperature, top_p):
    text = made(seed=seed, tokens=40, temperature=temperature, top_p=top_p)
    assert errors(text, "js") == 0


def test_the_same_seed_gives_the_same_and_others_do_not():
    assert made(seed=1, tokens=60) == made(seed=1, tokens=60)
    assert len({made(seed=seed, tokens=60) for seed in range(6)}) > 1


def test_no_more_tokens_than_asked_but_for_what_closes():
    found = tokens(made(seed=3, tokens=30), "js").words
    assert sum(word not in (")", "]", "}") for word in found) <= 31


def test_open_brackets_are_closed():
    place, brackets = start("js", "  "), Brackets()
    for word in ("f", "(", "["):
        place, brackets = place.after(word, 2 * (word != "f"), ""), brackets.push(word, 2 * (word != "f"))
    assert closed(Standing(Table(WORDS), place, brackets, text="f([")) == "f([])"
    given = Brackets(around=("(", "["))
    assert closed(Standing(Table(WORDS), place, given, text="a")) == "a])"


@pytest.mark.parametrize("seed", range(4))
def test_a_statement_that_is_begun_is_finished(seed):
    begun = "const total =\n"
    found = tokens(begun, "js")
    assert errors(begun, "js") == 1
    at = Standing(Table((), found.words, Table(WORDS).counts), before(found, "  ", 3)[0], Brackets())
    text = sample(at, "js", Style(spaces=SPACES), Sampling(tokens=40, seed=seed), given=begun)
    assert errors(begun + text, "js") == 0


def test_no_line_stands_twice_among_those_right_above():
    lines = made(seed=2, tokens=150, temperature=0.5).split("\n")
    told = [line.strip() for line in lines if any(sign.isalnum() for sign in line)]
    assert all(line not in told[max(i - 4, 0) : i] for i, line in enumerate(told[:-1]))
    assert max(map(len, lines)) <= WIDEST


def test_names_without_a_number_give_their_probability_to_names():
    top, rng = [("const", 0.2), ("a", 0.1), ("b", 0.05)], np.random.default_rng(0)
    named = np.array([False, True, True])
    first = [_drawn(top, named, Sampling(top_p=1), rng)[0] for _ in range(600)]
    assert first.count("const") / 600 == pytest.approx(0.2, abs=0.06)
    assert first.count("a") / 600 == pytest.approx(0.8 * 2 / 3, abs=0.07)


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"temperature": 0}, {"top_p": 0}, {"top_p": 1.5}])
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(InputError):
        Sampling(**wrong)
