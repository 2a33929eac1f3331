"""Transformer blocks with causal attention over the last tokens of the file, as in GPT-2 (Radford et al. 2019).

Places are told by a penalty on distance (ALiBi, Press et al. 2022), and the chunk before is remembered without
gradients (Transformer-XL, Dai et al. 2019), so that it reads streams as the LSTMs do.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEMORY: Final = 256  # tokens before the chunk
HEADS: Final = 4


class GPT(nn.Module):
    """Blocks of attention and a feed-forward layer, each on normed inputs and beside a shortcut.

    Parameters
    ----------
    size : int
        Width of x and of all that follows.
    blocks : int
        How many; each has 12 size^2 parameters, about.
    """

    def __init__(self, size: int, blocks: int) -> None:
        super().__init__()
        self.size = size
        self.blocks = nn.ModuleList(_Block(size) for _ in range(blocks))

    def start(self, batch: int) -> tuple[Tensor, ...]:
        """Return the empty memory of each block, (MEMORY, batch, size), and of where files begin."""
        empty = torch.zeros(MEMORY, batch, self.size)
        return *(empty for _ in self.blocks), torch.full((MEMORY, batch), -1)

    def forward(self, x: Tensor, state: tuple[Tensor, ...], begins: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run a chunk: x (T, B, size); begins (T, B), where a file begins. Return h (T, B, size) and the state."""
        *memory, before = state
        file = torch.cat([before, before[-1] + begins.cumsum(0)])  # number of the file that each place is in
        closed = _closed(file, len(x))
        after = []
        for block, old in zip(self.blocks, memory, strict=True):
            after.append(torch.cat([old, x])[-MEMORY:].detach())
            x = block(x, old, closed)
        return F.layer_norm(x, x.shape[-1:]), (*after, file[-MEMORY:])


class _Block(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.query, self.both = nn.Linear(size, size), nn.Linear(size, 2 * size)
        self.joined = nn.Linear(size, size)
        self.wide, self.narrow = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)
        self.first, self.second = nn.LayerNorm(size), nn.LayerNorm(size)

    def forward(self, x: Tensor, memory: Tensor, closed: Tensor) -> Tensor:
        """Return x (T, B, size) after attention and the feed-forward layer."""
        x = x + self.joined(self._attended(self.first(x), self.first(torch.cat([memory, x])), closed))
        narrow: Tensor = self.narrow(F.gelu(self.wide(self.second(x))))
        return x + narrow

    def _attended(self, x: Tensor, seen: Tensor, closed: Tensor) -> Tensor:
        key, value = self.both(seen).chunk(2, -1)
        heads = [_by_head(tensor) for tensor in (self.query(x), key, value)]
        distance = torch.arange(len(seen)) - torch.arange(len(x))[:, None] - MEMORY  # <= 0 where open
        slope = 2.0 ** -(8.0 / HEADS * torch.arange(1, HEADS + 1))
        bias = (slope[:, None, None] * distance).masked_fill(closed[:, None], -1e9)
        found = F.scaled_dot_product_attention(heads[0], heads[1], heads[2], attn_mask=bias)
        return found.permute(2, 0, 1, 3).reshape(x.shape)


def _by_head(x: Tensor) -> Tensor:
    """Turn (T, B, size) into (B, HEADS, T, size / HEADS)."""
    return x.view(*x.shape[:2], HEADS, -1).permute(1, 2, 0, 3)


def _closed(file: Tensor, length: int) -> Tensor:
    """Tell what a token may not look at, (B, length, MEMORY + length): other files, later tokens, what is too far."""
    place = torch.arange(MEMORY + length)
    at = place[MEMORY:, None]
    other = file.t()[:, None, :] != file.t()[:, MEMORY:, None]
    return other | (place > at) | (place <= at - MEMORY)
