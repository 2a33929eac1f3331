"""Copying: attention over the last tokens of the file, each place voting for the token that stands there.

After the pointer mixture of Li et al. 2018 ("Code completion with neural attention and pointer networks", section 3)
with keys made of the place's own word and of the context in which it was predicted.
"""

from typing import Final

import torch
from torch import Tensor, nn

WINDOW: Final = 512
BUCKETS: Final = 16


class Pointer(nn.Module):
    """Scores of the places in the window, and how much of the probability is copied.

    Parameters
    ----------
    width : int
        Of outputs o and inputs x.
    size : int
        Of keys and queries.
    """

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.query = nn.Parameter(torch.randn(size, width) * width**-0.5)
        self.key_context = nn.Parameter(torch.randn(size, width) * width**-0.5)
        self.key_word = nn.Parameter(torch.randn(size, width) * width**-0.5)
        self.distance = nn.Parameter(torch.zeros(BUCKETS))
        self.gate = nn.Parameter(torch.zeros(width))
        self.gate_bias = nn.Parameter(torch.zeros(()))

    def keys(self, x: Tensor, context: Tensor) -> Tensor:
        """Return keys (..., size) of places: x their words, context the outputs that predicted them."""
        return x @ self.key_word.t() + context @ self.key_context.t()

    def scores(self, outputs: Tensor, keys: Tensor, distances: Tensor) -> Tensor:
        """Return scores (B, T, P) of outputs (B, T, width) and keys (B, P, size) at distances (T, P)."""
        product: Tensor = (outputs @ self.query.t()) @ keys.transpose(1, 2) * self.size**-0.5
        return product + self.distance[bucket(distances)]

    def copied(self, outputs: Tensor) -> Tensor:
        """Return the logit of copying, shape of outputs without the last axis."""
        return outputs @ self.gate + self.gate_bias


def bucket(distances: Tensor) -> Tensor:
    """Number distances 1, 2, ... by their logarithm, BUCKETS in all."""
    return (distances.clamp(min=1).float().log2() * (BUCKETS - 1) / 9.5).long().clamp(max=BUCKETS - 1)
