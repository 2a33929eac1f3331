"""Tree-LSTMs against the equations of the paper, one node after the other."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.complete.models.tree_lstm import BothWays, ChildSum, Downward, NAry, depths, heights

FORESTS = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(
    lambda draws: torch.tensor([min(int(u * (i + 1)), i) - 1 for i, u in enumerate(draws)])
)


def children_of(parents, i):
    return [j for j, parent in enumerate(parents.tolist()) if parent == i]


def child_sum_twin(model, x, parents, i):
    below = [child_sum_twin(model, x, parents, j) for j in children_of(parents, i)]
    size = model.size
    w = model.weight_x @ x[i] + model.bias
    total = sum((h for h, _ in below), torch.zeros(size))
    u_iou = model.weight_sum @ total
    gate = [torch.sigmoid(w[:size] + u_iou[:size]), torch.sigmoid(w[size : 2 * size] + u_iou[size : 2 * size])]
    new = gate[0] * torch.tanh(w[2 * size : 3 * size] + u_iou[2 * size :])
    for h, c in below:
        new = new + torch.sigmoid(w[3 * size :] + model.weight_child @ h) * c
    return gate[1] * torch.tanh(new), new


def n_ary_twin(model, x, parents, i):
    below = [n_ary_twin(model, x, parents, j) for j in children_of(parents, i)]
    size, last = model.size, model.places - 1
    w = model.weight_x @ x[i] + model.bias
    iou = w[: 3 * size]
    for place, (h, _) in enumerate(below):
        iou = iou + model.weight_place[min(place, last)] @ h
    new = torch.sigmoid(iou[:size]) * torch.tanh(iou[2 * size :])
    for k, (_, c) in enumerate(below):
        forget = w[3 * size :]
        for place, (h, _) in enumerate(below):
            forget = forget + model.weight_pair[min(k, last), min(place, last)] @ h
        new = new + torch.sigmoid(forget) * c
    return torch.sigmoid(iou[size : 2 * size]) * torch.tanh(new), new


@settings(max_examples=15, deadline=None)
@given(FORESTS, st.integers(0, 99))
@pytest.mark.parametrize(("kind", "twin"), [(ChildSum, child_sum_twin), (NAry, n_ary_twin)])
def test_all_nodes_at_once_are_as_one_after_the_other(kind, twin, parents, seed):
    torch.manual_seed(seed)
    model, x = kind(3, 4), torch.randn(len(parents), 3)
    h, c = model(x, parents)
    for i in range(len(parents)):
        torch.testing.assert_close((h[i], c[i]), twin(model, x, parents, i), atol=1e-5, rtol=1e-5)


@settings(max_examples=15, deadline=None)
@given(FORESTS)
def test_downwards_is_an_lstm_along_each_path(parents):
    torch.manual_seed(0)
    model, x = Downward(3, 4), torch.randn(len(parents), 3)
    cell = torch.nn.LSTMCell(3, 4)
    with torch.no_grad():
        cell.weight_ih.copy_(model.weight_x), cell.weight_hh.copy_(model.weight_h)
        cell.bias_ih.copy_(model.bias), cell.bias_hh.zero_()
    found = model(x, parents)
    for i in range(len(parents)):
        path = [i]
        while parents[path[-1]] >= 0:
            path.append(int(parents[path[-1]]))
        state = (torch.zeros(1, 4), torch.zeros(1, 4))
        for node in reversed(path):
            state = cell(x[node][None], state)
        torch.testing.assert_close(found[i], state[0][0], atol=1e-5, rtol=1e-5)


def test_with_both_flows_each_node_depends_on_all_of_its_tree_and_on_no_other():
    torch.manual_seed(0)
    parents = torch.tensor([-1, 0, 0, 1, -1, 4])
    x = torch.randn(6, 3, requires_grad=True)
    BothWays(3, 4)(x, parents)[3].sum().backward()
    assert (x.grad[:4].abs().sum(1) > 0).all()
    assert not x.grad[4:].any()


def test_children_may_change_places_in_a_sum_but_not_in_n_ary():
    torch.manual_seed(0)
    parents, x, other = torch.tensor([-1, 0, 0]), torch.randn(3, 3), torch.tensor([0, 2, 1])
    total, ordered = ChildSum(3, 4), NAry(3, 4)
    torch.testing.assert_close(total(x, parents)[0][0], total(x[other], parents)[0][0])
    assert not torch.allclose(ordered(x, parents)[0][0], ordered(x[other], parents)[0][0])


def test_gradients_are_those_of_differences():
    torch.manual_seed(0)
    parents = torch.tensor([-1, 0, 1, 1, 0])
    for model in (ChildSum(2, 3).double(), NAry(2, 3).double(), BothWays(2, 3).double()):
        x = torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda x, m=model: torch.cat([r.flatten() for r in m(x, parents)]), (x,))


def test_heights_and_depths():
    parents = torch.tensor([-1, 0, 1, 0, -1])
    assert heights(parents).tolist() == [2, 1, 0, 0, 0]
    assert depths(parents).tolist() == [0, 1, 2, 1, 0]
