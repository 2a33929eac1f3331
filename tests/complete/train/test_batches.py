import pytest
import torch
from torch import nn

from learnsys.complete.train.batches import BATCH, minimise


def fitted(seed, n=3 * BATCH + 5):
    """Fit a line to n points of one; return its weights and the examples that were looked at."""
    x = torch.linspace(-1, 1, n)
    line, seen = nn.Linear(1, 1), []
    nn.init.zeros_(line.weight)
    nn.init.zeros_(line.bias)

    def loss(batch):
        seen.append(batch)
        return ((line(x[batch, None])[:, 0] - (2 * x[batch] + 1)) ** 2).mean()

    order = torch.Generator().manual_seed(seed)
    minimise(list(line.parameters()), loss, torch.arange(n), epochs=60, rate=0.1, order=order)
    return line, seen


def test_the_loss_falls_to_its_minimum():
    line, _ = fitted(0)
    assert line.weight.item() == pytest.approx(2, abs=0.02)
    assert line.bias.item() == pytest.approx(1, abs=0.02)


def test_an_epoch_looks_at_no_example_twice_and_the_seed_rules():
    (_, first), (_, again), (_, other) = (fitted(seed) for seed in (1, 1, 2))
    assert len(first) == 60 * 3
    for epoch in range(0, len(first), 3):
        assert len(torch.unique(torch.cat(first[epoch : epoch + 3]))) == 3 * BATCH
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
