"""The scan is the loop; files and chunks are kept apart and joined."""

import torch

from learnsys.complete.models.mingru import MinGRU, scan


def test_the_scan_is_the_loop():
    torch.manual_seed(0)
    a, b, before = torch.rand(37, 2, 3), torch.randn(37, 2, 3), torch.randn(2, 3)
    h, found = before, []
    for t in range(len(a)):
        h = a[t] * h + b[t]
        found.append(h)
    torch.testing.assert_close(scan(a, b, before), torch.stack(found))


def test_a_layer_is_the_equation_of_the_paper():
    torch.manual_seed(1)
    layer, x = MinGRU(4, 3, layers=1), torch.randn(5, 1, 4)
    h, _ = layer(x, layer.start(1), torch.zeros(5, 1, dtype=torch.bool))
    weight, bias = layer.layers[0].weight, layer.layers[0].bias
    state = torch.zeros(3)
    for t in range(5):
        gate = (weight[:3] @ x[t, 0] + bias[:3]).sigmoid()
        state = (1 - gate) * state + gate * (weight[3:] @ x[t, 0] + bias[3:]).tanh()
        torch.testing.assert_close(h[t, 0], state)


def test_chunks_change_nothing_and_files_begin_anew():
    torch.manual_seed(2)
    model, x = MinGRU(4, 6, layers=3), torch.randn(20, 2, 4)
    begins = torch.zeros(20, 2, dtype=torch.bool)
    begins[9] = True
    whole, _ = model(x, model.start(2), begins)
    first, state = model(x[:13], model.start(2), begins[:13])
    second, _ = model(x[13:], state, begins[13:])
    torch.testing.assert_close(torch.cat([first, second]), whole)
    alone, _ = model(x[9:], model.start(2), begins[9:])
    torch.testing.assert_close(whole[9:], alone)
