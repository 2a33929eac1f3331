import numpy as np
import pytest
from tests.complete.runtime.models import random_tensors
from tests.complete.toys import encoded

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import Card, Weights, load_weights, save_weights
from learnsys.complete.train.gated import gated


@pytest.fixture(scope="module")
def toy():
    files, vocabulary, lexicon = encoded(24, 30)
    weights = Weights(card=Card(vocabulary=vocabulary, sizes={}), tensors=random_tensors(vocabulary))
    return files, lexicon, weights


def test_a_gate_makes_the_model_better_on_other_files(toy, tmp_path):
    files, lexicon, weights = toy
    found = load_weights(
        save_weights(tmp_path / "m.safetensors", gated(weights, {"a": files[:10], "b": files[10:20]}, lexicon))
    )
    bits = []
    for gate in (Gate.plain(), Gate.of(found.tensors)):
        scorer = MixtureScorer("", Model.of(found), gate, lexicon=lexicon, spelling=lambda word: 1e-4)
        scored = scorer.score(files[20:], [files[:20]] * 4)
        bits.append(-np.log2(np.concatenate([one.p for one in scored])).mean())
    assert bits[1] < bits[0] - 0.2


def test_no_more_tokens_are_taken_than_asked_and_the_seed_rules(toy):
    files, lexicon, weights = toy
    first, again, other = (
        gated(weights, {"a": files[:20]}, lexicon, tokens=1500, seed=seed).tensors["gate.out"] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
