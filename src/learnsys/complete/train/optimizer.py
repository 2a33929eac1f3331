"""How a model's weights step: Muon for the matrices that multiply states, Adam for embeddings and biases.

Muon (Jordan et al. 2024) makes the steps of a matrix orthogonal, so that its rare directions learn as fast as its
common ones; docs/rooms/complete.md tells what that is worth.
"""

from collections.abc import Mapping
from typing import Any, Final, final

import torch
from torch import nn

BETAS: Final = (0.9, 0.99)
CLIP: Final = 1.0


@final
class Optimizer:
    """Both optimizers of one model, at rates that one schedule scales.

    Parameters
    ----------
    model : Module
        Its two-dimensional parameters inside of submodules are the matrices; those of its own are embeddings.
    rate : float
        Of Adam.
    matrices : float
        Of Muon.
    """

    def __init__(self, model: nn.Module, *, rate: float, matrices: float) -> None:
        self._all = list(model.parameters())
        inner = [p for name, p in model.named_parameters() if "." in name and p.ndim == 2 and min(p.shape) > 1]
        chosen = set(map(id, inner))
        rest = [p for p in self._all if id(p) not in chosen]
        self._rated = (
            (torch.optim.Adam(rest, lr=rate, betas=BETAS), rate),
            (torch.optim.Muon(inner, lr=matrices, weight_decay=0.0), matrices),
        )

    def step(self, loss: torch.Tensor, scale: float) -> None:
        """Go back from ``loss`` and step once, at ``scale`` times the rates."""
        for optimizer, _ in self._rated:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type of it
        torch.nn.utils.clip_grad_norm_(self._all, CLIP)
        for optimizer, rate in self._rated:
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {type(optimizer).__name__: optimizer.state_dict() for optimizer, _ in self._rated}

    def load_state_dict(self, kept: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        for optimizer, _ in self._rated:
            optimizer.load_state_dict(kept[type(optimizer).__name__])
