"""Votes are cosines of weighted sets, and the name itself is never asked."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.complete.names.votes import Votes

SETS = st.lists(st.lists(st.sampled_from("pqrstu"), min_size=1, max_size=4, unique=True), min_size=1, max_size=6)


def weight(feature):
    return {"p": 1.0, "q": 2.0}.get(feature, 0.5)


def naive(names, sets, features, but, banned):
    votes = {}
    for i, (name, own) in enumerate(zip(names, sets, strict=True)):
        shared = sum(weight(f) ** 2 for f in own if f in features)
        norms = math.sqrt(sum(weight(f) ** 2 for f in own)) * math.sqrt(sum(weight(f) ** 2 for f in features))
        if shared and i != but and name != banned:
            votes.setdefault(name, []).append(shared / norms)
    return votes


@given(SETS, st.integers(-1, 5), st.sampled_from(["", "n0", "n1"]))
def test_votes_are_those_of_all_pairs(sets, but, banned):
    names = [f"n{i % 3}" for i in range(len(sets))]
    found = Votes(names, sets, weight=weight).ask(sets[0], but=but, banned=banned)
    expected = naive(names, sets, sets[0], but, banned)
    assert set(found) == set(expected)
    for name, vote in found.items():
        assert (vote.best, vote.total, vote.count) == (
            pytest.approx(max(expected[name])),
            pytest.approx(sum(expected[name])),
            len(expected[name]),
        )
        assert names[vote.nearest] == name


def test_symbols_left_out_do_not_vote():
    votes = Votes(["a", "b"], [["p"], ["p"]], weight=weight)
    assert set(votes.ask(["p"], without=frozenset({0}))) == {"b"}
    assert not votes.ask(["nothing"])
