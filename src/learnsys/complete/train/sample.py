"""Bits a token on a sample that a model is not trained on, cheap enough to be taken while it trains."""

from collections.abc import Sequence
from itertools import islice
from math import log
from typing import Final

import torch

from learnsys.complete.data.encode import Encoded
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.train.streams import chunks, side_by_side

STREAMS: Final = 16
LENGTH: Final = 128
CHUNKS: Final = 4


def sample_bits(model: Backbone, files: Sequence[Encoded]) -> float:
    """Return bits a token of ``model`` on the first STREAMS x LENGTH x CHUNKS tokens of ``files``.

    A word of no number costs what training takes for its spelling, so that the figure is comparable inside a run; how
    models compare is for `score`.
    """
    model.eval()
    streams = side_by_side(files, streams=min(STREAMS, len(files)))
    state = model.start(len(streams))
    total = asked = 0.0
    with torch.no_grad():
        for chunk in islice(chunks(streams, length=LENGTH), CHUNKS):
            log_p, counts, state = model(chunk, state)
            total -= float((log_p * counts).sum())
            asked += float(counts.sum())
    return total / asked / log(2)
