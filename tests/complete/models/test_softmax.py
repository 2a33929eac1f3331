"""The blocked softmax is torch's: value and gradient, to half precision."""

import pytest
import torch

from learnsys.complete.models.softmax import BLOCK, log_softmax_at


@pytest.mark.parametrize("shape", [(3,), (5, 4), (BLOCK // 4 + 3, 5)])
def test_it_is_the_log_softmax_of_torch(shape):
    torch.manual_seed(0)
    outputs, weight = torch.randn(*shape, 16, requires_grad=True), torch.randn(50, 16, requires_grad=True)
    bias, target = torch.randn(50, requires_grad=True), torch.randint(50, shape)
    ours = log_softmax_at(outputs, weight, bias, target)
    theirs = (outputs @ weight.t() + bias).log_softmax(-1).gather(-1, target[..., None])[..., 0]
    torch.testing.assert_close(ours, theirs, rtol=2e-2, atol=0.1)
    given = torch.randn(shape)
    mine = torch.autograd.grad((ours * given).sum(), [outputs, weight, bias])
    for a, b in zip(mine, torch.autograd.grad((theirs * given).sum(), [outputs, weight, bias]), strict=True):
        assert (a - b).norm() < 0.03 * b.norm()


def test_probabilities_of_all_words_add_up_to_one():
    torch.manual_seed(1)
    outputs, weight, bias = torch.randn(1, 8).expand(40, 8), torch.randn(40, 8), torch.randn(40)
    total = log_softmax_at(outputs, weight, bias, torch.arange(40)).exp().sum()
    assert float(total) == pytest.approx(1, abs=0.01)
