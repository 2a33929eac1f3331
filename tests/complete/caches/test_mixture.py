import numpy as np
import pytest
from tests.complete.caches.test_gate import gate, ranking_gate
from tests.complete.toys import encoded

from learnsys.complete.caches.contexts import marks, rows
from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.mixture import Mixture, Said, Scratch, mix_file
from learnsys.complete.caches.occurrences import Occurrences
from learnsys.complete.caches.project import Project
from learnsys.complete.caches.scorer import Observed
from learnsys.complete.score.types import SHOWN

FILES, _, LEXICON = encoded(4, statements=30)


def project():
    known = Project(LEXICON)
    for i, file in enumerate(FILES[1:]):
        known.add(i, file.names, file.lines)
    return known


def nobody_asks():
    seen = Observed.empty(0)
    return seen.features, seen.shares, seen.about.astype(np.float32), seen.count, seen.right


def said(t):
    rng = np.random.default_rng(t)
    p = -np.sort(-rng.dirichlet(np.ones(4)))[:3]
    ids = rng.permutation(len(LEXICON))[:3].astype(np.int32)
    return Said(ids=ids, p=p.astype(np.float32), unknown=0.1, entropy=1.5, share=0.4)


@pytest.mark.parametrize("own", [gate(), ranking_gate()], ids=["gate", "ranker too"])
def test_token_by_token_is_as_the_file_at_once(own):
    file = FILES[0]
    n = len(file)
    mixture = Mixture(own, LEXICON, project())
    all_said = [said(t) for t in range(n)]
    p_true = np.zeros(n, np.float32)
    for t, one in enumerate(all_said):
        p_true[t] = one.p[one.ids == file.names[t]].sum()
    p, rank, confidence = np.zeros(n, np.float32), np.zeros(n, np.uint8), np.zeros(n, np.float32)
    mix_file(
        (file.names, file.lines, rows(file.names, file.lines, marks(LEXICON))[0]), Occurrences(n).arrays,
        project().arrays,
        (np.stack([one.ids for one in all_said]), np.stack([one.p for one in all_said]),
         np.array([[one.unknown, one.entropy, one.share] for one in all_said], np.float32), p_true),
        own.arrays, Scratch().arrays,
        (p, rank, confidence, nobody_asks()),
    )  # fmt: skip
    for t in range(n):
        found = mixture.candidates(all_said[t], int(file.lines[t]))
        at = np.flatnonzero(found.ids == file.names[t])
        assert found.p[0] == confidence[t]
        if len(at):
            np.testing.assert_allclose(found.p[at[0]], p[t], rtol=1e-5)
            assert rank[t] == min((found.p > p[t] * (1 + 1e-5)).sum(), SHOWN)
        else:
            assert rank[t] == SHOWN
        mixture.observe(int(file.names[t]), int(file.lines[t]))


def test_probabilities_sum_to_one_at_most_and_are_in_order():
    mixture = Mixture(ranking_gate(3), LEXICON, project())
    for t in range(40):
        found = mixture.candidates(said(t), int(FILES[0].lines[t]))
        assert found.p.sum() <= 1 + 1e-5
        assert (np.diff(found.p) <= 0).all()
        mixture.observe(int(FILES[0].names[t]), int(FILES[0].lines[t]))


def test_forgetting_goes_back_to_where_it_was():
    file = FILES[0]
    straight, edited = (Mixture(gate(), LEXICON, project()) for _ in range(2))
    for t in range(50):
        straight.observe(int(file.names[t]), int(file.lines[t]))
        edited.observe(int(file.names[t]), int(file.lines[t]))
    for name in FILES[1].names[:30].tolist():
        edited.observe(name)
    edited.forget(50)
    assert len(edited) == 50
    a, b = straight.candidates(said(1)), edited.candidates(said(1))
    assert np.array_equal(a.ids, b.ids)
    assert np.array_equal(a.p, b.p)


def test_tokens_ahead_are_contexts_that_have_not_occurred():
    file, cut = FILES[0], 40
    mixture = Mixture(gate(), LEXICON, project())
    mixture.extend(file.names[:cut], file.lines[:cut])
    before = mixture.candidates(said(1))
    for n in (1, 7, 2000):
        ahead = (np.resize(file.names[cut : cut + 7], n), np.resize(file.lines[cut : cut + 7], n))
        after = mixture.candidates(said(2), 0, ahead)
        known = {*file.names[:cut].tolist(), *said(2).ids.tolist(), *(i for f in FILES[1:] for i in f.names.tolist())}
        assert set(after.ids.tolist()) <= known
        assert len(mixture) == cut
        again = mixture.candidates(said(1))
        assert np.array_equal(before.ids, again.ids)
        assert np.array_equal(before.p, again.p)


def test_a_long_file_grows():
    mixture = Mixture(Gate.plain(), LEXICON, Project(LEXICON))
    for name in np.tile(FILES[0].names, 20).tolist()[:2500]:
        mixture.observe(name)
    assert mixture.candidates(Said.nothing()).p[0] > 0


def test_tokens_taken_in_together_are_those_taken_in_one_by_one():
    lexicon = LEXICON
    words = ["f", "(", "a", ",", "b", ")", ";", "if", "{", "}"]
    rng = np.random.default_rng(0)
    names, lines = lexicon.ids(rng.choice(words, 5000)), rng.integers(0, 2, 5000).astype(np.uint8)
    together, single = (Mixture(Gate.plain(), lexicon, Project(lexicon)) for _ in range(2))
    together.extend(names[:1500], lines[:1500])
    together.extend(names[1500:], lines[1500:])
    for name, line in zip(names.tolist(), lines.tolist(), strict=True):
        single.observe(name, line)
    assert len(together) == len(single) == 5000
    got, want = together.candidates(Said.nothing()), single.candidates(Said.nothing())
    assert got.ids.tolist() == want.ids.tolist()
    np.testing.assert_array_equal(got.p, want.p)
