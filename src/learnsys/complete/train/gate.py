"""Trains the gate on files that the backbone has not seen: the shares that give true tokens the most probability."""

from typing import Final

import numpy as np
import torch
from torch import nn

from learnsys.complete.caches.gate import HIDDEN, Gate
from learnsys.complete.caches.scorer import Observed
from learnsys.complete.caches.voting import EACH, EXPERTS, FEATURES
from learnsys.complete.train.batches import BATCH, minimise
from learnsys.core.errors import InputError

EPOCHS: Final = 5
RATE: Final = 5e-3
_LEAST: Final = 2.0**-60


def fit_gate(observed: list[Observed], *, epochs: int = EPOCHS, seed: int = 0) -> Gate:
    """Return the gate that minimises the bits of the observed tokens, with Adam at a rate that falls to zero.

    Parameters
    ----------
    observed : list of Observed
        Of files of the validation packages.
    epochs : int
        Times that each token is looked at.
    seed : int
        Of the first weights and of the order.

    Raises
    ------
    InputError
        If there are fewer tokens than a batch.
    """
    none, nobody = np.zeros((0, FEATURES), np.float32), np.zeros((0, EXPERTS), np.float32)
    features = torch.from_numpy(np.concatenate([none, *(own.features for own in observed)]))
    shares = torch.from_numpy(np.concatenate([nobody, *(own.shares for own in observed)]))
    n = len(features)
    if n < BATCH:
        raise InputError(f"a gate needs {BATCH} tokens to learn from", value=n, next="give it more validation files")
    silent = torch.cat([torch.zeros(n, 1, dtype=torch.bool), features[:, : EACH * (EXPERTS - 1) : EACH] <= 0], 1)
    order = torch.Generator().manual_seed(seed)
    hidden, out = _layers(order)
    weights = [*hidden.parameters(), *out.parameters()]

    def bits(batch: torch.Tensor) -> torch.Tensor:
        logits = out(torch.tanh(hidden(features[batch]))).masked_fill(silent[batch], -1e9)
        return -torch.log((logits.softmax(-1) * shares[batch]).sum(1) + _LEAST).mean()

    minimise(weights, bits, torch.arange(n), epochs=epochs, rate=RATE, order=order)
    kept = [weight.detach().numpy().copy() for weight in weights]
    return Gate(hidden=kept[0], hidden_bias=kept[1], out=kept[2], out_bias=kept[3])


def _layers(order: torch.Generator) -> tuple[nn.Linear, nn.Linear]:
    """Return both layers, their first weights small and the caches believed less than the backbone."""
    hidden, out = nn.Linear(FEATURES, HIDDEN), nn.Linear(HIDDEN, EXPERTS)
    with torch.no_grad():
        for layer in (hidden, out):
            layer.weight.uniform_(-1, 1, generator=order).mul_(layer.in_features**-0.5)
            layer.bias.zero_()
        out.bias[1:] = -2
    return hidden, out
