"""Spelling is a distribution, and knows what it has seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.score.spelling import END, Spelling

WORDS = ["readFile", "readLine", "writeFile", "writeLine", "closeAll", "naïve"]
SPELLING = Spelling(WORDS)


def test_next_characters_add_up_to_one():
    alphabet = {*"".join(WORDS), END}
    for context in ("", "re", "readF", "zzz", END):
        total = sum(SPELLING._one(context, character) for character in alphabet)
        assert total <= 1 + 1e-9
        assert total > 0.7  # the rest is for characters never seen


def test_all_words_of_an_alphabet_are_less_than_one_together():
    short = ["", *"abcdefgh", *(a + b for a in "abcdefgh" for b in "abcdefgh")]
    assert sum(Spelling(["ab", "cd", "ef"])(word) for word in short) < 1


def test_seen_words_are_likelier_than_their_letters_in_another_order():
    assert all(SPELLING(word) > 100 * SPELLING(word[::-1]) for word in WORDS)


@given(st.text(max_size=12))
def test_no_word_is_impossible(word):
    assert 0 < SPELLING(word) <= 1


def test_nothing_learned_gives_every_character_alike():
    assert Spelling([])("ab") == pytest.approx(2.0**-36)
