"""The Open Inference Protocol v2, requests in and responses out, as JSON with or without binary tensors.

The envelope is decoded into typed structs, which name what is wrong and where; numbers are read
from it by simdjson. With the binary tensor extension, bytes follow the JSON in the order of the
tensors, and the header ``Inference-Header-Content-Length`` says where the JSON ends.

References
----------
KServe, Open Inference Protocol, V2 REST; Triton Inference Server, extension_binary_data.
"""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, final

import msgspec
import numpy as np
import simdjson
from numpy.typing import NDArray

from learnsys import __version__
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.predictor import DTYPES, Predictor, TensorSpec

HEADER_LENGTH: Final = b"inference-header-content-length"
Tensors = Mapping[str, NDArray[Any]]


@final
class WireInput(msgspec.Struct):
    """An input as it came."""

    name: str
    shape: list[int]
    datatype: str
    parameters: dict[str, Any] = {}
    data: msgspec.Raw = msgspec.Raw(b"")


@final
class WireOutput(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] = {}


@final
class WireRequest(msgspec.Struct):
    """A request as it came."""

    inputs: list[WireInput]
    id: str | None = None
    outputs: list[WireOutput] = []
    parameters: dict[str, Any] = {}


@final
class Question(msgspec.Struct, frozen=True):
    """A request understood: its tensors, and for each output asked for whether it is wanted in binary."""

    inputs: dict[str, NDArray[Any]]
    outputs: dict[str, bool]
    id: str | None


_REQUEST: Final = msgspec.json.Decoder(WireRequest)
# By the kind of a NumPy dtype: what its values are in JSON, the widest dtype that holds them, simdjson's name for it.
_LIST: Final[dict[str, Any]] = {"f": list[float], "i": list[int], "u": list[int], "b": list[bool]}
_WIDE: Final = {"f": "f8", "i": "i8", "u": "u8", "b": "?"}
_SIMD: Final[dict[str, Any]] = {"f": "d", "i": "i", "u": "u", "b": "none"}
_NESTED: Final = msgspec.json.Decoder(list[Any])
_IS_NESTED: Final = re.compile(rb"\s*\[\s*\[").match
_ENCODER: Final = msgspec.json.Encoder()


def read_question(body: bytes, json_length: int | None, outputs: Sequence[TensorSpec]) -> Question:
    """Decode the body of an inference request.

    Parameters
    ----------
    body : bytes
        As it came.
    json_length : int or None
        Where the JSON ends and the binary tensors begin; None if all is JSON.
    outputs : sequence of TensorSpec
        What the model gives.

    Raises
    ------
    InputError
        If it is malformed, or its tensors do not hold what they say.
    UnknownName
        If an output asked for, or a datatype, does not exist.
    """
    end = len(body) if json_length is None else json_length
    if not 0 <= end <= len(body):
        raise InputError(
            f"Inference-Header-Content-Length is {end}, but the body has {len(body)} bytes",
            value=end,
            next="send the length of the JSON part",
        )
    try:
        wire = _REQUEST.decode(memoryview(body)[:end])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the request is no inference request: {error}", next="see the v2 protocol") from error
    tensors: dict[str, NDArray[Any]] = {}
    for tensor in wire.inputs:
        if tensor.name in tensors:
            raise InputError(f"input {tensor.name!r} is there twice", value=tensor.name, next="send each input once")
        tensors[tensor.name], end = _read_input(tensor, body, end)
    if end != len(body):
        raise InputError(
            f"{len(body) - end} bytes follow the last tensor", value=len(body) - end, next="check binary_data_size"
        )
    return Question(tensors, _wanted(wire, outputs), wire.id)


def _read_input(tensor: WireInput, body: bytes, at: int) -> tuple[NDArray[Any], int]:
    """Read one tensor, binary from ``at`` on or from its JSON, and say where the next binary one begins."""
    if tensor.datatype not in DTYPES or tensor.datatype == "BYTES":
        raise UnknownName.of("datatype", tensor.datatype, [d for d in DTYPES if d != "BYTES"])
    dtype = np.dtype(DTYPES[tensor.datatype])
    if min(tensor.shape, default=0) < 0:
        raise InputError(f"input {tensor.name!r} has the negative shape {tensor.shape}", value=tensor.shape)
    count = math.prod(tensor.shape)
    size = tensor.parameters.get("binary_data_size")
    if size is None:
        array = _read_json(tensor, dtype)
        got: object = f"{array.size} values"
        fits = array.size == count
    else:
        if tensor.data:
            raise InputError(f"input {tensor.name!r} has both data and binary_data_size", next="send one of them")
        fits = type(size) is int and size == count * dtype.itemsize and at + size <= len(body)
        got = f"{size} bytes" if fits or at + count * dtype.itemsize <= len(body) else f"{len(body) - at} bytes"
        # A copy, so that the model gets an aligned, writeable array whatever came before it in the body.
        array = np.frombuffer(body, dtype, count, at).copy() if fits else np.empty(0)
        at += size if fits else 0
    if not fits:
        raise InputError(
            f"input {tensor.name!r} of shape {tensor.shape} and {tensor.datatype} needs {count} values "
            f"({count * dtype.itemsize} bytes), but {got} came",
            value=got,
            next="check shape and data",
        )
    return array.reshape(tensor.shape), at


