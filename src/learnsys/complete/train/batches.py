"""How the small networks behind the backbone are trained: shuffled batches, Adam, a rate that falls to zero."""

from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import Tensor, nn

BATCH: Final = 512


def minimise(
    weights: Sequence[nn.Parameter], loss: Callable[[Tensor], Tensor], usable: Tensor,
    *, epochs: int, rate: float, order: torch.Generator,
) -> None:  # fmt: skip
    """Change ``weights`` so that the mean ``loss`` of batches falls.

    Parameters
    ----------
    weights : sequence of Parameter
        To be trained in place.
    loss : callable
        Of the numbers (BATCH,) of examples.
    usable : (n,) int64
        Numbers of the examples, n >= BATCH; in each epoch the last n % BATCH of the shuffled ones are left out.
    epochs : int
        Times that each example is looked at.
    rate : float
        Of Adam, at first.
    order : Generator
        Shuffles.
    """
    whole = len(usable) // BATCH
    optimiser = torch.optim.Adam(weights, rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, epochs * whole)
    for _ in range(epochs):
        for batch in usable[torch.randperm(len(usable), generator=order)][: whole * BATCH].view(-1, BATCH):
            value = loss(batch)
            optimiser.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]  # torch has no type of it
            optimiser.step()
            schedule.step()
