"""At run time the model says what it said in training, from a file too."""

import numpy as np
import pytest
import torch
from tests.complete.names.toys import text_of, trained

from learnsys.complete.models.namer import Namer
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.encode import encode
from learnsys.complete.names.features import describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.proposals import proposals
from learnsys.complete.names.ranker import Ranked, Ranker, composed, load_names
from learnsys.complete.names.votes import Vote
from learnsys.complete.runtime.weights import load_weights, save_weights
from learnsys.core.errors import BadFile


@pytest.fixture
def path(tmp_path):
    return save_weights(tmp_path / "js-names.safetensors", trained())


@pytest.fixture
def file():
    return describe(flat(text_of("camera") + "function f(q, r) { return q.draw(r) }", "js"))


def in_torch(ranker, asked):
    model = Namer(ranker.vocabulary)
    model.load_state_dict({name: torch.from_numpy(t) for name, t in ranker.tensors.items() if name != "idf"})
    with torch.no_grad():
        logits, extra, places = model.eval()(asked)
    return torch.cat([logits, extra], 1).softmax(1).numpy(), places.numpy()


def test_probabilities_are_those_of_the_training_graph(path, file):
    whole = load_names(path)
    ranker = Ranker(whole.vocabulary, whole.tensors)
    asked = proposals(file, ranker.vocabulary.weight, "js")
    p, places = in_torch(ranker, encoded := encode(file, asked, ranker.vocabulary))
    candidates = [c for own in asked for c in own]
    for i, (ranked, own) in enumerate(ranker.rank(file, asked, n=8)):
        assert [r.p for r in ranked] == pytest.approx(np.sort(p[i])[::-1][:8].tolist(), rel=1e-3, abs=1e-6)
        named = {ranker.vocabulary.names[j]: p[i, j] for j in range(len(ranker.vocabulary.names))}
        named |= {c.name: p[i, places[j]] for j, c in enumerate(candidates) if encoded.owners[j] == i}
        assert all(named[r.name] == pytest.approx(r.p, rel=1e-3, abs=1e-6) for r in ranked)
        assert own == pytest.approx(named.get(file[i].symbol.name, 0.0), rel=1e-3, abs=1e-6)


def test_a_new_name_is_copied_from_what_stands_near(path, file):
    ranker = load_names(path)
    answers = ranker.rank(file, proposals(file, ranker.vocabulary.weight, "js"), n=1)
    best = {found.symbol.name: ranked[0].name for found, (ranked, _) in zip(file, answers, strict=True)}
    assert best["camera"] == "camera"
    assert best["i"] == "i"
    assert best["context"] == "context"


def test_other_models_and_damaged_ones_are_refused(path, tmp_path):
    with pytest.raises(BadFile, match="a model of names, not of tokens"):
        load_weights(path)
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadFile, match="sha256"):
        load_names(path)
    with pytest.raises(BadFile, match="no file"):
        load_names(tmp_path / "none.safetensors")


def test_lists_that_do_not_fit_are_refused(tmp_path):
    import msgspec

    weights = trained()
    card = msgspec.structs.replace(weights.card, lists={})
    path = save_weights(tmp_path / "x.safetensors", msgspec.structs.replace(weights, card=card))
    with pytest.raises(BadFile, match="do not fit"):
        load_names(path)


def test_composed_names_join_the_ranking_of_routines_and_leave_variables_alone(path, file):
    whole = load_names(path)
    alone = Ranker(whole.vocabulary, whole.tensors)
    asked = proposals(file, whole.vocabulary.weight, "js")
    both = list(zip(file, alone.rank(file, asked, n=40), whole.rank(file, asked, n=40), strict=True))
    for found, before, after in both:
        if found.symbol.sort == "variable":
            assert after == before
        else:
            p = [r.p for r in after[0]]
            assert p == sorted(p, reverse=True)
            assert sum(p) == pytest.approx(1.0, abs=1e-3)
            assert any(r.composed for r in after[0])
            assert all(r.weighed for r in after[0])
            own = [r.p for r in after[0] if r.name == found.symbol.name]
            assert 0.0 <= after[1] <= 1.0
            assert not own or after[1] == own[0]


def test_names_of_the_project_keep_what_the_ranker_gives_them(path, file):
    composer = load_names(path).composer
    found = next(one for one in file if one.symbol.sort == "routine")
    declared = Candidate("paint", ("paint",), (), None, Vote(0.5, 0.5, 1, 0), False)
    answer = [Ranked("paint", 0.6, declared), Ranked("open", 0.3, None), Ranked("close", 0.1, None)]
    ((after, _),) = composed(composer, [found], [(answer, 0.0)], "camel", 40)
    p = {r.name: r.p for r in after}
    assert p.pop("paint") == 0.6
    assert {"open", "close"} < set(p)
    assert sum(p.values()) == pytest.approx(0.4, abs=1e-3)
