"""Train a model of code: epochs of shuffled files, Adam with a warm-up and a cosine, until a budget is spent.

The budget is tokens or CPU seconds, and the learning rate follows how much of it is spent, so that a run of two minutes
ends as settled as one of two hours. A checkpoint holds all that the next step depends on: a run that was cut goes on
as if it had not been.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from math import cos, log, pi
from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np
import torch

from learnsys.complete.data.encode import Encoded
from learnsys.complete.models.backbone import Backbone
from learnsys.complete.train.streams import chunks, side_by_side
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import write_atomic
from learnsys.core.recorder import Recorder

WARM_UP: Final = 100  # steps
FLOOR: Final = 0.02  # of the learning rate, at the end
CLIP: Final = 1.0

Notice = Callable[[float, str], None]


@final
class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """How to train: the budget (the first that is spent ends it), streams side by side, tokens a chunk, and the rate."""

    epochs: float | None = None
    cpu_s: float | None = None
    streams: int = 32
    length: int = 128
    rate: float = 2e-3
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
    model: Backbone,
    files: Sequence[Encoded],
    schedule: Schedule,
    *,
    checkpoint: Path | None = None,
    recorder: Recorder | None = None,
    notice: Notice = lambda share, note: None,
) -> Progress:
    """Train ``model`` in place.

    Parameters
    ----------
    model : Backbone
        To be trained.
    files : sequence of Encoded
        Of the training split.
    schedule : Schedule
        Budget and rates.
    checkpoint : path, optional
        Where to keep the run; if it is there already, training goes on from it.
    recorder : Recorder, optional
        Told the moving mean of bits a token with each checkpoint.
    notice : callable
        Told (share of the budget spent, what happens).

    Raises
    ------
    InputError
        If there is nothing to train on.
    BadFile
        If the checkpoint is of another model or damaged.
    """
    files = [file for file in files if len(file) > 1]
    if not files:
        raise InputError("no file has two tokens or more", value=0, next="give a folder with source files")
    optimizer = torch.optim.Adam(model.parameters(), lr=schedule.rate, betas=(0.9, 0.99))
    at = Progress()
    if checkpoint is not None and checkpoint.exists():
        at = _resume(checkpoint, model, optimizer)
    torch.manual_seed(schedule.seed + at.steps)
    total = sum(map(len, files))
    saved = began = time.process_time()
    before_s = at.cpu_s
    model.train()
    while _spent(at, schedule, total) < 1.0:
        order = np.random.default_rng([schedule.seed, at.epoch]).permutation(len(files))
        streams = side_by_side([files[i] for i in order], streams=min(schedule.streams, len(files)))
        state = model.start(len(streams))
        for number, chunk in enumerate(chunks(streams, length=schedule.length)):
            if number < at.chunk:
                continue  # done before the checkpoint; the window and the stack begin anew, as with a new file
            share = _spent(at, schedule, total)
            if share >= 1.0:
                break
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate * _rate(share, at.steps)
            log_p, counts, state = model(chunk, state)
            loss = -(log_p * counts).sum() / counts.sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            bits = float(loss.detach()) / log(2)
            at.bits += (bits - at.bits) * max(0.01, 1 / (at.steps + 1))
            at.steps, at.tokens, at.chunk = at.steps + 1, at.tokens + int(counts.sum()), number + 1
            at.cpu_s = before_s + time.process_time() - began
            notice(share, f"{at.bits:.2f} bits a token, {at.tokens / max(at.cpu_s, 1e-9):,.0f} tokens/s")
            if checkpoint is not None and time.process_time() - saved > schedule.every_s:
                saved = time.process_time()
                _keep(checkpoint, model, optimizer, at, recorder)
        else:
            at.epoch, at.chunk = at.epoch + 1, 0
    model.eval()
    if checkpoint is not None:
        _keep(checkpoint, model, optimizer, at, recorder)
    return at


def _spent(at: Progress, schedule: Schedule, total: int) -> float:
    """Return the share of the budget that is spent."""
    by_epochs = at.tokens / (schedule.epochs * total) if schedule.epochs is not None else 0.0
    by_time = at.cpu_s / schedule.cpu_s if schedule.cpu_s is not None else 0.0
    # An epoch ends with its shortest stream, some tokens before the last.
    whole = at.epoch / schedule.epochs if schedule.epochs is not None else 0.0
    return max(by_epochs, by_time, whole)


def _rate(share: float, steps: int) -> float:
    return min(1.0, (steps + 1) / WARM_UP) * (FLOOR + (1 - FLOOR) * (1 + cos(pi * min(share, 1.0))) / 2)


def _keep(path: Path, model: Backbone, optimizer: torch.optim.Optimizer, at: Progress, recorder: Recorder | None) -> None:
    import io

    with recorder.evaluating() if recorder is not None else nullcontext():
        torch.save(
            {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "at": msgspec.structs.asdict(at)},
            content := io.BytesIO(),
        )
        write_atomic(path, content.getvalue())
    if recorder is not None:
        recorder.step(at.bits)


def _resume(path: Path, model: Backbone, optimizer: torch.optim.Optimizer) -> Progress:
    try:
        kept: dict[str, Any] = torch.load(path, weights_only=True)
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        return Progress(**kept["at"])
    except (RuntimeError, KeyError, ValueError, TypeError, EOFError, OSError) as error:
        raise BadFile.unreadable(path, f"no checkpoint of this model: {str(error).splitlines()[0][:120]}") from error
