from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.runtime.counts import SEEN, Counts
from learnsys.complete.runtime.spread import ORIGINS, Spread

FILES = st.lists(st.lists(st.sampled_from(["ab", "abc", "b", "aé", "zz"]), max_size=6), max_size=5)


def nothing(unknown, *names):
    p = np.full(len(names), 0.1, np.float32)
    return Spread(names=np.array(names, np.int32), p=p, origins=np.zeros(len(names), np.uint8), unknown=unknown)


@given(FILES, FILES, st.sampled_from(["", "a", "ab", "q"]))
def test_words_share_by_how_often_they_stand_in_the_files_that_are_there(kept, removed, prefix):
    lexicon = Lexicon()
    counts = Counts(lexicon)
    learned = [counts.add(tokens(";".join(file), "js")) for file in removed]
    for file in kept:
        counts.add(tokens(";".join(file), "js"))
    for one in learned:
        counts.remove(one)
    times = Counter(word for file in kept for word in file)
    spread = counts.share(nothing(0.5), prefix)
    got = {lexicon.words[name]: p for name, p in zip(spread.names.tolist(), spread.p.tolist(), strict=True)}
    want = {w: 0.5 * SEEN * n / times.total() for w, n in times.items() if w.startswith(prefix)}
    assert got.keys() == want.keys()
    assert {ORIGINS[origin] for origin in spread.origins} <= {"project"}
    for word, p in want.items():
        np.testing.assert_allclose(got[word], p, rtol=1e-5)
    np.testing.assert_allclose(spread.unknown, 0.5 - sum(want.values()), rtol=1e-5)


def test_what_the_file_has_is_not_taken_from_the_project():
    lexicon = Lexicon()
    counts = Counts(lexicon)
    counts.add(tokens("near; far", "js"))
    spread = counts.share(nothing(0.5, lexicon.id("near")), "")
    assert [lexicon.words[name] for name in spread.names.tolist()] == ["near", "far"]
    assert [ORIGINS[origin] for origin in spread.origins] == ["model", "project"]
