import msgspec
import numpy as np
import pytest
from tests.complete.caches.test_gate import gate

from learnsys.complete.caches.ranker import ABOUT, RANKED, rank
from learnsys.complete.caches.scorer import Observed
from learnsys.complete.train.batches import BATCH
from learnsys.complete.train.ranker import fit_ranker
from learnsys.core.errors import InputError


def observed(n, seed=0):
    """Three candidates, the first the likeliest by far; right is the one whose feature 7 is high."""
    rng = np.random.default_rng(seed)
    about = np.zeros((n, RANKED, ABOUT), np.float16)
    about[:, :3, 0] = np.log([0.6, 0.2, 0.1]) / 5
    right = rng.integers(0, 3, n)
    about[np.arange(n), right, 7] = 1
    return msgspec.structs.replace(
        Observed.empty(n), about=about, count=np.full(n, 3, np.int16), right=right.astype(np.int16)
    )


def test_learns_which_candidate_is_right_and_keeps_what_they_have_together():
    ranker = fit_ranker([observed(4000)], gate(), epochs=80)
    new = observed(100, seed=1)
    hidden = np.tanh(gate().hidden_bias)
    for about, right in zip(new.about.astype(np.float32), new.right, strict=True):
        p = np.array([0.6, 0.2, 0.1], np.float32)
        rank(about, np.arange(3), hidden, ranker.arrays, p)
        assert p[right] > 0.8
        assert p.sum() == pytest.approx(0.9, rel=1e-5)


def test_the_same_seed_gives_the_same_ranker():
    a, b, c = (fit_ranker([observed(1000)], gate(), epochs=1, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(a.candidate, b.candidate)
    assert not np.array_equal(a.candidate, c.candidate)


def test_too_few_tokens_are_refused():
    with pytest.raises(InputError, match=f"needs {BATCH} tokens"):
        fit_ranker([], gate())
    with pytest.raises(InputError, match="needs"):
        fit_ranker([msgspec.structs.replace(observed(900), right=np.full(900, -1, np.int16))], gate())
