"""No two of what is left are alike, and held-out files win."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.corpus.archives import source

from learnsys.complete.corpus.duplicates import JACCARD, without_copies
from learnsys.complete.corpus.types import SPLITS, Source
from learnsys.core.errors import MissingExtra


def made(split, text, path="a.js"):
    return Source(split=split, package="p", path=path, text=text)


def words(n, seed):
    """A file of n words that shares nothing with that of another seed."""
    return " ".join(f"w{seed}_{i}" for i in range(n))


def test_a_copy_but_for_white_space_is_left_out():
    text = source("js", "one")
    assert without_copies([made("train", text), made("train", text.replace("  ", "\t") + "\n\n")]) == [
        made("train", text)
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_test_wins_over_validation_and_this_over_training(order):
    text = source("py", "one")
    three = [made(split, text, path=split) for split in SPLITS]
    assert [kept.split for kept in without_copies([three[i] for i in order])] == ["test"]
    assert [kept.split for kept in without_copies(three[:2])] == ["valid"]


def test_near_copies_are_left_out_and_halves_are_not():
    whole = words(400, 0)
    near = whole.replace("w0_200 ", "")
    half = words(400, 0)[: len(whole) // 2] + " " + words(200, 1)
    kept = without_copies([made("test", whole), made("train", near), made("train", half)])
    assert [k.text for k in kept] == [whole, half]
    assert JACCARD > 0.5


@given(st.lists(st.tuples(st.sampled_from(SPLITS), st.integers(0, 4)), max_size=10))
def test_each_text_is_kept_once_in_its_first_split(drawn):
    sources = [made(split, words(60, seed), path=str(i)) for i, (split, seed) in enumerate(drawn)]
    kept = without_copies(sources)
    assert sorted(k.text for k in kept) == sorted({s.text for s in sources})
    order = ["test", "valid", "train"]
    for k in kept:
        assert order.index(k.split) == min(order.index(s.split) for s in sources if s.text == k.text)
    assert [order.index(k.split) for k in kept] == sorted(order.index(k.split) for k in kept)


def test_progress_is_told_for_every_file():
    told = []
    without_copies([made("train", words(60, i)) for i in range(3)], on_file=told.append)
    assert told == [0, 1, 2]


def test_a_missing_library_names_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasketch", None)
    with pytest.raises(MissingExtra, match=r"learnsys\[corpus\]"):
        without_copies([made("train", "x")])
