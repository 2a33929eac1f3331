"""A model of code on disk: tensors in half precision, and beside them all that says what they are.

One safetensors file. Its header holds, as JSON, the language, the vocabulary, the sizes, what it was trained on (sha256
of the corpus), its figures, and the sha256 of the tensors, so that a damaged or foreign file is refused.
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
VERSION: Final = 1


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
    """Write a model whole or not at all, tensors rounded to half precision."""
    half = {name: tensor.astype(np.float16) for name, tensor in sorted(weights.tensors.items())}
    card = msgspec.structs.replace(weights.card, sha256=_digest(half))
    content = _safetensors().save(half, metadata={"card": msgspec.json.encode(card).decode()})
    return write_atomic(path, content)


def load_weights(path: Path | str, task: str = "tokens") -> Weights:
    """Read a model of ``task``.

    Raises
    ------
    BadFile
        If the file is missing, damaged, no model of code or of another task or version; its sha256 is named.
    """
    path = existing(path)
    content = path.read_bytes()
    try:
        size = int.from_bytes(content[:8], "little")
        header = msgspec.json.decode(content[8 : 8 + size])
        told = msgspec.json.decode(header["__metadata__"]["card"])
        if (told.get("format"), told.get("v")) != (FORMAT, VERSION):
            raise BadFile.unreadable(
                path, f"a model of form {told.get('format')} {told.get('v')}, not {FORMAT} {VERSION}"
            )
        card = msgspec.convert(told, Card)
        half: Mapping[str, NDArray[np.float16]] = _safetensors().load(content)
    except (LookupError, ValueError, TypeError, AttributeError, _error()) as error:
        raise BadFile.unreadable(path, f"no model of code (sha256 {sha256(content).hexdigest()[:16]})") from error
    if _digest(half) != card.sha256:
        raise BadFile.unreadable(path, f"its tensors have sha256 {_digest(half)[:16]}, not {card.sha256[:16]}")
    if card.task != task:
        raise BadFile.unreadable(path, f"a model of {card.task}, not of {task}")
    return Weights(card=card, tensors={name: tensor.astype(np.float32) for name, tensor in half.items()})


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
