import numpy as np
from tests.complete import naive
from tests.complete.toys import encoded

from learnsys.complete.caches.contexts import KINDS, marks, rows
from learnsys.complete.caches.occurrences import Occurrences
from learnsys.complete.caches.voting import CANDIDATES, DECAY, EACH, EXPERTS, FEATURES, FOUND, table, votes

FILES, _, LEXICON = encoded(3, statements=40)
HASHES = [rows(file.names, file.lines, marks(LEXICON))[0] for file in FILES]


def said(t, words, p):
    """Candidates, shares and features before token t of the first file; the others are the project."""
    file, project = Occurrences(), Occurrences()
    file.add(FILES[0].names[:t], HASHES[0][:t])
    for other, hashes in zip(FILES[1:], HASHES[1:], strict=True):
        project.add(other.names, hashes)
    out = np.empty(CANDIDATES, np.int32), np.empty((CANDIDATES, EXPERTS), np.float32), np.zeros(FEATURES, np.float32)
    scratch = (table(), np.empty(FOUND, np.int32))
    stores = (file.arrays, project.arrays)
    n = votes(HASHES[0][t], stores, (np.array(words, np.int32), np.array(p, np.float32)), scratch, out)
    assert (scratch[0] == -1).all()
    return out[0][:n], out[1][:n], out[2]


def test_shares_are_followers_weighed_by_how_late_they_stood_there():
    t = 60
    ids, shares, features = said(t, [3, 5], [0.5, 0.25])
    assert len(set(ids.tolist())) == len(ids)
    twins = [naive.Followers(), naive.Followers()]
    twins[0].add(0, FILES[0].names[:t], HASHES[0][:t])
    for i in (1, 2):
        twins[1].add(i, FILES[i].names, HASHES[i])
    for side, twin in enumerate(twins):
        for kind in range(KINDS):
            follow = twin.find(kind, int(HASHES[0][t, kind]), FOUND)
            weights = DECAY ** np.arange(len(follow))
            expected = [weights[np.array(follow) == word].sum() / weights.sum() if follow else 0 for word in ids]
            e = 1 + side * KINDS + kind
            np.testing.assert_allclose(shares[:, e], expected, atol=1e-5)
            here = features[EACH * (e - 1) : EACH * e]
            assert (here[0] > 0) == bool(follow)
            if follow:
                np.testing.assert_allclose(here[1:3], [max(expected), len(set(follow)) / len(follow)], atol=1e-5)


def test_the_backbone_is_the_first_expert():
    ids, shares, _ = said(30, [3, 5, 0], [0.5, 0.25, 0.0])
    assert shares[:, 0].tolist()[:2] == [0.5, 0.25]
    assert shares[2:, 0].sum() == 0
    assert ids[:2].tolist() == [3, 5]
