"""Tree-LSTMs over finished trees (Tai et al. 2015), upwards, and a flow back down: each node knows the whole tree.

Child-sum (equations 2-8): ``i, o, u`` from ``W x + U sum h_k``; a forget gate for each child ``f_k = s(W_f x + U_f
h_k)``; ``c = i u + sum f_k c_k``, ``h = o tanh c``. N-ary (equations 9-14): a matrix for each place of a child, and
for each pair of places in the forget gates. A forest is one list of nodes with the number of each one's parent; nodes
of equal height go in one step.
"""

import torch
from torch import Tensor, nn


def heights(parents: Tensor) -> Tensor:
    """Return the height of each node, (n,): 0 for leaves; ``parents`` (n,) are smaller numbers, -1 for roots."""
    found = [0] * len(parents)
    told = parents.tolist()
    for i in range(len(told) - 1, -1, -1):
        if told[i] >= 0:
            found[told[i]] = max(found[told[i]], found[i] + 1)
    return torch.tensor(found, dtype=torch.int64)


def depths(parents: Tensor) -> Tensor:
    """Return the depth of each node, (n,): 0 for roots."""
    found: list[int] = []
    for parent in parents.tolist():
        found.append(found[parent] + 1 if parent >= 0 else 0)
    return torch.tensor(found, dtype=torch.int64)


def _uniform(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(*shape).uniform_(-(shape[-1] ** -0.5), shape[-1] ** -0.5))


class ChildSum(nn.Module):
    """Child-sum Tree-LSTM, leaves to root.

    Parameters
    ----------
    inputs, size : int
        Width of x and of the state.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight_x, self.bias = _uniform(4 * size, inputs), nn.Parameter(torch.zeros(4 * size))  # i, o, u, f
        self.weight_sum, self.weight_child = _uniform(3 * size, size), _uniform(size, size)

    def forward(self, x: Tensor, parents: Tensor) -> tuple[Tensor, Tensor]:
        """Return h and c, (n, size), of nodes with inputs x (n, inputs)."""
        h, c = x.new_zeros(len(x), self.size), x.new_zeros(len(x), self.size)
        gates = x @ self.weight_x.t() + self.bias
        for nodes, children, slots in _levels(parents):
            own, below = gates[nodes], h[children]
            total = below.new_zeros(len(nodes), self.size).index_add(0, slots, below)
            i, o, u = (own[:, : 3 * self.size] + total @ self.weight_sum.t()).chunk(3, 1)
            kept = torch.sigmoid(own[slots, 3 * self.size :] + below @ self.weight_child.t()) * c[children]
            new = (i.sigmoid() * u.tanh()).index_add(0, slots, kept)
            c.index_copy_(0, nodes, new)
            h.index_copy_(0, nodes, o.sigmoid() * new.tanh())
        return h, c


class NAry(nn.Module):
    """N-ary Tree-LSTM, leaves to root; children after the N-th share its matrices.

    Parameters
    ----------
    inputs, size, places : int
        Width of x and of the state, and N.
    """

    def __init__(self, inputs: int, size: int, places: int = 2) -> None:
        super().__init__()
        self.size, self.places = size, places
        self.weight_x, self.bias = _uniform(4 * size, inputs), nn.Parameter(torch.zeros(4 * size))  # i, o, u, f
        self.weight_place = _uniform(places, 3 * size, size)
        self.weight_pair = _uniform(places, places, size, size)  # forget gate of place k, from place l

    def forward(self, x: Tensor, parents: Tensor) -> tuple[Tensor, Tensor]:
        """Return h and c, (n, size), of nodes with inputs x (n, inputs)."""
        size = self.size
        h, c = x.new_zeros(len(x), size), x.new_zeros(len(x), size)
        gates = x @ self.weight_x.t() + self.bias
        places = _places(parents).clamp(max=self.places - 1)
        for nodes, children, slots in _levels(parents):
            own, place = gates[nodes], places[children]
            total, forget = own[:, : 3 * size], own[:, None, 3 * size :].repeat(1, self.places, 1)
            for l in range(self.places):
                here = place == l
                below, to = h[children[here]], slots[here]
                total = total.index_add(0, to, below @ self.weight_place[l].t())
                forget = forget.index_add(0, to, torch.einsum("nd,ksd->nks", below, self.weight_pair[:, l]))
            i, o, u = total.chunk(3, 1)
            kept = forget[slots, place].sigmoid() * c[children]
            new = (i.sigmoid() * u.tanh()).index_add(0, slots, kept)
            c.index_copy_(0, nodes, new)
            h.index_copy_(0, nodes, o.sigmoid() * new.tanh())
        return h, c


class Downward(nn.Module):
    """An LSTM from the root to each node: the state of a node goes on from its parent's.

    Parameters
    ----------
    inputs, size : int
        Width of x and of the state.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight_x, self.bias = _uniform(4 * size, inputs), nn.Parameter(torch.zeros(4 * size))  # i, f, g, o
        self.weight_h = _uniform(4 * size, size)

    def forward(self, x: Tensor, parents: Tensor) -> Tensor:
        """Return h, (n, size), of nodes with inputs x (n, inputs)."""
        h, c = x.new_zeros(len(x) + 1, self.size), x.new_zeros(len(x) + 1, self.size)  # the last row stands above roots
        gates, depth = x @ self.weight_x.t() + self.bias, depths(parents)
        for level in range(int(depth.max()) + 1 if len(x) else 0):
            nodes = torch.nonzero(depth == level).flatten()
            above = torch.where(parents[nodes] < 0, len(x), parents[nodes])
            i, f, g, o = (gates[nodes] + h[above] @ self.weight_h.t()).chunk(4, 1)
            new = f.sigmoid() * c[above] + i.sigmoid() * g.tanh()
            c.index_copy_(0, nodes, new)
            h.index_copy_(0, nodes, o.sigmoid() * new.tanh())
        return h[:-1]


class BothWays(nn.Module):
    """Child-sum upwards, then down with what came up: the state of a node depends on every node of its tree.

    Parameters
    ----------
    inputs, size : int
        Width of x and of each of the two states.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.up, self.down = ChildSum(inputs, size), Downward(inputs + size, size)

    def forward(self, x: Tensor, parents: Tensor) -> Tensor:
        """Return the states from below and from above side by side, (n, 2 size)."""
        below, _ = self.up(x, parents)
        return torch.cat([below, self.down(torch.cat([x, below], 1), parents)], 1)


def _levels(parents: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return for each height its nodes, their children, and for each child the place of its parent among the nodes."""
    height = heights(parents)
    edges = torch.nonzero(parents >= 0).flatten()
    above = height[parents[edges]]
    slot = torch.empty_like(parents)
    found = []
    for level in range(int(height.max()) + 1 if len(parents) else 0):
        nodes = torch.nonzero(height == level).flatten()
        slot[nodes] = torch.arange(len(nodes))
        children = edges[above == level]
        found.append((nodes, children, slot[parents[children]]))
    return found


def _places(parents: Tensor) -> Tensor:
    """Return which child of its parent each node is."""
    seen: dict[int, int] = {}
    found = []
    for parent in parents.tolist():
        found.append(seen.get(parent, 0))
        seen[parent] = found[-1] + 1
    return torch.tensor(found, dtype=torch.int64)
