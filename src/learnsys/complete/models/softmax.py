"""Log-softmax at the target alone; the softmax over the vocabulary is kept once, in half precision, for gradients."""

from typing import Any

import torch
from torch import Tensor

HALF = torch.bfloat16
BLOCK = 512


class _At(torch.autograd.Function):
    """In blocks of rows that stay in the processor's cache."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, weight: Tensor, bias: Tensor, target: Tensor) -> Tensor:
        """Return log p of the targets, and keep p of all words in half precision."""
        rows, columns = outputs.reshape(-1, outputs.shape[-1]).to(HALF), weight.to(HALF).t()
        at, half_bias = target.reshape(-1, 1), bias.to(HALF)
        p = rows.new_empty(len(rows), len(weight))
        found = bias.new_empty(len(rows))
        for begin in range(0, len(rows), BLOCK):
            here = slice(begin, begin + BLOCK)
            logits = torch.addmm(half_bias, rows[here], columns).float()
            true = logits.gather(1, at[here]).squeeze(1)
            top = logits.amax(1, keepdim=True)
            total = logits.sub_(top).exp_().sum(1, keepdim=True)
            found[here] = true - top.squeeze(1) - total.squeeze(1).log()
            p[here] = logits.mul_(1 / total)
        ctx.save_for_backward(rows, weight, p, at)
        return found.view(target.shape)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of outputs, weight and bias: (one at the target) - p, times what came."""
        rows, weight, p, at = ctx.saved_tensors
        grad = grads[0].reshape(-1, 1).to(HALF)
        columns = weight.to(HALF)
        d_rows, d_weight = weight.new_empty(len(rows), weight.shape[1]), torch.zeros_like(weight)
        d_bias = weight.new_zeros(len(weight))
        ones = rows.new_ones(1, BLOCK)
        for begin in range(0, len(rows), BLOCK):
            here = slice(begin, begin + BLOCK)
            d = p[here].mul_(-grad[here]).scatter_add_(1, at[here], grad[here])
            d_rows[here] = d @ columns
            d_weight += d.t() @ rows[here]
            d_bias += (ones[:, : len(d)] @ d).squeeze(0)
        return d_rows.view(*grads[0].shape, -1), d_weight, d_bias, None


def log_softmax_at(outputs: Tensor, weight: Tensor, bias: Tensor, target: Tensor) -> Tensor:
    """Return log softmax(outputs @ weight.T + bias) at ``target``.

    Parameters
    ----------
    outputs : (..., width) Tensor
    weight : (words, width) Tensor
    bias : (words,) Tensor
    target : (...) Tensor of int64
    """
    found: Tensor = _At.apply(outputs, weight, bias, target)  # type: ignore[no-untyped-call]  # torch has no type of it
    return found
