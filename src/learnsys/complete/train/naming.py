"""Train a model of names on the symbols of a corpus."""

import time
from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from learnsys.complete.models.namer import Namer
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.encode import Asked, encode
from learnsys.complete.names.features import Described
from learnsys.complete.names.vocabulary import NameVocabulary

BATCH: Final = 256
RATE: Final = 4e-3

Prepared = tuple[Sequence[Described], Sequence[Sequence[Candidate]]]


@final
class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Symbols of training and the column of each one's true name, -1 where it cannot be said."""

    asked: Asked
    known: NDArray[np.int64]  # number of the true name among the known names, -1
    candidate: NDArray[np.int64]  # index of the candidate that is the true name, -1


def batches(prepared: Sequence[Prepared], vocabulary: NameVocabulary, *, seed: int, size: int = BATCH) -> list[Batch]:
    """Mix the symbols of all files and encode them in batches."""
    flat = [(found, own) for file, asked in prepared for found, own in zip(file, asked, strict=True)]
    order = np.random.default_rng(seed).permutation(len(flat))
    return [_batch([flat[i] for i in order[a : a + size]], vocabulary) for a in range(0, len(flat), size)]


def _batch(rows: Sequence[tuple[Described, Sequence[Candidate]]], vocabulary: NameVocabulary) -> Batch:
    asked = encode([found for found, _ in rows], [own for _, own in rows], vocabulary)
    candidate, base = [], 0
    for found, own in rows:
        at = next((j for j, c in enumerate(own) if c.name == found.symbol.name), -1)
        candidate.append(base + at if at >= 0 else -1)
        base += len(own)
    known = [vocabulary.name_ids.get(found.symbol.name, -1) for found, _ in rows]
    return Batch(asked=asked, known=np.array(known, np.int64), candidate=np.array(candidate, np.int64))


def fit_names(
    model: Namer, made: Sequence[Batch], *, epochs: int, seed: int, rate: float = RATE
) -> list[tuple[float, float]]:
    """Train for some epochs; return for each the CPU seconds so far and the mean loss in bits."""
    torch.manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs * len(made) + 1, pct_start=0.1)
    rng, began, told = np.random.default_rng(seed), time.process_time(), []
    model.train()
    for _ in range(epochs):
        total, count = 0.0, 0
        for i in rng.permutation(len(made)):
            loss, n = loss_of(model, made[i])
            optimiser.zero_grad()
            (loss / max(n, 1)).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + n
        told.append((time.process_time() - began, total / max(count, 1) / float(np.log(2))))
    model.eval()
    return told


def loss_of(model: Namer, batch: Batch) -> tuple[torch.Tensor, int]:
    """Return the summed loss in nats over the symbols whose name can be said, and their number."""
    logits, extra, places = model(batch.asked)
    candidate = torch.from_numpy(batch.candidate)
    column = torch.from_numpy(batch.known).clone()
    copied = candidate >= 0
    column[copied] = places[candidate[copied]]
    rows = torch.nonzero(column >= 0).flatten()
    scores = torch.cat([logits, extra], 1)[rows]
    return torch.nn.functional.cross_entropy(scores, column[rows], reduction="sum"), len(rows)
