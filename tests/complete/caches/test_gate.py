import msgspec
import numpy as np
import pytest

from learnsys.complete.caches.gate import Gate, weigh
from learnsys.complete.caches.ranker import ABOUT, Ranker
from learnsys.complete.caches.voting import EACH, EXPERTS, FEATURES
from learnsys.core.errors import BadFile


def gate(seed=0):
    rng = np.random.default_rng(seed)
    shapes = ((24, FEATURES), (24,), (EXPERTS, 24), (EXPERTS,))
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    return Gate(hidden=arrays[0] * 0.1, hidden_bias=arrays[1], out=arrays[2], out_bias=arrays[3])


def ranking_gate(seed=0):
    rng = np.random.default_rng(seed + 100)
    shapes = ((8, ABOUT), (8, 24), (8,), (8,))
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes]
    ranker = Ranker(candidate=arrays[0], place=arrays[1] * 0.2, bias=arrays[2], out=arrays[3] * 0.3)
    return msgspec.structs.replace(gate(seed), ranker=ranker)


def test_shares_are_those_of_the_formula_over_experts_that_found_something():
    own, features = gate(), np.random.default_rng(1).random(FEATURES).astype(np.float32)
    features[[0, 3 * EACH]] = 0
    share = np.empty(EXPERTS, np.float32)
    weigh(features, own.arrays[0], share)
    logits = own.out @ np.tanh(own.hidden @ features + own.hidden_bias) + own.out_bias
    logits[[1, 4]] = -np.inf
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(share, expected / expected.sum(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("own", [gate(), ranking_gate()], ids=["gate", "ranker too"])
def test_goes_into_a_model_file_and_comes_back(own):
    again = Gate.of(own.tensors())
    for mine, its in zip(own.arrays, again.arrays, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, its, strict=True))
    assert (again.ranker is None) == (own.ranker is None)


def test_refuses_a_model_without_a_gate_or_with_another():
    with pytest.raises(BadFile, match=r"no gate\.out_bias"):
        Gate.of({k: v for k, v in gate().tensors().items() if k != "gate.out_bias"})
    with pytest.raises(BadFile, match="7 features"):
        Gate.of(gate().tensors() | {"gate.hidden": np.zeros((24, 7), np.float32)})