def _read_json(tensor: WireInput, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Read the values of ``tensor`` from JSON, flat or nested."""
    raw = bytes(tensor.data)
    if not raw:
        raise InputError(f"input {tensor.name!r} has no data", next="send data, or binary_data_size and bytes")
    try:
        if _IS_NESTED(raw):
            return _narrow(_read_nested(tensor, raw, dtype.kind), dtype)
        return _narrow(_read_flat(raw, dtype.kind), dtype)
    except (msgspec.DecodeError, OverflowError, ValueError, FloatingPointError) as error:
        raise InputError(f"input {tensor.name!r} is not {tensor.datatype}: {error}", value=tensor.datatype) from error


def _read_flat(raw: bytes, kind: str) -> NDArray[Any]:
    """Read a list of numbers by simdjson; what that refuses, msgspec reads or names the place of."""
    with suppress(ValueError, TypeError, AttributeError):  # the last for what is no list
        # A parser refuses to work while an error's traceback keeps its last document alive; a new one costs 1 us.
        numbers: Any = simdjson.Parser().parse(raw)
        return np.frombuffer(numbers.as_buffer(of_type=_SIMD[kind]), _WIDE[kind])
    return np.array(msgspec.json.decode(raw, type=_LIST[kind]), _WIDE[kind])


def _read_nested(tensor: WireInput, raw: bytes, kind: str) -> NDArray[Any]:
    """Read lists of lists, whose nesting must be the shape that the tensor declares."""
    array = np.array(_NESTED.decode(raw), object)
    if array.shape != tuple(tensor.shape):
        raise ValueError(f"its lists have shape {list(array.shape)}, but it says {tensor.shape}")
    return np.array(msgspec.convert(array.ravel().tolist(), _LIST[kind]), _WIDE[kind])


def _narrow(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Convert to ``dtype`` in a writeable copy, refusing values that it cannot hold."""
    if dtype.kind in "iu" and array.size and array.dtype != dtype:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if int(array.min()) < low or int(array.max()) > high:
            raise ValueError(f"values must lie in [{low}, {high}]")
    with np.errstate(over="raise"):
        return array.astype(dtype)


def _wanted(wire: WireRequest, specs: Sequence[TensorSpec]) -> dict[str, bool]:
    all_binary = wire.parameters.get("binary_data_output") is True
    if not wire.outputs:
        return {s.name: all_binary for s in specs}
    known = {s.name for s in specs}
    for output in wire.outputs:
        if output.name not in known:
            raise UnknownName.of("output", output.name, sorted(known))
    return {o.name: o.parameters.get("binary_data", all_binary) is True for o in wire.outputs}


def write_answer(predictor: Predictor, question: Question, outputs: Tensors) -> tuple[bytes, int | None]:
    """Encode the outputs that were asked for.

    Returns
    -------
    body : bytes
        JSON, then binary tensors if any were asked for.
    json_length : int or None
        Length of the JSON if binary tensors follow.
    """
    wire: list[dict[str, Any]] = []
    tail: list[bytes] = []
    datatypes = {s.name: s.dtype for s in predictor.outputs}
    for name, binary in question.outputs.items():
        array = outputs[name]
        tensor: dict[str, Any] = {"name": name, "datatype": datatypes[name], "shape": array.shape}
        if binary:
            tail.append(array.tobytes())
            tensor["parameters"] = {"binary_data_size": len(tail[-1])}
        else:
            tensor["data"] = array.ravel().tolist()
        wire.append(tensor)
    answer = {"model_name": predictor.name, "model_version": predictor.version, "outputs": wire}
    if question.id is not None:
        answer["id"] = question.id
    head = _ENCODER.encode(answer)
    return (b"".join((head, *tail)), len(head)) if tail else (head, None)


def server_metadata() -> dict[str, Any]:
    """What ``GET /v2`` says."""
    return {"name": "learnsys", "version": __version__, "extensions": ["binary_tensor_data"]}


def model_metadata(predictor: Predictor, versions: Sequence[str]) -> dict[str, Any]:
    """What ``GET /v2/models/NAME`` says; -1 in a shape stands for any number."""

    def tensors(specs: Sequence[TensorSpec]) -> list[dict[str, Any]]:
        return [
            {"name": s.name, "datatype": s.dtype, "shape": [-1 if n is None else n for n in s.shape]} for s in specs
        ]

    return {
        "name": predictor.name,
        "versions": list(versions),
        "platform": "learnsys",
        "inputs": tensors(predictor.inputs),
        "outputs": tensors(predictor.outputs),
    }


def write_json(value: object) -> bytes:
    """Encode any plain value."""
    return _ENCODER.encode(value)
