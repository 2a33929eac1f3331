"""The values of one tensor on the wire: a JSON list, or bytes in row-major order.

Numbers travel little-endian; BYTES as texts in JSON, and in binary each with its length before it
(four bytes), as Triton's binary tensor extension has it. What cannot be read is a ``ValueError``
that says why.
"""

import math
import re
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
import numpy as np
import simdjson
from numpy.typing import NDArray

from learnsys.core.predictor import DTYPES

# By the kind of a NumPy dtype: what its values are in JSON, the widest dtype that holds them, simdjson's name for it.
_LIST: Final[dict[str, Any]] = {"f": list[float], "i": list[int], "u": list[int], "b": list[bool], "O": list[str]}
_WIDE: Final = {"f": "f8", "i": "i8", "u": "u8", "b": "?", "O": "O"}
_SIMD: Final[dict[str, Any]] = {"f": "d", "i": "i", "u": "u"}
_NESTED: Final = re.compile(rb"\s*\[\s*\[").match


def from_json(raw: bytes, datatype: str, shape: Sequence[int]) -> NDArray[Any]:
    """Read an array from a JSON list, flat or nested as the shape says.

    Texts become ``bytes`` objects, as they do in binary.
    """
    dtype = np.dtype(DTYPES[datatype])
    try:
        flat = _nested(raw, dtype.kind, shape) if _NESTED(raw) else _flat(raw, dtype.kind)
        if flat.size != math.prod(shape):
            raise ValueError(f"the shape needs {math.prod(shape)} values, but {flat.size} came")
        return _narrow(flat, dtype).reshape(shape)
    except (msgspec.DecodeError, OverflowError, FloatingPointError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _flat(raw: bytes, kind: str) -> NDArray[Any]:
    """Read a list of numbers by simdjson; what that refuses, msgspec reads or names the place of."""
    if kind in _SIMD:
        with suppress(ValueError, TypeError, AttributeError):  # the last for what is no list
            # A parser refuses to work while an error's traceback keeps its last document alive; a new one costs 1 us.
            numbers: Any = simdjson.Parser().parse(raw)
            return np.frombuffer(numbers.as_buffer(of_type=_SIMD[kind]), _WIDE[kind])
    return np.array(msgspec.json.decode(raw, type=_LIST[kind]), _WIDE[kind])


def _nested(raw: bytes, kind: str, shape: Sequence[int]) -> NDArray[Any]:
    """Read lists of lists, whose nesting must be the shape."""
    array = np.array(msgspec.json.decode(raw, type=list[Any]), object)
    if array.shape != tuple(shape):
        raise ValueError(f"its lists have shape {list(array.shape)}")
    return np.array(msgspec.convert(array.ravel().tolist(), _LIST[kind]), _WIDE[kind])


def _narrow(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Convert to ``dtype`` in a writeable copy, refusing values that it cannot hold."""
    if dtype.kind == "O":
        return _objects([text.encode() for text in array])
    if dtype.kind in "iu" and array.size and array.dtype != dtype:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if int(array.min()) < low or int(array.max()) > high:
            raise ValueError(f"values must lie in [{low}, {high}]")
    with np.errstate(over="raise"):
        return array.astype(dtype)


def from_binary(data: memoryview, datatype: str, shape: Sequence[int]) -> NDArray[Any]:
    """Read an array from bytes that hold it and nothing else."""
    dtype = np.dtype(DTYPES[datatype])
    if dtype.kind == "O":
        return _texts(data, math.prod(shape)).reshape(shape)
    if (need := math.prod(shape) * dtype.itemsize) != len(data):
        raise ValueError(f"the shape needs {need} bytes, but {len(data)} came")
    # A copy, so that the model gets an aligned, writeable array whatever came before it in the body.
    return np.frombuffer(data, dtype).reshape(shape).copy()


def _texts(data: memoryview, count: int) -> NDArray[Any]:
    texts, at = [], 0
    while at + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, at)
        texts.append(bytes(data[at + 4 : at + 4 + length]))
        at += 4 + length
    if at != len(data):
        raise ValueError("the lengths of its texts do not add up to its bytes")
    if len(texts) != count:
        raise ValueError(f"the shape needs {count} texts, but {len(texts)} came")
    return _objects(texts)


def _objects(values: Sequence[bytes]) -> NDArray[Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def to_json(array: NDArray[Any]) -> list[Any]:
    """Write an array as a flat list; texts that are no UTF-8 have no JSON form."""
    if array.dtype.kind != "O":
        values: list[Any] = array.ravel().tolist()
        return values
    return [v.decode() if isinstance(v, bytes) else str(v) for v in array.ravel()]


def to_binary(array: NDArray[Any]) -> bytes:
    """Write an array as bytes."""
    if array.dtype.kind != "O":
        return array.tobytes()
    texts = [v if isinstance(v, bytes) else str(v).encode() for v in array.ravel()]
    return b"".join(struct.pack("<I", len(t)) + t for t in texts)
