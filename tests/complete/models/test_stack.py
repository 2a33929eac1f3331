"""The fast LSTMs are the obvious loops: values and gradients; chunks change nothing."""

import numpy as np
import pytest
import torch
from tests.complete.toys import encoded

from learnsys.complete.models.stack import HEAD, SequenceLSTM, StackLSTM
from learnsys.complete.train.streams import CARRIED, ZERO, chunks, stream

HALF = torch.bfloat16


def naive(x, weights, previous, child):
    """One cell after the other; places of ``previous`` and ``child`` count tokens, -1 is the zero state."""
    weight_ih, weight_hh, bias, weight_child = weights
    length, batch, _ = x.shape
    zero = torch.zeros(weight_hh.shape[1])
    states = {}
    for t in range(length):
        for b in range(batch):
            h0, c0 = states.get((int(previous[t, b]), b), (zero, zero))
            gates = x[t, b] @ weight_ih.t() + bias + (h0.to(HALF) @ weight_hh.to(HALF).t()).float()
            if child[t, b] >= 0:
                inner = states[int(child[t, b]), b][0]
                gates = gates + (inner.to(HALF) @ weight_child.to(HALF).t()).float()
            i, f, g, o = gates.chunk(4)
            c = f.sigmoid() * c0 + i.sigmoid() * g.tanh()
            states[t, b] = (o.sigmoid() * c.tanh(), c)
    return torch.stack([torch.stack([states[t, b][0] for b in range(batch)]) for t in range(length)])


def places(rng, length, batch):
    """Any earlier token to go on from, any earlier token as a child, at times none."""
    previous = np.array([[rng.integers(-1, t) if t else -1 for _ in range(batch)] for t in range(length)])
    child = np.array(
        [[rng.integers(-1, t) if t and rng.random() < 0.4 else -1 for _ in range(batch)] for t in range(length)]
    )
    return torch.as_tensor(previous), torch.as_tensor(child)


def relative(ours, theirs):
    return float((ours - theirs).norm() / theirs.norm())


@pytest.mark.parametrize("seed", range(3))
def test_a_stack_and_its_gradients_are_those_of_the_loop(seed):
    torch.manual_seed(seed)
    lstm = StackLSTM(6, 8)
    x = torch.randn(14, 3, 6, requires_grad=True)
    previous, child = places(np.random.default_rng(seed), 14, 3)
    target = torch.randn(14, 3, 8)
    to_place = torch.where(previous < 0, 0, previous + HEAD), torch.where(child < 0, 0, child + HEAD)
    ours, _ = lstm(x, lstm.start(3), *to_place, torch.zeros(CARRIED, 3, dtype=torch.long))
    weights = (lstm.weight_ih, lstm.weight_hh, lstm.bias, lstm.weight_child)
    theirs = naive(x, weights, previous, child)
    torch.testing.assert_close(ours, theirs, rtol=2e-2, atol=2e-3)
    mine = torch.autograd.grad((ours * target).sum(), [x, *weights])
    for a, b in zip(mine, torch.autograd.grad((theirs * target).sum(), [x, *weights]), strict=True):
        assert relative(a, b) < 0.02  # half precision has 8 bits


def test_a_sequence_and_its_gradients_are_those_of_the_loop_and_of_torch():
    torch.manual_seed(1)
    lstm, x = SequenceLSTM(6, 8), torch.randn(10, 2, 6, requires_grad=True)
    begins = torch.zeros(10, 2, dtype=torch.bool)
    begins[0] = True
    begins[6, 1] = True
    ours, _ = lstm(x, lstm.start(2), begins)
    previous = (torch.arange(10) - 1)[:, None].masked_fill(begins, -1)
    theirs = naive(x, (lstm.weight_ih, lstm.weight_hh, lstm.bias, lstm.weight_hh), previous, torch.full((10, 2), -1))
    torch.testing.assert_close(ours, theirs, rtol=2e-2, atol=2e-3)
    peer = torch.nn.LSTM(6, 8)
    with torch.no_grad():
        peer.weight_ih_l0.copy_(lstm.weight_ih), peer.weight_hh_l0.copy_(lstm.weight_hh)
        peer.bias_ih_l0.copy_(lstm.bias), peer.bias_hh_l0.zero_()
    torch.testing.assert_close(ours[:, 0], peer(x[:, :1])[0][:, 0], rtol=2e-2, atol=5e-3)
    weights = [x, lstm.weight_ih, lstm.weight_hh, lstm.bias]
    pairs = zip(torch.autograd.grad(ours.sum(), weights), torch.autograd.grad(theirs.sum(), weights), strict=True)
    assert all(relative(a, b) < 0.02 for a, b in pairs)


def test_a_new_file_forgets_the_one_before():
    torch.manual_seed(2)
    lstm, x = SequenceLSTM(4, 5), torch.randn(9, 1, 4)
    begins = torch.zeros(9, 1, dtype=torch.bool)
    begins[4] = True
    whole, _ = lstm(x, lstm.start(1), begins)
    alone, _ = lstm(x[4:], lstm.start(1), begins[4:])
    assert torch.equal(whole[4:], alone)


def test_states_that_are_carried_give_what_one_chunk_gives():
    files, _, _ = encoded(4, statements=40)
    streams = [stream(files[:2]), stream(files[2:])]
    torch.manual_seed(3)
    lstm, sequence = StackLSTM(6, 8), SequenceLSTM(6, 8)
    table = torch.randn(200, 6)

    def run(length):
        found, state, before = [], lstm.start(2), sequence.start(2)
        for chunk in chunks(streams, length=length):
            x = table[torch.as_tensor(chunk.words).long()]
            at = [torch.as_tensor(a).long() for a in (chunk.previous, chunk.child, chunk.keep)]
            begins = torch.as_tensor(chunk.begin) == torch.arange(len(x))[:, None] + chunk.start
            h, state = lstm(x, state, *at)
            g, before = sequence(x, before, begins)
            found.append(torch.cat([h, g], -1).detach())
        return torch.cat(found)

    whole = run(10_000)
    for length in (7, 32, 100):
        torch.testing.assert_close(run(length), whole, rtol=0, atol=1e-3)


def test_carried_states_get_no_gradient_and_the_zero_state_stays_zero():
    torch.manual_seed(4)
    lstm = StackLSTM(4, 5)
    state = tuple(torch.randn(ZERO + CARRIED, 1, 5, requires_grad=True) for _ in range(2))
    at = torch.full((3, 1), 3)
    h, kept = lstm(torch.randn(3, 1, 4), state, at, torch.zeros_like(at), torch.full((CARRIED, 1), HEAD + 2))
    h.sum().backward()
    assert state[0].grad is None
    assert not kept[0].requires_grad
    assert torch.equal(kept[0][1], h[2].detach())
    assert not kept[0][0].any()
