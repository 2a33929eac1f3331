"""The list is that of an editor: a naive twin makes it anew at every token."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.toys import encoded

from learnsys.complete.baselines.recent import RecentWords
from learnsys.complete.data.encode import encode
from learnsys.complete.lexing.types import Kind
from learnsys.complete.score.types import SHOWN

FILES, VOCABULARY, LEXICON = encoded(4, statements=15)
TEXTS = st.lists(st.sampled_from([*"abcdefg+1", "if"]), min_size=1, max_size=30).map(" ".join)


def identifiers(file, n=None):
    pairs = list(zip(file.tokens.words, file.tokens.kinds, strict=True))[:n]
    return [word for word, kind in pairs if kind == Kind.NAME]


def listed(file, others, t):
    """Go back from token t, then through the project; each word counts where it is met first."""
    back = [*reversed(identifiers(file, t)), *(word for other in others for word in reversed(identifiers(other)))]
    return sorted(set(back), key=back.index)[:SHOWN]


def check(file, others):
    (found,) = RecentWords().score([file], [others])
    for t, (word, kind) in enumerate(zip(file.tokens.words, file.tokens.kinds, strict=True)):
        shown = listed(file, others, t) if kind == Kind.NAME else []
        assert found.rank[t] == (shown.index(word) if word in shown else SHOWN)
    assert np.isnan(found.p).all()
    assert np.isnan(found.confidence).all()


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_identifiers_are_offered_by_how_lately_they_stood(text, others):
    check(encode(text, VOCABULARY, LEXICON), [encode(other, VOCABULARY, LEXICON) for other in others])


def test_of_whole_files_with_and_without_a_project():
    check(FILES[0], ())
    check(FILES[0], FILES[1:])
