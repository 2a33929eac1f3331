"""minGRU: a recurrent layer whose gates see the input alone, so that a chunk is one parallel scan.

``h_t = (1 - z_t) h_{t-1} + z_t tanh(W_h x_t)``, ``z_t = sigmoid(W_z x_t)``, after Feng et al. 2024, "Were RNNs all we
needed?", section 3.1, in layers with a shortcut around each but the first.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MinGRU(nn.Module):
    """Layers of minGRU over chunks, that begin anew with each file.

    Parameters
    ----------
    inputs, size : int
        Width of x and of the states.
    layers : int
        How many.
    """

    def __init__(self, inputs: int, size: int, layers: int) -> None:
        super().__init__()
        self.size = size
        self.layers = nn.ModuleList(nn.Linear(size if i else inputs, 2 * size) for i in range(layers))

    def start(self, batch: int) -> tuple[Tensor, ...]:
        """Return zero states, (batch, size) a layer."""
        return tuple(torch.zeros(batch, self.size) for _ in self.layers)

    def forward(self, x: Tensor, state: tuple[Tensor, ...], begins: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run a chunk: x (T, B, inputs); begins (T, B), where a file begins. Return h (T, B, size) and the state."""
        after = []
        for i, (layer, before) in enumerate(zip(self.layers, state, strict=True)):
            z, new = layer(F.layer_norm(x, x.shape[-1:]) if i else x).chunk(2, -1)
            z = z.sigmoid()
            h = scan((1 - z) * ~begins[..., None], z * new.tanh(), before)
            after.append(h[-1].detach())
            x = x + h if i else h
        return x, tuple(after)


def scan(a: Tensor, b: Tensor, before: Tensor) -> Tensor:
    """Return h_t = a_t h_{t-1} + b_t for all t, by doubling; a, b (T, ...), before (...) is h_{-1}."""
    b = torch.cat([(a[0] * before + b[0]).unsqueeze(0), b[1:]])
    shift = 1
    while shift < len(a):
        b = torch.cat([b[:shift], b[shift:] + a[shift:] * b[:-shift]])
        a = torch.cat([a[:shift], a[shift:] * a[:-shift]])
        shift *= 2
    return b
