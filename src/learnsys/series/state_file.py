"""A state in one file: numbers as safetensors, everything else as JSON in its header, both under a digest.

Nothing in the file is executed when it is read: the kinds of states are those of a fixed table.
"""

from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import BadFile, MissingExtra
from learnsys.core.files import existing, write_atomic
from learnsys.series.sources.arrow import arrow

FORMAT: Final = "learnsys series state 1"
KINDS: Final = {"State": "learnsys.series.state", "LagState": "learnsys.series.sums.lag_state"}


def write(path: Path | str, state: msgspec.Struct) -> Path:
    """Write a struct of arrays, numbers, text and such structs, so that no reader ever sees half of it.

    Raises
    ------
    BadFile
        If the folder does not exist or cannot be written.
    """
    return write_atomic(path, encode(state))


def read(path: Path | str) -> Any:
    """Read what ``write`` wrote.

    Raises
    ------
    BadFile
        If it is missing, truncated, changed, or no state.
    """
    content = existing(path).read_bytes()
    try:
        return decode(content)
    except (_safetensors("SafetensorError"), msgspec.DecodeError, ValueError, LookupError, TypeError) as error:
        raise BadFile.unreadable(path, error) from error


def encode(state: msgspec.Struct) -> bytes:
    """Make the content of a file."""
    tensors: dict[str, NDArray[Any]] = {}
    header = msgspec.json.encode({"kind": type(state).__name__, "value": _taken_apart(state, "", tensors)}).decode()
    told = {"format": FORMAT, "header": header, "sha256": digest(header, tensors)}
    content: bytes = _safetensors().save({k: _plain(v) for k, v in tensors.items()}, metadata=told)
    return content


def decode(content: bytes) -> Any:
    """Undo ``encode``; whatever is wrong with the content raises an error."""
    told, tensors = _opened(content)
    if told.get("format") != FORMAT:
        raise ValueError(f"it is no {FORMAT}")
    if digest(told["header"], tensors) != told["sha256"]:
        raise ValueError("its content is not what was written")
    header = msgspec.json.decode(told["header"])
    kind = getattr(import_module(KINDS[header["kind"]]), header["kind"])
    return _put_together(kind, header["value"], tensors)


def pack(state: msgspec.Struct) -> bytes:
    """Make the bytes that go over a wire: the content of a file, a seventh smaller.

    Exponents of neighbouring floats are alike: bytes of one significance are put side by side, and compressed.
    """
    content = encode(state)
    padded = np.frombuffer(content + bytes(-len(content) % 4), np.uint8)
    packed: bytes = arrow().compress(padded.reshape(-1, 4).T.tobytes(), codec="zstd", asbytes=True)
    return len(content).to_bytes(8, "little") + packed


def unpack(packed: bytes) -> Any:
    """Undo ``pack``."""
    size = int.from_bytes(packed[:8], "little")
    planes = arrow().decompress(packed[8:], size + -size % 4, codec="zstd", asbytes=True)
    return decode(np.frombuffer(planes, np.uint8).reshape(4, -1).T.tobytes()[:size])


def digest(header: str, tensors: dict[str, NDArray[Any]]) -> str:
    """Digest the header and all numbers."""
    total = sha256(header.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        total.update(f"{name} {array.dtype} {array.shape}".encode())
        total.update(array.data if array.size else b"")
    return total.hexdigest()


def _taken_apart(value: Any, name: str, tensors: dict[str, NDArray[Any]]) -> Any:
    """Put the arrays of a struct into ``tensors``, and return what remains as JSON has it."""
    if isinstance(value, np.ndarray):
        tensors[name] = value
        return {"array": name, "dtype": str(value.dtype)}
    if isinstance(value, msgspec.Struct):
        fields = [field.name for field in msgspec.structs.fields(value)]
        return {field: _taken_apart(getattr(value, field), f"{name}.{field}".lstrip("."), tensors) for field in fields}
    return msgspec.to_builtins(value)


def _put_together(kind: Any, told: Any, tensors: dict[str, NDArray[Any]]) -> Any:
    """Undo ``_taken_apart``."""
    if isinstance(told, dict) and set(told) == {"array", "dtype"}:
        return tensors[told["array"]]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return kind(**{field: _put_together(hints[field], value, tensors) for field, value in told.items()})
    return msgspec.convert(told, kind)


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Write complex numbers as pairs: safetensors has none of double precision."""
    array = np.ascontiguousarray(array)
    return array.view(array.real.dtype).reshape(*array.shape, 2) if array.dtype.kind == "c" else array


def _opened(content: bytes) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Read the metadata, and the arrays with the types that the header tells."""
    size = int.from_bytes(content[:8], "little")
    told = msgspec.json.decode(content[8 : 8 + size])["__metadata__"]
    tensors = _safetensors().load(content)
    for name, dtype in _types(msgspec.json.decode(told["header"])["value"]):
        if np.dtype(dtype).kind == "c":
            tensors[name] = tensors[name].view(dtype)[..., 0]
    return told, tensors


def _types(told: Any) -> list[tuple[str, str]]:
    if not isinstance(told, dict):
        return []
    if set(told) == {"array", "dtype"}:
        return [(told["array"], told["dtype"])]
    return [found for value in told.values() for found in _types(value)]


def _safetensors(name: str = "") -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtra.of("safetensors", "series") from error
    return getattr(safetensors, name) if name else safetensors.numpy
