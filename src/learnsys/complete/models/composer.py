"""A model that composes names of routines word by word, in PyTorch.

A GRU writes the name; at each step it looks at the slots of the facts by attention, and either writes a known word or
copies the word of a slot (code2seq, Alon et al. 2019; pointer and generator, See et al. 2017).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from learnsys.complete.names.slots import BEGIN, PartVocabulary

WIDTH = 64
HIDDEN = 128
DROPOUT = 0.2  # share of the slots that are left out in training
NEVER = -1e4
LEAST = 1e-9  # probability of copying what no slot has


class Composer(nn.Module):
    """The model.

    Parameters
    ----------
    vocabulary : PartVocabulary
        What has a number.
    width, hidden : int
        Width of the words, and of the state of the GRU.
    """

    def __init__(self, vocabulary: PartVocabulary, *, width: int = WIDTH, hidden: int = HIDDEN) -> None:
        super().__init__()
        roles = len(vocabulary.roles)
        self.known = len(vocabulary.parts)
        self.part = nn.Parameter(torch.randn(self.known, width) * 0.3)
        self.part_bias = nn.Parameter(torch.zeros(self.known))
        self.role = nn.Parameter(torch.randn(roles, width) * 0.3)
        self.role_gain = nn.Parameter(torch.ones(roles, width))
        self.role_weight = nn.Parameter(torch.zeros(roles))
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, hidden)
        self.cell = nn.GRUCell(2 * width, hidden)
        self.key = nn.Linear(width, width)
        self.query = nn.Linear(hidden, width)
        self.copy_key = nn.Linear(width, width)
        self.copy_query = nn.Linear(hidden, width)
        self.out = nn.Linear(hidden + width, width)
        self.gate = nn.Linear(hidden + width, 1)

    def forward(self, roles: Tensor, parts: Tensor, words: Tensor, names: Tensor) -> Tensor:
        """Return the log-probability of each step of names, (n, STEPS), 0 after their end.

        Parameters
        ----------
        roles, parts, words : (n, SLOTS) int64
            As `names.slots.Filled` has them.
        names : (n, STEPS) int64
            As `names.slots.spell` writes them.
        """
        seen = roles > 0
        if self.training:
            seen = seen & (torch.rand(seen.shape) > DROPOUT)
        slots = self.part[parts] * self.role_gain[roles] + self.role[roles]
        weights = (self.role_weight[roles].exp() * seen)[..., None]
        mean = (slots * weights).sum(1) / (weights.sum(1) + 1e-6).sqrt()
        state = torch.tanh(self.outer(F.relu(self.inner(mean))))
        keys, copy_keys = self.key(slots), self.copy_key(slots)
        context, last = torch.zeros_like(mean), torch.full((len(roles),), BEGIN)
        told = []
        for now in names.t():
            if not (now >= 0).any():
                told.append(torch.zeros(len(roles)))
                continue
            before = self.part[last.clamp(0, self.known - 1)] * (last < self.known)[:, None]
            state = self.cell(torch.cat([before, context], 1), state)
            context = torch.einsum("nl,nld->nd", _attention(self.query(state), keys, seen), slots)
            copied = _attention(self.copy_query(state), copy_keys, seen)
            both = torch.cat([state, context], 1)
            out = F.dropout(self.out(both), DROPOUT / 2, self.training)
            own = F.log_softmax(out @ self.part.t() + self.part_bias, 1)
            gate = self.gate(both)[:, 0]
            known = (now >= 0) & (now < self.known)
            write = own.gather(1, now.clamp(0, self.known - 1)[:, None])[:, 0].masked_fill(~known, NEVER)
            copy = ((copied * (words == now[:, None])).sum(1) + LEAST).log()
            p = torch.logaddexp(write + F.logsigmoid(gate), copy + F.logsigmoid(-gate))
            told.append(p * (now >= 0))
            last = now
        return torch.stack(told, 1)


def _attention(query: Tensor, keys: Tensor, seen: Tensor) -> Tensor:
    scores = torch.einsum("nd,nld->nl", query, keys) * keys.shape[2] ** -0.5
    shares: Tensor = scores.masked_fill(~seen, NEVER).softmax(1)
    return shares
