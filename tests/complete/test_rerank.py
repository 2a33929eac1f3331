"""Candidates of another server: none is lost or made, the likely ones come first, the others keep their order."""

from hypothesis import given
from hypothesis import strategies as st
from tests.complete.lsp.words import Words

from learnsys.complete.rerank import rerank

WORDS = st.lists(st.sampled_from(["map", "filter", "join(sep)", "length", "at", "zip", "$el", "#id", "+"]), max_size=8)


@given(WORDS, WORDS)
def test_all_come_back_the_likely_ones_first(text, candidates):
    file = Words(" ".join(text) + " ")
    found = rerank(file, len(file.text), candidates).items
    assert sorted(item.text for item in found) == sorted(candidates)
    assert [item.p for item in found] == sorted((item.p for item in found), reverse=True)
    unknown = [item.text for item in found if item.p == 0]
    assert unknown == [candidate for candidate in candidates if candidate in unknown]


def test_the_first_token_of_a_label_counts():
    file = Words("join join map ")
    found = rerank(file, len(file.text), ["at(index)", "filter", "map", "join(sep)"])
    assert [(item.text, round(item.p, 2)) for item in found.items] == [
        ("join(sep)", 0.67),
        ("map", 0.33),
        ("at(index)", 0.0),
        ("filter", 0.0),
    ]
