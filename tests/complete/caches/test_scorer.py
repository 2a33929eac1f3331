import numpy as np
import pytest
from tests.complete.caches.test_gate import gate
from tests.complete.runtime.models import random_model

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.scorer import MixtureScorer
from learnsys.complete.score.types import SHOWN


@pytest.fixture(scope="module")
def toy():
    model, _, files, lexicon = random_model()
    return model, files, lexicon


def scorer(toy, gate):
    model, _, lexicon = toy
    return MixtureScorer("ours", model, gate, lexicon=lexicon, spelling=lambda word: 1e-4)


def test_answers_for_every_token(toy):
    files = toy[1]
    for found, file in zip(scorer(toy, gate()).score(files, [()] * len(files)), files, strict=True):
        assert len(found.p) == len(found.rank) == len(file)
        assert ((found.p > 0) & (found.p <= 1)).all()
        first = found.rank == 0
        np.testing.assert_allclose(found.p[first], found.confidence[first], atol=1e-3)  # p has spelling too
        assert found.rank.max() <= SHOWN


def test_what_is_known_of_one_file_does_not_stay_for_the_next(toy):
    files, one = toy[1], scorer(toy, gate())
    alone = one.score(files[:1], [()])[0]
    with_others = one.score(files[:1], [files[1:]])[0]
    again = one.score(files[:1], [()])[0]
    assert np.array_equal(alone.p, again.p)
    assert not np.array_equal(alone.p, with_others.p)


def test_a_known_copy_of_the_file_makes_it_easy(toy):
    files, one = toy[1], scorer(toy, Gate.plain())
    alone, twice = one.score([files[0]] * 2, [(), [files[0]]])
    assert np.log(twice.p).mean() > np.log(alone.p).mean() + 0.5


def test_what_a_gate_learns_from_gives_back_the_answers(toy):
    files, own = toy[1], gate()
    one = scorer(toy, own)
    seen, found = one.observe(files[:1], [files[1:]])[0], one.score(files[:1], [files[1:]])[0]
    from learnsys.complete.caches.gate import weigh

    for t in range(len(files[0])):
        share = np.empty(len(own.out), np.float32)
        weigh(seen.features[t], own.arrays[0], share)
        np.testing.assert_allclose(share @ seen.shares[t], found.p[t], rtol=1e-3, atol=1e-9)
