"""From sources to a model on disk: vocabulary, arrays, a held-out sample, training, export."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, final

import msgspec
import torch

from learnsys.complete.caches.gate import TENSORS
from learnsys.complete.corpus.types import Source
from learnsys.complete.data.encode import Encoded, Lexicon, encode_tokens
from learnsys.complete.data.vocabulary import Vocabulary, learn_vocabulary
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.models.backbone import Backbone, Sizes
from learnsys.complete.runtime.weights import save_weights
from learnsys.complete.train.export import exported
from learnsys.complete.train.fit import Notice, Schedule, fit
from learnsys.complete.train.gated import gated_on
from learnsys.complete.train.sample import sample_bits
from learnsys.complete.train.types import Trained
from learnsys.core.errors import InputError
from learnsys.core.recorder import Recorder
from learnsys.core.trace import DataRef

HELD_OUT: Final = 20  # one file in so many is the sample
DEFAULT: Final = Sizes()


@final
class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Sources as arrays, those to train on and those held out, and the digest of all."""

    vocabulary: Vocabulary
    train: list[Encoded]
    sample: list[Encoded]
    digest: str

    @property
    def tokens(self) -> int:
        """Tokens to train on."""
        return sum(map(len, self.train))


def prepare(sources: Sequence[Source], key: str, *, notice: Notice = lambda share, note: None) -> Prepared:
    """Learn the vocabulary and turn sources into arrays; one file in twenty is held out, by the hash of its path.

    Of a single file nothing can be held out: it is the sample too.

    Raises
    ------
    InputError
        If no file has two tokens.
    """
    ordered = sorted(sources, key=lambda source: sha256(f"{source.package}\0{source.path}".encode()).digest())
    read = []
    for done, source in enumerate(ordered):
        notice(done / len(ordered), f"reading {source.path}")
        if len(found := tokens(source.text, key)) > 1:
            read.append((source.package, found))
    if not read:
        raise InputError("no file has two tokens or more", value=len(sources), next="give a folder with source files")
    out = max(1, len(read) // HELD_OUT) if len(read) > 1 else 0
    vocabulary, lexicon = learn_vocabulary(read[out:]), Lexicon()
    arrays = [encode_tokens(found, vocabulary, lexicon) for _, found in read]
    digest = sha256("\0".join(source.text for source in ordered).encode("utf-8", "surrogatepass")).hexdigest()
    return Prepared(vocabulary=vocabulary, train=arrays[out:], sample=arrays[:out] or arrays, digest=digest)


def train(
    data: Prepared,
    schedule: Schedule,
    *,
    out: Path,
    name: str,
    sizes: Sizes = DEFAULT,
    checkpoint: Path | None = None,
    others: Sequence[Source] = (),
    notice: Notice = lambda share, note: None,
) -> Trained:
    """Train a model and write it to ``out``.

    Parameters
    ----------
    data : Prepared
        What to learn from.
    schedule : Schedule
        Budget, rates and seed; each ``every_s`` seconds the sample is measured.
    out : path
        For the model.
    name : str
        Of the data, for the trace.
    sizes : Sizes
        Of the backbone.
    checkpoint : path, optional
        Where the run is kept, and gone on from.
    others : sequence of Source
        Of packages that are not trained on: gate and ranker are learned on them, or taken from the model that ships.
    notice : callable
        Told (share of the budget spent, what happens).
    """
    torch.set_num_threads(1)  # steps are too small for more
    torch.manual_seed(schedule.seed)
    model = Backbone(len(data.vocabulary.words), len(data.vocabulary.parts), sizes)
    parameters = sum(p.numel() for p in model.parameters())
    recorder = Recorder(
        "muon", job=f"complete {data.vocabulary.language} {data.digest[:12]}",
        data=DataRef(
            name=name, digest=data.digest, n=data.tokens, d=len(data.vocabulary.words), nnz=data.tokens
        ),
        params={
            "rate": schedule.rate, "matrices": schedule.matrices, "streams": schedule.streams,
            "length": schedule.length, "seed": schedule.seed,
        },
    )  # fmt: skip
    at = fit(
        model, data.train, schedule, checkpoint=checkpoint, mark=data.digest, recorder=recorder,
        measure=lambda model: sample_bits(model, data.sample), notice=notice,
    )  # fmt: skip
    trace = recorder.finish("rounds" if schedule.cpu_s is None else "time")
    weights = exported(model, data.vocabulary, at=at, corpus=data.digest)
    card = msgspec.structs.replace(weights.card, metrics={"sample_bits": round(trace.last.loss, 4)})
    weights, validation = gated_on(
        msgspec.structs.replace(weights, card=card), others, seed=schedule.seed, notice=notice
    )
    path = save_weights(out, weights)
    return Trained(
        path=path, language=data.vocabulary.language, files=len(data.train), tokens=data.tokens,
        epochs=at.tokens / data.tokens, parameters=parameters, bits=trace.last.loss, trace=trace,
        gate="own" if validation else "shipped" if TENSORS[0] in weights.tensors else "none", validation=validation,
    )  # fmt: skip
