"""A model of code on disk: its tensors, small, and beside them all that says what they are.

Matrices are whole numbers of one byte with a scale for each row, everything else is in half precision. The largest of
a row is 127 of its scales, so no entry moves by more than 1/254 of it; on validation files that costs less than .001
bits a token. One safetensors file. Its header holds, as JSON, the language, the vocabulary, the sizes, what it was
trained on (sha256 of the corpus), its figures, and the sha256 of the tensors, so that a damaged or foreign file is
refused.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.vocabulary import Vocabulary
from learnsys.core.errors import BadFile, MissingExtra
from learnsys.core.files import existing, write_atomic

FORMAT: Final = "learnsys.complete"
VERSION: Final = 2
_READABLE: Final = (1, 2)  # the first form had everything in half precision
_SCALE: Final = ".scale"
_LARGE: Final = 4096  # entries of a matrix that is worth it
_LEVELS: Final = 127

Stored = NDArray[np.int8] | NDArray[np.float16]


@final
class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a model file says about itself.

    ``task`` is what it is a model of, ``tokens`` or ``names``; ``lists`` are further words that have numbers.
    """

    format: str = FORMAT
    v: int = VERSION
    task: str = "tokens"
    vocabulary: Vocabulary
    lists: dict[str, tuple[str, ...]] = {}
    sizes: dict[str, int]
    corpus: str = ""
    training: dict[str, float] = {}
    metrics: dict[str, float] = {}
    sha256: str = ""


@final
class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Tensors in single precision by name, and the card."""

    card: Card
    tensors: dict[str, NDArray[np.float32]]


def save_weights(path: Path, weights: Weights) -> Path:
    """Write a model whole or not at all, tensors rounded."""
    stored = {part: kept for name, tensor in sorted(weights.tensors.items()) for part, kept in _stored(name, tensor)}
    card = msgspec.structs.replace(weights.card, v=VERSION, sha256=_digest(stored))
    content = _safetensors().save(stored, metadata={"card": msgspec.json.encode(card).decode()})
    return write_atomic(path, content)


def load_weights(path: Path | str, task: str = "tokens") -> Weights:
    """Read a model of ``task``.

    Raises
    ------
    BadFile
        If the file is missing, damaged, no model of code or of another task or version; its sha256 is named.
    """
    path = existing(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile.unreadable(path, error.strerror) from error
    named = f"(sha256 {sha256(content).hexdigest()[:16]})"
    try:
        size = int.from_bytes(content[:8], "little")
        header = msgspec.json.decode(content[8 : 8 + size])
        told = msgspec.json.decode(header["__metadata__"]["card"])
        if told.get("format") != FORMAT or told.get("v") not in _READABLE:
            form = f"{told.get('format')} {told.get('v')}"
            raise BadFile.unreadable(path, f"a model of form {form}, not {FORMAT} {VERSION} {named}")
        card = msgspec.convert(told, Card)
        stored: Mapping[str, Stored] = _safetensors().load(content)
    except (LookupError, ValueError, TypeError, AttributeError, _error()) as error:
        raise BadFile.unreadable(path, f"no model of code {named}") from error
    if _digest(stored) != card.sha256:
        raise BadFile.unreadable(path, f"its tensors have sha256 {_digest(stored)[:16]}, not {card.sha256[:16]}")
    if card.task != task:
        raise BadFile.unreadable(path, f"a model of {card.task}, not of {task} {named}")
    names = [name for name in stored if name.removesuffix(_SCALE) == name]
    return Weights(card=card, tensors={name: _restored(name, stored) for name in names})


def _stored(name: str, tensor: NDArray[np.float32]) -> list[tuple[str, Stored]]:
    """Return a tensor as it is written: in half precision, or rounded to bytes beside the scales of its rows."""
    if tensor.ndim != 2 or tensor.size < _LARGE:
        return [(name, tensor.astype(np.float16))]
    scale = (np.abs(tensor).max(1) / _LEVELS).astype(np.float16)
    levels = np.rint(tensor / np.where(scale > 0, scale, 1).astype(np.float32)[:, None])
    return [(name, np.clip(levels, -_LEVELS, _LEVELS).astype(np.int8)), (name + _SCALE, scale)]


def _restored(name: str, stored: Mapping[str, Stored]) -> NDArray[np.float32]:
    tensor = stored[name].astype(np.float32)
    return tensor * stored[name + _SCALE].astype(np.float32)[:, None] if name + _SCALE in stored else tensor


def _digest(tensors: Mapping[str, NDArray[Any]]) -> str:
    hashed = sha256()
    for name in sorted(tensors):
        hashed.update(name.encode() + str(tensors[name].shape).encode() + np.ascontiguousarray(tensors[name]).tobytes())
    return hashed.hexdigest()


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtra.of("safetensors", "complete") from error
    return safetensors.numpy


def _error() -> type[Exception]:
    from safetensors import SafetensorError

    found: type[Exception] = SafetensorError
    return found
