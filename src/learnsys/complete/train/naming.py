"""Train a model of names on the symbols of a corpus: some thousand of each package, so that none of them rules."""

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from learnsys.complete.corpus.types import Source
from learnsys.complete.models.namer import Namer
from learnsys.complete.names.candidates import Candidate
from learnsys.complete.names.encode import Asked, encode
from learnsys.complete.names.features import Described, describe
from learnsys.complete.names.flat import flat
from learnsys.complete.names.narrow import narrowed
from learnsys.complete.names.proposals import Project, proposals
from learnsys.complete.names.ranker import Ranker, with_composer
from learnsys.complete.names.vocabulary import NameVocabulary, learn_names
from learnsys.complete.runtime.weights import Weights
from learnsys.complete.train.composing import train_composer
from learnsys.core.errors import InputError

EACH: Final = 1000  # symbols of a package
ROUTINES: Final = 300  # routines of a package from which composing is learned
EPOCHS: Final = 3
_SAID: Final = 3  # every third file is described as if it had no name
BATCH: Final = 256
RATE: Final = 4e-3

Prepared = tuple[Sequence[Described], Sequence[Sequence[Candidate]]]


@final
class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Symbols of training and the column of each one's true name, -1 where it cannot be said."""

    asked: Asked
    known: NDArray[np.int64]  # number of the true name among the known names, -1
    candidate: NDArray[np.int64]  # index of the candidate that is the true name, -1


def train_names(
    sources: Sequence[Source], language: str, *, each: int = EACH, epochs: int = EPOCHS, seed: int = 0, corpus: str = ""
) -> Weights:
    """Train a model of names.

    Parameters
    ----------
    sources : sequence of Source
        Of the training packages.
    language : str
        Key of their language.
    each : int
        Symbols that are taken of each package, in whole files by chance.
    epochs : int
        How often each is seen.
    seed : int
        Of the choice, the order and the first weights.
    corpus : str
        sha256 of the corpus, for the card.

    Raises
    ------
    InputError
        If the sources declare no variables or routines in two packages or more.
    """
    began = time.process_time()
    torch.manual_seed(seed)
    files = _chosen(sources, language, each, seed)
    vocabulary = learn_names([(package, file) for package, own in files.items() for _, file in own], language)
    if not vocabulary.names:
        raise InputError(
            "no name is declared in two packages or more",
            value=len(files),
            next="train on a corpus of several packages",
        )
    prepared = []
    for own in files.values():
        project = Project(own, vocabulary.weight)
        for i, (path, file) in enumerate(own):  # every other file is asked as if nothing were known of its project
            known = project if i % 2 else None
            prepared.append((file, proposals(file, vocabulary.weight, language, project=known, path=path)))
    model = Namer(vocabulary)
    told = fit_names(model, batches(prepared, vocabulary, seed=seed), epochs=epochs, seed=seed)
    tensors = {name: tensor.detach().numpy() for name, tensor in model.named_parameters()}
    composer, words, bits = train_composer(_routines(sources, language, seed), seed=seed)
    training = {
        "symbols": float(sum(len(file) for file, _ in prepared)), "packages": float(len(files)), "seed": float(seed),
        "epochs": float(epochs), "cpu_s": round(time.process_time() - began, 1), "bits": round(told[-1][1], 4),
        "composer_bits": round(bits, 4),
    }  # fmt: skip
    weights = narrowed(Ranker(vocabulary, tensors), training=training, corpus=corpus)
    return with_composer(
        weights, words, {name: tensor.detach().numpy() for name, tensor in composer.named_parameters()}
    )


def _routines(sources: Sequence[Source], language: str, seed: int) -> list[tuple[str, Described]]:
    """Describe routines of each package, with their package, in whole files by chance until there are `ROUTINES`."""
    kept: list[tuple[str, Described]] = []
    counts: defaultdict[str, int] = defaultdict(int)
    for i in np.random.default_rng(seed).permutation(len(sources)).tolist():
        source = sources[i]
        if counts[source.package] < ROUTINES:
            file = describe(flat(source.text, language), path=source.path if i % _SAID else "")
            own = [(source.package, found) for found in file if found.symbol.sort == "routine"]
            kept += own
            counts[source.package] += len(own)
    return kept


def _chosen(
    sources: Sequence[Source], language: str, each: int, seed: int
) -> dict[str, list[tuple[str, Sequence[Described]]]]:
    """Describe files of each package by chance until ``each`` symbols are found."""
    files: defaultdict[str, list[tuple[str, Sequence[Described]]]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    for i in np.random.default_rng(seed).permutation(len(sources)).tolist():
        source = sources[i]
        path = source.path if i % _SAID else ""  # a file may have no name yet
        if counts[source.package] < each and (found := describe(flat(source.text, language), path=path)):
            kept = found[: each - counts[source.package]]
            files[source.package].append((source.path, kept))
            counts[source.package] += len(kept)
    return dict(sorted(files.items()))


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
            (loss / max(n, 1)).backward()  # type: ignore[no-untyped-call]  # torch has no type of it
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
