"""The model that composes names: what it may write has probability one in all."""

import pytest
import torch

from learnsys.complete.models.composer import Composer
from learnsys.complete.names.slots import MARKS, STEPS, PartVocabulary, fill, spell

VOCABULARY = PartVocabulary(parts=(*MARKS, "get", "user"), roles=("", "calls"))


def inputs(names):
    filled = fill([[("calls", "get"), ("calls", "zebra")]] * len(names), VOCABULARY)
    told = spell(names, filled.fresh, VOCABULARY)
    return [torch.from_numpy(array) for array in (filled.roles, filled.parts, filled.words, told)]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Composer(VOCABULARY, width=8, hidden=8).eval()


def test_the_first_words_share_probability_one(model):
    roles, parts, words, _ = inputs([""] * 9)
    names = torch.full((9, STEPS), -1)
    names[:, 0] = torch.arange(9)  # all known words, and the fresh one
    assert model(roles, parts, words, names)[:, 0].exp().sum().item() == pytest.approx(1.0, abs=1e-4)


def test_nothing_counts_after_the_end(model):
    p = model(*inputs(["get", "getUser"]))
    assert p.shape == (2, STEPS)
    assert (p[0, 2:] == 0).all()
    assert (p[1, :3] < 0).all()


def test_every_parameter_is_learned(model):
    model.train()
    model(*inputs(["getZebra", "user", "_get"])).sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in model.parameters())
