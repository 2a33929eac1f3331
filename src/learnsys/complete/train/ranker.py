"""Trains the ranker on what a trained gate made of files that the backbone has not seen."""

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from learnsys.complete.caches.gate import Gate
from learnsys.complete.caches.ranker import ABOUT, HIDDEN, RANKED, Ranker
from learnsys.complete.caches.scorer import Observed
from learnsys.complete.train.batches import BATCH, minimise
from learnsys.core.errors import InputError

EPOCHS: Final = 6
RATE: Final = 3e-3
_LOG_P: Final = 5.0  # the first feature of a candidate is its log p over this


def fit_ranker(observed: list[Observed], gate: Gate, *, epochs: int = EPOCHS, seed: int = 0) -> Ranker:
    """Return the ranker that gives the true tokens, where they are candidates, the most probability.

    Parameters
    ----------
    observed : list of Observed
        With ``gate``, of files of the validation packages.
    gate : Gate
        Trained, without a ranker.
    epochs : int
        Times that each token is looked at.
    seed : int
        Of the first weights and of the order.

    Raises
    ------
    InputError
        If there are fewer tokens than a batch.
    """
    right = np.concatenate([np.zeros(0, np.int16), *(one.right for one in observed)])
    usable = torch.from_numpy(np.flatnonzero(right >= 0))
    if len(usable) < BATCH:
        raise InputError(f"a ranker needs {BATCH} tokens to learn from", value=len(usable), next="give it more files")
    features = torch.from_numpy(np.concatenate([one.features for one in observed]))
    about = torch.from_numpy(np.concatenate([one.about for one in observed]))
    count = torch.from_numpy(np.concatenate([one.count for one in observed]))
    target = torch.from_numpy(right).long()
    shown = torch.tanh(features @ torch.from_numpy(gate.hidden).t() + torch.from_numpy(gate.hidden_bias))
    order = torch.Generator().manual_seed(seed)
    candidate, place, out = _layers(shown.shape[1], order)
    weights = [*candidate.parameters(), *place.parameters(), *out.parameters()]

    def surprise(batch: Tensor) -> Tensor:
        own = about[batch].float()
        hidden = torch.relu(candidate(own) + place(shown[batch])[:, None, :])
        scores = _LOG_P * own[..., 0] + out(hidden)[..., 0]
        return nn.functional.cross_entropy(_among(scores, count[batch]), target[batch])

    minimise(weights, surprise, usable, epochs=epochs, rate=RATE, order=order)
    found = (candidate.weight, place.weight, candidate.bias, out.weight[0])
    kept = [weight.detach().numpy().copy() for weight in found]
    return Ranker(candidate=kept[0], place=kept[1], bias=kept[2], out=kept[3])


def _among(scores: Tensor, count: Tensor) -> Tensor:
    """Leave only the first ``count`` candidates of each token."""
    return scores.masked_fill(torch.arange(RANKED) >= count[:, None], -1e9)


def _layers(units: int, order: torch.Generator) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
    """Return the layers, which change nothing at first."""
    candidate, place = nn.Linear(ABOUT, HIDDEN), nn.Linear(units, HIDDEN, bias=False)
    out = nn.Linear(HIDDEN, 1, bias=False)
    with torch.no_grad():
        for layer in (candidate, place):
            layer.weight.uniform_(-1, 1, generator=order).mul_(layer.in_features**-0.5)
        candidate.bias.zero_()
        out.weight.zero_()
    return candidate, place, out
