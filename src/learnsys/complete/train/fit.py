"""Train a model of code: epochs of shuffled files, rates with a warm-up and a cosine, until a budget is spent.

The budget is tokens or CPU seconds, and the learning rate follows how much of it is spent, so that a run of two minutes
ends as settled as one of two hours. A checkpoint holds weights, moments and the place in the epoch: a run that was cut
goes on with the next chunk, whose states begin as those of a new file.
"""

import io
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from hashlib import sha256
from math import cos, log, pi
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final, Generic, TypeVar, final

import msgspec
import numpy as np
import torch

from learnsys.complete.data.encode import Encoded
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.models.pairs import PairLSTM
from learnsys.complete.train.optimizer import Optimizer
from learnsys.complete.train.streams import Chunk, chunks, side_by_side
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import write_atomic
from learnsys.core.recorder import Recorder

WARM_UP: Final = 100  # steps, or
WARM_UP_SHARE: Final = 0.05  # of the budget, if that is over sooner
FLOOR: Final = 0.02  # of the learning rate, at the end

Notice = Callable[[float, str], None]
M = TypeVar("M", Backbone, PairLSTM)


@final
class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """How to train: the budget (the first that is spent ends it), streams side by side, tokens a chunk, the rates."""

    epochs: float | None = None
    cpu_s: float | None = None
    streams: int = 16
    length: int = 64
    rate: float = 1.2e-2  # of embeddings and biases
    matrices: float = 3e-2
    seed: int = 0
    every_s: float = 120.0  # between checkpoints

    def __post_init__(self) -> None:
        if self.epochs is None and self.cpu_s is None:
            raise InputError("training has no budget", next="give epochs or cpu_s")


@final
class Progress(msgspec.Struct):
    """Where a run is: what a checkpoint keeps beside the tensors."""

    epoch: int = 0
    chunk: int = 0
    steps: int = 0
    tokens: int = 0
    cpu_s: float = 0.0
    bits: float = 12.0  # moving mean, a token


def fit(
    model: M,
    files: Sequence[Encoded],
    schedule: Schedule,
    *,
    checkpoint: Path | None = None,
    mark: str = "",
    recorder: Recorder | None = None,
    measure: Callable[[M], float] | None = None,
    notice: Notice = lambda share, note: None,
) -> Progress:
    """Train ``model`` in place.

    Parameters
    ----------
    model : Backbone or PairLSTM
        To be trained.
    files : sequence of Encoded
        Of the training split.
    schedule : Schedule
        Budget and rates.
    checkpoint : path, optional
        Where to keep the run; if it is there already, training goes on from it. Ctrl-C keeps it too.
    mark : str
        Says which data it is; a checkpoint with another mark is refused.
    recorder : Recorder, optional
        Told what ``measure`` says, or else the moving mean of bits a token, each ``schedule.every_s`` seconds.
    measure : callable, optional
        Bits a token of the model on a sample of its own; its time is no training.
    notice : callable
        Told (share of the budget spent, what happens) after each step.

    Raises
    ------
    InputError
        If there is nothing to train on.
    BadFile
        If the checkpoint is of another model or other data, or damaged.
    """
    files = [file for file in files if len(file) > 1]
    if not files:
        raise InputError("no file has two tokens or more", value=0, next="give a folder with source files")
    run = _Run(model, files, schedule, checkpoint=checkpoint, mark=mark, recorder=recorder, measure=measure)
    model.train()
    try:
        run.begin()
        while run.share < 1.0:
            run.epoch(notice)
    except (KeyboardInterrupt, SystemExit):
        run.keep()
        raise
    run.note()
    model.eval()
    return run.at


