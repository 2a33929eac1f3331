"""What a trained model looks like to whoever uses it: named tensors in, named tensors out.

A model on disk is a folder: ``model.json`` (what it is, its tensors, its digest) and
``model.safetensors`` (its numbers). Loading executes no code from the folder: the ``room``
in ``model.json`` is looked up in a fixed table, and that room reads the numbers.
"""

from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.files import existing
from learnsys.core.rooms import ROOMS

CARD_VERSION: Final = 1
DTYPES: Final[Mapping[str, type[np.generic]]] = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
    "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BYTES": np.object_,
}  # fmt: skip


@final
class TensorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Name, Open Inference Protocol dtype and shape of a tensor; None in axis 0 stands for rows."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise UnknownName.of("dtype", self.dtype, DTYPES)

    def check(self, array: NDArray[Any]) -> None:
        """Refuse an array of another dtype or shape.

        Raises
        ------
        InputError
            Naming the tensor, what came and what is wanted.
        """
        want = DTYPES[self.dtype]
        if array.dtype != want:
            raise InputError(
                f"input {self.name!r} is {array.dtype}, but must be {self.dtype} ({np.dtype(want)})",
                value=str(array.dtype),
                next=f"convert it to {np.dtype(want)}",
            )
        fits = len(array.shape) == len(self.shape) and all(
            want_n in (None, n) for n, want_n in zip(array.shape, self.shape, strict=True)
        )
        if not fits:
            shown = [-1 if n is None else n for n in self.shape]
            raise InputError(
                f"input {self.name!r} has shape {list(array.shape)}, but must have {shown}",
                value=list(array.shape),
                next="-1 stands for any number of rows",
            )


class Predictor(Protocol):
    """A trained model: pure, thread-safe, in batches of rows."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def version(self) -> str:
        """Which one of that name."""
        ...

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """Tensors that it needs."""
        ...

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """Tensors that it gives."""
        ...

    @property
    def max_rows(self) -> int | None:
        """Most rows in one batch, None if there is no bound."""
        ...

    def predict(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Map n >= 1 rows of every input to n rows of every output.

        Raises
        ------
        InputError
            If a tensor is missing, unknown or of another form.
        """
        ...


@final
class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What ``model.json`` holds."""

    v: int = CARD_VERSION
    room: str
    kind: str
    name: str
    version: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    data: dict[str, Any] = {}
    metrics: dict[str, float] = {}
    params: dict[str, Any] = {}
    gap: float | None = None
    sha256: str = ""


def check_batch(batch: Mapping[str, NDArray[Any]], inputs: tuple[TensorSpec, ...]) -> int:
    """Check a batch against the inputs of a predictor and return its number of rows.

    Raises
    ------
    InputError
        If a tensor is missing, unknown or of another form, or if their rows differ.
    """
    known = {spec.name: spec for spec in inputs}
    for name in batch:
        if name not in known:
            raise UnknownName.of("input", name, known)
    for name, spec in known.items():
        if name not in batch:
            raise InputError(f"input {name!r} is missing", value=sorted(batch), next=f"send {', '.join(known)}")
        spec.check(batch[name])
    rows = {name: len(array) for name, array in batch.items()}
    if len(set(rows.values())) != 1 or 0 in rows.values():
        raise InputError(f"inputs have {rows} rows", value=rows, next="send the same number of rows, at least one")
    return next(iter(rows.values()))


def read_card(path: Path | str) -> ModelCard:
    """Read ``model.json`` and check that ``model.safetensors`` is the file it describes.

    Raises
    ------
    BadFile
        If either file is missing, malformed, or the digest does not match.
    """
    folder = existing(path)
    try:
        card = msgspec.json.decode(existing(folder / "model.json").read_bytes(), type=ModelCard)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise BadFile.unreadable(folder / "model.json", error) from error
    if card.v != CARD_VERSION:
        raise BadFile.unreadable(folder / "model.json", f"version {card.v} is not {CARD_VERSION}, the one known here")
    numbers = existing(folder / "model.safetensors")
    if sha256(numbers.read_bytes()).hexdigest() != card.sha256:
        raise BadFile.unreadable(numbers, "its sha256 is not the one in model.json")
    return card


def load(path: Path | str) -> Predictor:
    """Load the model saved in folder ``path``, with the room that made it.

    Raises
    ------
    BadFile
        If the folder is no whole model.
    UnknownName
        If it was made by a room that this version does not have.
    """
    card = read_card(path)
    if card.room not in ROOMS:
        raise UnknownName.of("room", card.room, ROOMS)
    predictor: Predictor = import_module(ROOMS[card.room]).load_predictor(Path(path))
    return predictor
