"""Equal words have equal numbers, also when threads meet, and codes are those of the vocabulary."""

from threading import Thread

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.lexicon import SLOTS, Lexicon
from learnsys.complete.data.vocabulary import UNKNOWN, Vocabulary
from learnsys.complete.lexing.subtokens import subtokens

VOCABULARY = Vocabulary(
    language="js", words=("<unknown>", "<start>", "getName", "="), parts=("<unknown>", "<start>", "name", "a")
)
words = st.lists(
    st.sampled_from(["getName", "setName", "=", "aB", "a_b_c_d_e_f", ""]) | st.text(max_size=3), max_size=20
)


@given(words)
def test_numbers_tell_words_apart_and_lead_back_to_them(drawn):
    lexicon = Lexicon()
    ids = lexicon.ids(drawn)
    assert ids.dtype == np.int32
    assert [lexicon.words[i] for i in ids] == drawn
    assert len(lexicon) == len(set(drawn)) == len(set(lexicon.words))
    assert [lexicon.id(word) for word in drawn] == ids.tolist()


@given(st.lists(words, max_size=4))
def test_codes_are_looked_up_in_the_vocabulary_as_the_lexicon_grows(lists):
    lexicon = Lexicon()
    for drawn in lists:
        ids = lexicon.ids(drawn)
        codes = lexicon.codes(VOCABULARY)
        assert codes.words(ids).tolist() == [VOCABULARY.word_ids.get(word, UNKNOWN) for word in drawn]
        for row, word in zip(codes.parts(ids).tolist(), drawn, strict=True):
            parts = [VOCABULARY.part_ids.get(part, UNKNOWN) for part in subtokens(word)][:SLOTS]
            assert row == parts + [0] * (SLOTS - len(parts))


def test_codes_outgrow_their_first_table():
    lexicon = Lexicon()
    lexicon.ids(f"w{i}" for i in range(5000))
    ids = lexicon.ids(["getName", "w3"])
    assert lexicon.codes(VOCABULARY).words(ids).tolist() == [2, 0]
    assert lexicon.codes(VOCABULARY) is lexicon.codes(VOCABULARY)
    assert lexicon.codes(other := Vocabulary(language="js", words=("?", "w3"), parts=("?",))).words(ids).tolist() == [
        0,
        1,
    ]
    assert lexicon.codes(other) is not lexicon.codes(VOCABULARY)


def test_threads_agree_on_numbers():
    lexicon, found = Lexicon(), []
    names = [f"name{i}" for i in range(2000)]
    threads = [Thread(target=lambda: found.append(lexicon.ids(names))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((ids == found[0]).all() for ids in found)
    assert len(lexicon) == len(names)


def test_only_words_that_are_asked_get_codes():
    lexicon = Lexicon()
    ids = lexicon.ids(f"w{i}" for i in range(5000))
    codes = lexicon.codes(VOCABULARY)
    codes.parts(ids[3:4])
    assert len(codes._made) < 5000
