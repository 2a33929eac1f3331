import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.caches.test_gate import ranking_gate

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.caches.ranker import ABOUT, RANKED, RECENT, Ranker, describe, first, rank
from learnsys.complete.caches.voting import EXPERTS


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5]) | st.floats(0, 1, width=32), max_size=60))
def test_the_first_are_those_of_a_stable_sort(values):
    p, order = np.array(values, np.float32), np.empty(RANKED, np.int32)
    m = first(p, len(p), order)
    assert order[:m].tolist() == np.argsort(-p, kind="stable")[:RANKED].tolist()


def candidates(n=40, seed=0):
    rng = np.random.default_rng(seed)
    shares = rng.random((n, EXPERTS)).astype(np.float32) * (rng.random((n, EXPERTS)) < 0.4)
    return np.arange(n, dtype=np.int32) * 2, shares, rng.dirichlet(np.ones(n)).astype(np.float32)


def naive(ids, shares, p, names):
    """The features of all candidates, one after the other, from the words of the docstring."""
    rows = []
    for r, c in enumerate(np.argsort(-p, kind="stable")[:RANKED]):
        file, project = shares[c, 1 : 1 + KINDS], shares[c, 1 + KINDS :]
        stood = [i for i, name in enumerate(names) if name == ids[c] and i >= len(names) - RECENT]
        rows.append([
            np.log(p[c]) / 5, np.log1p(r) / 3, np.log(shares[c, 0] + 1e-4) / 4,
            np.log(file.max() + 1e-3) / 3, np.log(project.max() + 1e-3) / 3, (file > 0).mean(), (project > 0).mean(),
            file.mean(), project.mean(), not stood, np.log1p(len(names) - stood[-1]) / 8 if stood else 0,
            np.log1p(len(stood)) / 6,
        ])  # fmt: skip
    return np.array(rows)


@pytest.mark.parametrize("length", [0, 50, RECENT + 300])
def test_what_is_told_of_candidates_is_what_the_naive_count_finds(length):
    own = candidates()
    names = np.random.default_rng(1).integers(0, 120, length).astype(np.int32)
    order, about = np.empty(RANKED, np.int32), np.zeros((RANKED, ABOUT), np.float32)
    m = first(own[2], len(own[2]), order)
    describe(own, order, m, (names, length), about)
    np.testing.assert_allclose(about[:m], naive(*own, names), rtol=1e-5, atol=1e-6)


def test_probability_is_shared_by_the_formula_and_none_is_lost():
    ranker, own = ranking_gate().ranker, candidates()
    order, about = np.empty(RANKED, np.int32), np.zeros((RANKED, ABOUT), np.float32)
    p = own[2].copy()
    m = first(p, len(p), order)
    describe(own, order, m, (np.zeros(0, np.int32), 0), about)
    hidden = np.linspace(-1, 1, 24).astype(np.float32)
    rank(about, order, m, hidden, ranker.arrays, p)
    layer = np.maximum(about @ ranker.candidate.T + ranker.place @ hidden + ranker.bias, 0)
    weight = own[2][order] * np.exp(layer @ ranker.out)
    np.testing.assert_allclose(p[order], weight / weight.sum() * own[2][order].sum(), rtol=1e-4)
    rest = np.setdiff1d(np.arange(len(p)), order)
    assert np.array_equal(p[rest], own[2][rest])
    np.testing.assert_allclose(p.sum(), 1, rtol=1e-5)


def test_without_a_ranker_all_stays():
    own = candidates()
    order, about = np.empty(RANKED, np.int32), np.zeros((RANKED, ABOUT), np.float32)
    m, p = first(own[2], len(own[2]), order), own[2].copy()
    rank(about, order, m, np.zeros(24, np.float32), Ranker.none(24).arrays, p)
    assert np.array_equal(p, own[2])


def test_a_model_file_without_one_has_none():
    assert Ranker.of({}) is None
