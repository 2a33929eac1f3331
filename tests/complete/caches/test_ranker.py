import numpy as np
import pytest
from tests.complete.caches.test_gate import ranking_gate

from learnsys.complete.caches.contexts import KINDS
from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.ranker import ABOUT, RANKED, RECENT, Ranker, describe, rank
from learnsys.complete.caches.voting import EXPERTS
from learnsys.complete.runtime.step import likeliest
from learnsys.core.errors import BadFile


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
    order, about = likeliest(own[2], RANKED), np.zeros((RANKED, ABOUT), np.float32)
    describe(own, order, (names, length), about)
    np.testing.assert_allclose(about[: len(order)], naive(*own, names), rtol=1e-5, atol=1e-6)


def test_probability_is_shared_by_the_formula_and_none_is_lost():
    ranker, own = ranking_gate().ranker, candidates()
    p, about = own[2].copy(), np.zeros((RANKED, ABOUT), np.float32)
    order = likeliest(p, RANKED)
    describe(own, order, (np.zeros(0, np.int32), 0), about)
    hidden = np.linspace(-1, 1, 24).astype(np.float32)
    rank(about, order, hidden, ranker.arrays, p)
    layer = np.maximum(about @ ranker.candidate.T + ranker.place @ hidden + ranker.bias, 0)
    weight = own[2][order] * np.exp(layer @ ranker.out)
    np.testing.assert_allclose(p[order], weight / weight.sum() * own[2][order].sum(), rtol=1e-4)
    rest = np.setdiff1d(np.arange(len(p)), order)
    assert np.array_equal(p[rest], own[2][rest])
    np.testing.assert_allclose(p.sum(), 1, rtol=1e-5)


def test_without_a_ranker_all_stays():
    own = candidates()
    p, about = own[2].copy(), np.zeros((RANKED, ABOUT), np.float32)
    rank(about, likeliest(p, RANKED), np.zeros(24, np.float32), Ranker.none(24).arrays, p)
    assert np.array_equal(p, own[2])


def test_a_model_file_without_one_has_none():
    assert Ranker.of({}) is None


def test_one_for_other_features_is_refused():
    tensors = ranking_gate().ranker.tensors()
    with pytest.raises(BadFile, match="7 features"):
        Ranker.of(tensors | {"ranker.candidate": np.zeros((8, 7), np.float32)})
    with pytest.raises(BadFile, match="8 units"):
        Ranker.of(tensors | {"ranker.out": np.zeros(3, np.float32)})
    with pytest.raises(BadFile, match="a gate of 5 units"):
        Gate.of(ranking_gate().tensors() | {"ranker.place": np.zeros((8, 5), np.float32)})
