"""Variants trained once and kept: a run goes on from its checkpoint in ``$LEARNSYS_RUNS``, or is read if it is done.

Those of tokens, those of characters, and those of the events or pairs of syntax trees.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from _data import Data

from learnsys.complete.data.encode import Encoded
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.models.characters import CharacterScorer, alphabet, by_character
from learnsys.complete.models.pairs import PairLSTM, by_pair
from learnsys.complete.models.scorer import ModelScorer
from learnsys.complete.models.tree_events import EventScorer, by_event, with_events
from learnsys.complete.models.variants import CHARACTERS, variant
from learnsys.complete.score.types import Scorer
from learnsys.complete.train.fit import Schedule, fit

CHARACTER = "characters"
EVERY_S = 20.0
TOKENS_A_SECOND = 4000  # more than events or pairs of so many tokens no training gets through


def scorer(name: str, data: Data, *, cpu_s: float, seed: int) -> Scorer:
    """Train the variant ``name`` on ``data`` for ``cpu_s`` seconds, or go on with it, and give its scorer."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    kept = _place(f"{data.key}-{name}-{cpu_s:g}s-{len(data.train)}-{seed}")
    if name == CHARACTER:
        letters = alphabet(data.train, data.key)
        model = CHARACTERS.make(len(letters.words), len(letters.parts))
        few = data.train[: max(1, round(len(data.train) * min(1.0, cpu_s / 600)))]  # no more than it can get through
        _fit(name, model, [by_character(file, letters) for file in few], (cpu_s, seed), kept, data.digest)
        return CharacterScorer(name, model, letters)
    model = variant(name).make(len(data.vocabulary.words), len(data.vocabulary.parts))
    _fit(name, model, data.train, (cpu_s, seed), kept, data.digest)
    return ModelScorer(name, model, data.vocabulary, data.spelling)


def event_scorer(name: str, data: Data, *, cpu_s: float, seed: int) -> EventScorer:
    """Train the variant ``name`` on events of syntax trees."""
    vocabulary = with_events(data.vocabulary)
    files = [by_event(file, vocabulary, data.lexicon)[0] for file in _few(data, cpu_s)]
    torch.manual_seed(seed)
    model = variant(name).make(len(vocabulary.words), len(vocabulary.parts))
    _fit(
        name,
        model,
        files,
        (cpu_s, seed),
        _place(f"{data.key}-events-{name}-{cpu_s:g}s-{len(files)}-{seed}"),
        data.digest,
    )
    return EventScorer(name, model, vocabulary, data.lexicon, data.spelling)


def pair_model(data: Data, *, cpu_s: float, seed: int) -> PairLSTM:
    """Train the LSTM of Neural Code Completion on pairs of nodes and tokens."""
    files = [by_pair(file, data.vocabulary)[0] for file in _few(data, cpu_s)]
    torch.manual_seed(seed)
    model = PairLSTM(data.vocabulary)
    _fit("pairs", model, files, (cpu_s, seed), _place(f"{data.key}-pairs-{cpu_s:g}s-{len(files)}-{seed}"), data.digest)
    return model


def _few(data: Data, cpu_s: float) -> list[Encoded]:
    """Return no more files than a training gets through, the same for all."""
    ends = np.cumsum([len(file) for file in data.train])
    return data.train[: 1 + int(np.searchsorted(ends, cpu_s * TOKENS_A_SECOND))]


def _fit(
    name: str, model: Backbone | PairLSTM, files: list[Encoded], budget: tuple[float, int], kept: Path | None, mark: str
) -> None:
    last = time.monotonic()

    def notice(share: float, note: str) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY_S:
            last = time.monotonic()
            print(f"  {name}: {share:.0%} {note}", file=sys.stderr, flush=True)

    schedule = Schedule(cpu_s=budget[0], seed=budget[1], every_s=EVERY_S)
    at = fit(model, files, schedule, checkpoint=kept, mark=mark, notice=notice)
    print(f"  {name}: {at.tokens:,} tokens in {at.cpu_s:.0f} CPU s, {at.bits:.2f} bits at the end", file=sys.stderr)


def _place(name: str) -> Path | None:
    folder = os.environ.get("LEARNSYS_RUNS")
    if folder is None:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / f"{name.replace(' ', '_').replace(',', '')}.pt"
