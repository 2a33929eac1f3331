"""The model of names: one distribution over known names and candidates."""

import pytest
import torch
from tests.complete.names.toys import sources, text_of

from learnsys.complete.models.namer import Namer
from learnsys.complete.names.encode import encode
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.vocabulary import learn_names


@pytest.fixture(scope="module")
def asked():
    files = [(source.package, describe(flat(source.text, "js"))) for source in sources()]
    vocabulary = learn_names(files, "js")
    file = describe(flat(text_of("camera"), "js"))
    return vocabulary, encode(file, proposals(file, vocabulary.weight, "js"), vocabulary)


def test_every_candidate_has_a_column_of_its_own(asked):
    vocabulary, encoded = asked
    logits, extra, places = Namer(vocabulary)(encoded)
    assert logits.shape == (len(encoded), len(vocabulary.names))
    scores = torch.cat([logits, extra], 1)
    pairs = list(zip(encoded.owners.tolist(), places.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert torch.isfinite(scores[[i for i, _ in pairs], [j for _, j in pairs]]).all()
    assert int(torch.isfinite(extra).sum()) == int((encoded.known < 0).sum())


def test_sources_move_the_candidates_that_have_them_and_no_other_name(asked):
    vocabulary, encoded = asked
    model = Namer(vocabulary).eval()
    before = torch.cat(model(encoded)[:2], 1)
    with torch.no_grad():
        model.source_bias += 1.0
    after, _, places = model(encoded)[0], *model(encoded)[1:]
    moved = torch.zeros(len(encoded), len(vocabulary.names), dtype=torch.bool)
    for owner, place in zip(encoded.owners.tolist(), places.tolist(), strict=True):
        if place < len(vocabulary.names):
            moved[owner, place] = True
    change = after - before[:, : len(vocabulary.names)]
    assert (change[moved] > 0.5).all()
    torch.testing.assert_close(change[~moved], torch.zeros_like(change[~moved]), atol=1e-5, rtol=0)
