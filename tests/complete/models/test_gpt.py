"""Attention looks back inside the file and the memory only, and chunks change nothing as far as memory reaches."""

import torch

from learnsys.complete.models.gpt import GPT, MEMORY


def made(seed=0):
    torch.manual_seed(seed)
    return GPT(16, 2).eval()


def test_chunks_change_nothing_while_memory_reaches():
    model, x = made(), torch.randn(60, 2, 16)
    begins = torch.zeros(60, 2, dtype=torch.bool)
    begins[0] = True
    begins[25, 1] = True
    whole, _ = model(x, model.start(2), begins)
    state, found = model.start(2), []
    for at in range(0, 60, 17):
        h, state = model(x[at : at + 17], state, begins[at : at + 17])
        found.append(h)
    torch.testing.assert_close(torch.cat(found), whole, rtol=1e-3, atol=1e-5)


def test_nothing_is_seen_of_the_future_or_of_another_file():
    model, x = made(1), torch.randn(40, 1, 16)
    begins = torch.zeros(40, 1, dtype=torch.bool)
    begins[0] = begins[20] = True
    whole, _ = model(x, model.start(1), begins)
    changed = x.clone()
    changed[30:] = torch.randn(10, 1, 16)
    torch.testing.assert_close(model(changed, model.start(1), begins)[0][:30], whole[:30])
    alone, _ = model(x[20:], model.start(1), begins[20:])
    torch.testing.assert_close(alone, whole[20:])


def test_what_is_further_back_than_memory_is_not_seen():
    torch.manual_seed(2)
    model, x = GPT(16, 1), torch.randn(MEMORY + 30, 1, 16)
    begins = torch.zeros(len(x), 1, dtype=torch.bool)
    whole, _ = model(x, model.start(1), begins)
    changed = x.clone()
    changed[:10] = torch.randn(10, 1, 16)
    after, _ = model(changed, model.start(1), begins)
    torch.testing.assert_close(after[MEMORY + 10 :], whole[MEMORY + 10 :])
    assert not torch.allclose(after[MEMORY - 5 : MEMORY], whole[MEMORY - 5 : MEMORY])
