"""A model of names in PyTorch: facts about a symbol in, a distribution over known names and copied candidates out.

The symbol is the weighted sum of the embeddings of its features, refined by one hidden layer: h. A known name n has
the logit ``h.(name_n + mean part) + bias_n``; a candidate adds what its sources say, ``sum over sources of (a_s +
h.A_s)``, and its votes; a candidate that is no known name has its parts and sources only. One softmax goes over both
(pointer and generator at once, after See et al. 2017).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from learnsys.complete.names.encode import NUMBERS, Asked
from learnsys.complete.names.spelling import words_of
from learnsys.complete.names.vocabulary import NameVocabulary

SCALE = 0.1


class Namer(nn.Module):
    """The model.

    Parameters
    ----------
    vocabulary : NameVocabulary
        What has a number.
    width, hidden : int
        Width of h, and of the hidden layer.
    dropout : float
        Share of the features that are left out in training.
    """

    def __init__(self, vocabulary: NameVocabulary, *, width: int = 64, hidden: int = 192, dropout: float = 0.2) -> None:
        super().__init__()
        self.dropout = dropout
        self.feature = nn.Parameter(torch.randn(len(vocabulary.features), width) * SCALE)
        self.feature_weight = nn.Parameter(torch.zeros(len(vocabulary.features)))
        self.inner = nn.Parameter(torch.randn(hidden, width) * width**-0.5)
        self.inner_bias = nn.Parameter(torch.zeros(hidden))
        self.outer = nn.Parameter(torch.randn(width, hidden) * hidden**-0.5 * SCALE)
        self.name = nn.Parameter(torch.randn(len(vocabulary.names), width) * SCALE)
        self.name_bias = nn.Parameter(torch.zeros(len(vocabulary.names)))
        self.part = nn.Parameter(torch.randn(len(vocabulary.parts), width) * SCALE)
        self.source = nn.Parameter(torch.zeros(len(vocabulary.sources), width))
        self.source_bias = nn.Parameter(torch.zeros(len(vocabulary.sources)))
        self.number = nn.Parameter(torch.zeros(NUMBERS))
        self.number_by = nn.Parameter(torch.zeros(NUMBERS, width))
        self.new_bias = nn.Parameter(torch.full((1,), -4.0))
        ids = vocabulary.part_ids
        parts = [[ids.get(word, 0) for word in words_of(name)] or [0] for name in vocabulary.names]
        self.register_buffer("name_parts", torch.tensor([p for own in parts for p in own]), persistent=False)
        starts = torch.tensor([0, *(len(own) for own in parts)]).cumsum(0)[:-1]
        self.register_buffer("name_starts", starts, persistent=False)

    def state(self, features: Tensor, starts: Tensor) -> Tensor:
        """Return h of symbols, (n, width), from their features one after another and where each symbol's begin."""
        weights = self.feature_weight[features].exp()
        if self.training and self.dropout:
            weights = weights * (torch.rand_like(weights) > self.dropout)
        total = F.embedding_bag(torch.arange(len(features)), weights[:, None], starts, mode="sum")
        bag = F.embedding_bag(features, self.feature, starts, mode="sum", per_sample_weights=weights)
        h = bag / (total + 1e-6).sqrt()
        return h + F.relu(h @ self.inner.t() + self.inner_bias) @ self.outer.t()

    def forward(self, asked: Asked) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of known names, (n, names), and of other candidates, (n, most), -inf where there are fewer.

        The third result, (m,), is the column of each candidate in the two side by side.
        """
        h = self.state(_long(asked.features), _long(asked.feature_offsets[:-1]))
        return self.ranked(h, asked)

    def ranked(self, h: Tensor, asked: Asked) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits that symbols with states ``h`` give."""
        owners, known = _long(asked.owners), _long(asked.known)
        inner, begin = self.get_buffer("name_parts"), self.get_buffer("name_starts")
        names = self.name + F.embedding_bag(inner, self.part, begin, mode="mean")
        logits = h @ names.t() + self.name_bias
        mine = h[owners]
        sources, begins = _long(asked.sources), _long(asked.source_offsets[:-1])
        pulls = (F.embedding_bag(sources, self.source, begins, mode="sum") * mine).sum(1)
        pulls = pulls + F.embedding_bag(sources, self.source_bias[:, None], begins, mode="sum")[:, 0]
        numbers = torch.from_numpy(asked.numbers)
        pulls = pulls + numbers @ self.number + ((numbers @ self.number_by) * mine).sum(1)
        is_known = known >= 0
        logits = logits.index_put((owners[is_known], known[is_known]), pulls[is_known], accumulate=True)
        fresh = ~is_known
        parts = F.embedding_bag(_long(asked.parts), self.part, _long(asked.part_offsets[:-1]), mode="mean")
        scores = (pulls + (parts * mine).sum(1) + self.new_bias)[fresh]
        counts = torch.bincount(owners[fresh], minlength=len(h))
        firsts = torch.cat([counts.new_zeros(1), counts.cumsum(0)[:-1]])
        columns = torch.arange(len(scores)) - firsts[owners[fresh]]
        extra = torch.full((len(h), int(counts.max()) if len(h) else 0), -torch.inf)
        extra = extra.index_put((owners[fresh], columns), scores)
        places = known.clone()
        places[fresh] = columns + logits.shape[1]
        return logits, extra, places


def _long(values: object) -> Tensor:
    return torch.as_tensor(values, dtype=torch.int64)
