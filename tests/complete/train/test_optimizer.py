"""Matrices step by Muon, embeddings and biases by Adam; both at one scale of their rates."""

import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.train.optimizer import Optimizer

_, VOCABULARY, _ = encoded(2, statements=4)


def new():
    torch.manual_seed(0)
    return Backbone(
        len(VOCABULARY.words), len(VOCABULARY.parts), Sizes(width=16, sequence=16, stack=12, pointer=8, dropout=0.0)
    )


def some_loss(model):
    return sum((p * torch.linspace(-1, 1, p.numel()).view(p.shape)).sum() for p in model.parameters())


def test_a_step_of_a_matrix_is_nearly_orthogonal_and_one_of_an_embedding_is_adams():
    model = new()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    Optimizer(model, rate=0.01, matrices=0.02).step(some_loss(model), 0.5)
    steps = {name: p.detach() - before[name] for name, p in model.named_parameters()}
    assert steps["word"].abs() == pytest.approx(torch.full_like(steps["word"], 0.005), rel=1e-3)
    moved = torch.linalg.svdvals(steps["sequence.weight_hh"])
    assert moved.max() < 0.02 * 0.5 * 2 * 1.3  # twice: four times as high as wide
    assert moved.max() > 0.02 * 0.5


def test_it_goes_on_from_what_was_kept():
    whole, cut = new(), new()
    first, second = (Optimizer(model, rate=0.01, matrices=0.02) for model in (whole, cut))
    for _ in range(2):
        first.step(some_loss(whole), 1.0)
    second.step(some_loss(cut), 1.0)
    third = Optimizer(cut, rate=0.01, matrices=0.02)
    third.load_state_dict(second.state_dict())
    third.step(some_loss(cut), 1.0)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(whole.parameters(), cut.parameters(), strict=True))