class _Run(Generic[M]):
    """One run: the model, its optimizer, and where it is."""

    def __init__(
        self, model: M, files: Sequence[Encoded], schedule: Schedule, *,
        checkpoint: Path | None, mark: str, recorder: Recorder | None, measure: Callable[[M], float] | None,
    ) -> None:  # fmt: skip
        self.model: M = model
        self.measure: Callable[[M], float] | None = measure
        self.files, self.schedule = files, schedule
        self.checkpoint, self.mark, self.recorder = checkpoint, mark, recorder
        self.optimizer = Optimizer(model, rate=schedule.rate, matrices=schedule.matrices)
        self.at = Progress()
        if checkpoint is not None and checkpoint.exists():
            self.at = _resume(checkpoint, mark, model, self.optimizer)
        torch.manual_seed(schedule.seed + self.at.steps)
        self.total = sum(map(len, files))
        self.clock = time.process_time()
        self.noted_s = self.at.cpu_s

    def begin(self) -> None:
        """Measure the start point."""
        if self.recorder is not None and self.measure is not None:
            self._record(self.recorder)

    @property
    def share(self) -> float:
        """Share of the budget that is spent."""
        return _spent(self.at, self.schedule, self.total)

    def epoch(self, notice: Notice) -> None:
        """Go through all files once, or until the budget is spent; from where a checkpoint was made."""
        order = np.random.default_rng([self.schedule.seed, self.at.epoch]).permutation(len(self.files))
        streams = side_by_side([self.files[i] for i in order], streams=min(self.schedule.streams, len(self.files)))
        state = self.model.start(len(streams))
        for number, chunk in enumerate(chunks(streams, length=self.schedule.length)):
            if number < self.at.chunk:
                continue  # done before the checkpoint
            if (share := self.share) >= 1.0:
                return
            state = self._step(chunk, state, share)
            self.at.chunk = number + 1
            notice(share, f"{self.at.bits:.2f} bits a token, {self.at.tokens / max(self.at.cpu_s, 1e-9):,.0f} tokens/s")
            if self.at.cpu_s - self.noted_s > self.schedule.every_s:
                self.note()
        self.at.epoch, self.at.chunk = self.at.epoch + 1, 0

    def _step(self, chunk: Chunk, state: Any, share: float) -> Any:
        log_p, counts, state = self.model(chunk, state)
        asked = int(counts.sum())
        loss = -(log_p * counts).sum() / max(asked, 1)
        self.optimizer.step(loss, _rate(share, self.at.steps))
        self.at.bits += (float(loss.detach()) / log(2) - self.at.bits) * max(0.01, 1 / (self.at.steps + 1))
        self.at.steps, self.at.tokens = self.at.steps + 1, self.at.tokens + asked
        now = time.process_time()
        self.at.cpu_s, self.clock = self.at.cpu_s + now - self.clock, now
        return state

    def note(self) -> None:
        """Keep the run and tell the recorder; neither is training."""
        self.noted_s = self.at.cpu_s
        with self.recorder.evaluating() if self.recorder is not None else nullcontext():
            self.keep()
        if self.recorder is not None:
            self._record(self.recorder)
        self.clock = time.process_time()

    def _record(self, recorder: Recorder) -> None:
        with recorder.evaluating():
            bits = self.at.bits if self.measure is None else self.measure(self.model)
            self.model.train()
        recorder.step(bits)
        self.clock = time.process_time()

    def keep(self) -> None:
        """Write the checkpoint, if one is wanted, whole or not at all."""
        if self.checkpoint is None:
            return
        kept = {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "at": msgspec.structs.asdict(self.at), "mark": self.mark,
        }  # fmt: skip
        torch.save(kept, content := io.BytesIO())
        write_atomic(self.checkpoint, content.getvalue())


def _spent(at: Progress, schedule: Schedule, total: int) -> float:
    """Return the share of the budget that is spent."""
    by_epochs = at.tokens / (schedule.epochs * total) if schedule.epochs is not None else 0.0
    by_time = at.cpu_s / schedule.cpu_s if schedule.cpu_s is not None else 0.0
    return max(by_epochs, by_time)


def _rate(share: float, steps: int) -> float:
    warm = min(1.0, max((steps + 1) / WARM_UP, share / WARM_UP_SHARE))
    return warm * (FLOOR + (1 - FLOOR) * (1 + cos(pi * min(share, 1.0))) / 2)


def _resume(path: Path, mark: str, model: Backbone | PairLSTM, optimizer: Optimizer) -> Progress:
    try:
        kept: dict[str, Any] = torch.load(path, weights_only=True)
        if kept["mark"] != mark:
            raise BadFile(
                f"{path} was kept by a run on other data", value=str(path), next="delete it, or name another checkpoint"
            )
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        return Progress(**kept["at"])
    except (RuntimeError, LookupError, ValueError, TypeError, EOFError, OSError, UnpicklingError) as error:
        named = f"sha256 {sha256(path.read_bytes()).hexdigest()[:16]}" if path.is_file() else "no file"
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise BadFile.unreadable(path, f"no checkpoint of this model ({named}): {why[:120]}") from error
