"""The words of most packages come first, whatever order the files come in."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.vocabulary import SPECIAL, START, UNKNOWN, learn_vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.subtokens import subtokens

NAMES = ("getName", "get", "name", "x", "setSize2")
sources = st.lists(st.tuples(st.sampled_from("pqr"), st.lists(st.sampled_from(NAMES), max_size=8)), max_size=6)


def files(drawn):
    return [(package, tokens(" ; ".join(words), "js")) for package, words in drawn]


@given(sources, st.integers(2, 9), st.integers(2, 9))
def test_words_are_ranked_by_packages_then_count_then_spelling(drawn, words, parts):
    learnt = learn_vocabulary(files(drawn), words=words, parts=parts)
    seen = [(package, word) for package, found in files(drawn) for word in found.words]
    cut = [(package, part) for package, word in seen for part in subtokens(word)]
    for kept, pairs, most in ((learnt.words, seen, words), (learnt.parts, cut, parts)):
        wide, often = Counter(word for _, word in set(pairs)), Counter(word for _, word in pairs)
        assert list(kept) == [*SPECIAL, *sorted(wide, key=lambda w: (-wide[w], -often[w], w))[: most - 2]]


@given(sources, st.randoms())
def test_the_order_of_the_files_does_not_matter(drawn, random):
    shuffled = list(drawn)
    random.shuffle(shuffled)
    one, other = learn_vocabulary(files(drawn)), learn_vocabulary(files(shuffled))
    assert (one.words, one.parts) == (other.words, other.parts)


def test_numbers_are_places_in_the_list():
    learnt = learn_vocabulary(files([("p", ["getName", "x"])]))
    assert learnt.language == "js"
    assert [learnt.word_ids[word] for word in learnt.words] == list(range(len(learnt.words)))
    assert learnt.parts[learnt.part_ids["get"]] == "get"
    assert (learnt.words[UNKNOWN], learnt.words[START]) == SPECIAL


def test_a_word_spelled_like_a_special_one_has_no_second_number():
    found = tokens(f'a("{SPECIAL[0]}")', "py")
    assert SPECIAL[0] in found.words
    assert learn_vocabulary([("p", found)]).words.count(SPECIAL[0]) == 1
