"""LSTMs that go on from any earlier state: along the sequence, or on a stack where closing levels flow up.

``gates_t = W_x x_t + W_h h[previous_t] + W_u h[child_t] + b``, then as an LSTM from ``c[previous_t]``: ancestors flow
down through ``previous``, finished levels flow up through ``child`` (Dyer et al. 2015, Tai et al. 2015). One GEMM a
step with gather and scatter; the weights' gradients are one GEMM at the end.
"""

from typing import Any

import torch
from torch import Tensor, nn

from learnsys.complete.train.streams import CARRIED, ZERO

HEAD = ZERO + CARRIED


class _Steps(torch.autograd.Function):
    """All steps of a chunk; the carried states get no gradient."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, carried_h: Tensor, carried_c: Tensor,
        w_h: Tensor, w_u: Tensor, previous: Tensor, child: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Return h and c of all places, (head + T, B, size): the carried ones, then those of the steps."""
        length, batch, four = x.shape
        size, head = four // 4, len(carried_h)
        h = x.new_empty((head + length) * batch, size)
        c = x.new_empty((head + length) * batch, size)
        h[: head * batch], c[: head * batch] = carried_h.reshape(-1, size), carried_c.reshape(-1, size)
        active, tanh_c = torch.empty_like(x), x.new_empty(length, batch, size)
        low = w_h.to(torch.bfloat16).t()
        low_u = w_u.to(torch.bfloat16).t()
        closers = [torch.nonzero(row).flatten() for row in child]
        column = torch.arange(batch)
        for t in range(length):
            from_ = previous[t] * batch + column
            gates = x[t] + (h[from_].to(torch.bfloat16) @ low)
            if len(closers[t]):
                inner = child[t][closers[t]] * batch + closers[t]
                gates[closers[t]] += h[inner].to(torch.bfloat16) @ low_u
            i, f, g, o = gates.chunk(4, 1)
            i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
            new = f * c[from_] + i * g
            tanh_c[t] = new.tanh()
            place = slice((head + t) * batch, (head + t + 1) * batch)
            c[place], h[place] = new, o * tanh_c[t]
            active[t] = gates
        ctx.save_for_backward(h, c, active, tanh_c, w_h, w_u, previous, child)
        ctx.closers, ctx.head = closers, head
        return h.view(head + length, batch, size), c.view(head + length, batch, size)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Go back through the steps; the weights' gradients follow at the end from all gates together."""
        h, c, active, tanh_c, w_h, w_u, previous, child = ctx.saved_tensors
        length, batch, four = active.shape
        size = four // 4
        dh = grads[0].reshape(-1, size).clone()
        dc = torch.zeros_like(dh)
        dgates = torch.empty_like(active)
        low, low_u = w_h.to(torch.bfloat16), w_u.to(torch.bfloat16)
        column = torch.arange(batch)
        for t in range(length - 1, -1, -1):
            place = slice((ctx.head + t) * batch, (ctx.head + t + 1) * batch)
            from_ = previous[t] * batch + column
            i, f, g, o = active[t].chunk(4, 1)
            d_h, tanh = dh[place], tanh_c[t]
            d_c = dc[place] + d_h * o * (1 - tanh * tanh)
            d = dgates[t]
            d[:, :size] = d_c * g * i * (1 - i)
            d[:, size : 2 * size] = d_c * c[from_] * f * (1 - f)
            d[:, 2 * size : 3 * size] = d_c * i * (1 - g * g)
            d[:, 3 * size :] = d_h * tanh * o * (1 - o)
            dc[from_] += d_c * f
            back = d.to(torch.bfloat16)
            dh[from_] += (back @ low).float()
            if len(ctx.closers[t]):
                rows = ctx.closers[t]
                dh[child[t][rows] * batch + rows] += (back[rows] @ low_u).float()
        flat = dgates.view(-1, four).to(torch.bfloat16).t()
        steps = torch.arange(batch)
        before = h[(previous * batch + steps).flatten()].to(torch.bfloat16)
        closing = torch.nonzero(child.flatten()).flatten()
        inner = h[(child * batch + steps).flatten()[closing]].to(torch.bfloat16)
        return dgates, None, None, (flat @ before).float(), (flat[:, closing] @ inner).float(), None, None


def _run(gates: Tensor, state: tuple[Tensor, Tensor], *rest: Tensor) -> tuple[Tensor, Tensor]:
    found: tuple[Tensor, Tensor] = _Steps.apply(gates, *state, *rest)  # type: ignore[no-untyped-call]  # torch has no type of it
    return found


class SequenceLSTM(nn.Module):
    """LSTM over chunks that begins anew with each file.

    Parameters
    ----------
    inputs, size : int
        Width of x and of the state.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight_ih, self.weight_hh, self.bias = _weights(inputs, size)

    def start(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return the zero state and the one before the chunk, each (2, batch, size)."""
        zero = torch.zeros(2, batch, self.size)
        return zero, zero.clone()

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor], begins: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run a chunk: x (T, B, inputs); begins (T, B), where a file begins. Return h (T, B, size) and the state."""
        previous = (torch.arange(len(x)) + 1)[:, None].masked_fill(begins, 0)
        gates = x @ self.weight_ih.t() + self.bias
        h, c = _run(gates, state, self.weight_hh, self.weight_hh, previous, torch.zeros_like(previous))
        with torch.no_grad():
            kept = torch.stack([h[0], h[-1]]), torch.stack([c[0], c[-1]])
        return h[2:], kept


class StackLSTM(nn.Module):
    """Stack-LSTM over chunks, states carried from one to the next.

    Parameters
    ----------
    inputs, size : int
        Width of x and of the state.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight_ih, self.weight_hh, self.bias = _weights(inputs, size)
        self.weight_child = nn.Parameter(torch.empty(4 * size, size).uniform_(-(size**-0.5), size**-0.5))

    def start(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return the zero state and empty slots, each (1 + CARRIED, batch, size)."""
        zero = torch.zeros(HEAD, batch, self.size)
        return zero, zero.clone()

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor], previous: Tensor, child: Tensor, keep: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run a chunk: x (T, B, inputs); previous, child (T, B); keep (CARRIED, B).

        Return h (T, B, size) and the state.
        """
        gates = x @ self.weight_ih.t() + self.bias
        h, c = _run(gates, state, self.weight_hh, self.weight_child, previous, child)
        columns = torch.arange(x.shape[1])
        with torch.no_grad():
            zero = torch.zeros_like(h[:1])
            kept = torch.cat([zero, h[keep, columns]]), torch.cat([zero, c[keep, columns]])
        return h[HEAD:], kept


def _weights(inputs: int, size: int) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter]:
    """Return weights from x and from h and the bias, gates in the order input, forget, cell, output."""
    bound = size**-0.5
    bias = torch.zeros(4 * size)
    bias[size : 2 * size] = 1.0  # remember at first (Jozefowicz et al. 2015)
    return (
        nn.Parameter(torch.empty(4 * size, inputs).uniform_(-bound, bound)),
        nn.Parameter(torch.empty(4 * size, size).uniform_(-bound, bound)), nn.Parameter(bias),
    )  # fmt: skip
