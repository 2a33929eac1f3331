"""The Open Inference Protocol v2, requests in and responses out, as JSON with or without binary tensors.

The envelope is decoded into typed structs, which name what is wrong and where. With the binary
tensor extension, bytes follow the JSON in the order of the tensors, and the header
``Inference-Header-Content-Length`` says where the JSON ends.

References
----------
KServe, Open Inference Protocol, V2 REST; Triton Inference Server, extension_binary_data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import msgspec
from numpy.typing import NDArray

from learnsys import __version__
from learnsys.core.errors import InputError, UnknownName
from learnsys.core.predictor import DTYPES, Predictor, TensorSpec
from learnsys.serve.tensors import from_binary, from_json, to_binary, to_json

HEADER_LENGTH: Final = b"inference-header-content-length"
Tensors = Mapping[str, NDArray[Any]]


@final
class WireInput(msgspec.Struct):
    """An input as it came."""

    name: str
    shape: list[int]
    datatype: str
    parameters: dict[str, Any] | None = None
    data: msgspec.Raw = msgspec.Raw(b"")


@final
class WireOutput(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


@final
class WireRequest(msgspec.Struct):
    """A request as it came."""

    inputs: list[WireInput]
    id: str | None = None
    outputs: list[WireOutput] | None = None
    parameters: dict[str, Any] | None = None


@final
class Question(msgspec.Struct, frozen=True):
    """A request understood: its tensors, and for each output asked for whether it is wanted in binary."""

    inputs: dict[str, NDArray[Any]]
    outputs: dict[str, bool]
    id: str | None


_REQUEST: Final = msgspec.json.Decoder(WireRequest)
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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
    name, shape, size = tensor.name, tensor.shape, (tensor.parameters or {}).get("binary_data_size")
    if tensor.datatype not in DTYPES:
        raise UnknownName.of("datatype", tensor.datatype, DTYPES)
    if min(shape, default=0) < 0:
        raise InputError(f"input {name!r} has the negative shape {shape}", value=shape)
    if bool(tensor.data) == (size is not None):
        raise InputError(f"input {name!r} needs either data or binary_data_size", next="send one of them")
    try:
        if size is None:
            return from_json(bytes(tensor.data), tensor.datatype, shape), at
        if type(size) is not int or not 0 <= size <= len(body) - at:
            raise ValueError(f"binary_data_size is {size}, but {len(body) - at} bytes are left")
        return from_binary(memoryview(body)[at : at + size], tensor.datatype, shape), at + size
    except ValueError as error:
        raise InputError(f"input {name!r} is not {tensor.datatype} {shape}: {error}", value=tensor.datatype) from error


def _wanted(wire: WireRequest, specs: Sequence[TensorSpec]) -> dict[str, bool]:
    all_binary = (wire.parameters or {}).get("binary_data_output") is True
    if not wire.outputs:
        return {s.name: all_binary for s in specs}
    known = {s.name for s in specs}
    for output in wire.outputs:
        if output.name not in known:
            raise UnknownName.of("output", output.name, sorted(known))
    return {o.name: (o.parameters or {}).get("binary_data", all_binary) is True for o in wire.outputs}


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
            tail.append(to_binary(array))
            tensor["parameters"] = {"binary_data_size": len(tail[-1])}
        else:
            tensor["data"] = _json_list(name, array)
        wire.append(tensor)
    answer = {"model_name": predictor.name, "model_version": predictor.version, "outputs": wire}
    if question.id is not None:
        answer["id"] = question.id
    head = _ENCODER.encode(answer)
    return (b"".join((head, *tail)), len(head)) if tail else (head, None)


def _json_list(name: str, array: NDArray[Any]) -> list[Any]:
    try:
        return to_json(array)
    except UnicodeDecodeError as error:
        raise InputError(f"output {name!r} has texts that are no UTF-8", next="ask for it in binary") from error


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
