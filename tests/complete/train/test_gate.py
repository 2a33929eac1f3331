import msgspec
import numpy as np
import pytest

from learnsys.complete.caches.gate import Gate, weigh
from learnsys.complete.caches.scorer import Observed
from learnsys.complete.caches.voting import EACH, EXPERTS, FEATURES
from learnsys.complete.train.batches import BATCH
from learnsys.complete.train.gate import fit_gate
from learnsys.core.errors import InputError


def observed(n, seed=0):
    """Expert 3 is right where its second feature is high, else the backbone; expert 5 would be, but never speaks."""
    rng = np.random.default_rng(seed)
    features, shares = np.zeros((n, FEATURES), np.float32), np.zeros((n, EXPERTS), np.float32)
    sure = rng.random(n) < 0.5
    features[:, EACH * 2] = 0.5
    features[:, EACH * 2 + 1] = sure
    shares[sure, 3] = 0.9
    shares[~sure, 0] = 0.9
    shares[:, 5] = 1.0
    return msgspec.structs.replace(Observed.empty(n), features=features, shares=shares), sure


def weights(gate, features):
    share = np.empty((len(features), EXPERTS), np.float32)
    for row, own in zip(features, share, strict=True):
        weigh(row, gate.arrays[0], own)
    return share


def test_learns_whom_to_believe_and_that_the_silent_say_nothing():
    gate = fit_gate([observed(4000)[0]], epochs=40)
    new, sure = observed(200, seed=1)
    share = weights(gate, new.features)
    assert (share[sure, 3] > 0.8).all()
    assert (share[~sure, 0] > 0.8).all()
    assert share[:, 5].max() == 0


def test_the_same_seed_gives_the_same_gate():
    a, b, c = (fit_gate([observed(1000)[0]], epochs=1, seed=seed) for seed in (1, 1, 2))
    assert isinstance(a, Gate)
    assert np.array_equal(a.hidden, b.hidden)
    assert not np.array_equal(a.hidden, c.hidden)


def test_too_few_tokens_are_refused():
    with pytest.raises(InputError, match=f"needs {BATCH} tokens"):
        fit_gate([])
