"""Traces in files: JSONL for people and pipes, Parquet for many.

JSONL has a header line ``{"v": 1, ...the trace without its steps...}`` and then one line a step, for each trace in
turn. Parquet has one row a step, told apart by the column ``trace``; the headers are JSON in the file's metadata.
"""

import io
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

import msgspec

from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing, write_atomic
from learnsys.core.frames import polars
from learnsys.core.result import plain
from learnsys.core.trace import Step, Trace, Value

VERSION: Final = 1
SUFFIXES: Final = (".jsonl", ".parquet")
_METADATA: Final = "learnsys.traces"
_STEP: Final = msgspec.json.Decoder(Step, strict=False)  # not strict: reads "inf" as a number


def write_traces(traces: Sequence[Trace], path: Path | str) -> Path:
    """Write traces to one file, whole or not at all.

    Parameters
    ----------
    traces : sequence of Trace
        What to write; the order is kept.
    path : Path or str
        File to write; ``.jsonl`` or ``.parquet`` decides the form.

    Raises
    ------
    InputError
        If the suffix is neither.
    BadFile
        If it cannot be written.
    """
    match (path := Path(path)).suffix:
        case ".jsonl":
            return write_atomic(path, encode_traces(traces))
        case ".parquet":
            return write_atomic(path, _parquet(traces))
        case other:
            raise InputError(f"traces cannot be written as {other!r}", value=other, next=f"use {' or '.join(SUFFIXES)}")


def read_traces(path: Path | str) -> list[Trace]:
    """Read the traces of a file, or of all trace files of a folder in the order of their names.

    Raises
    ------
    BadFile
        If the file is missing, cut short within a line or malformed (of JSONL the line is named; whole lines of a
        run that is still being written are read as a shorter run), if its version is not known, or
        if the folder holds no traces.
    """
    path = existing(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
        if not files:
            raise BadFile(f"no {' or '.join(SUFFIXES)} file in {path}", value=str(path), next="name a folder of traces")
        return [trace for file in files for trace in read_traces(file)]
    if path.suffix == ".parquet":
        return _read_parquet(path)
    try:
        return decode_traces(path.read_bytes(), path)
    except OSError as error:
        raise BadFile.unreadable(path, error) from error


def holds_traces(path: Path | str) -> bool:
    """Tell whether ``path`` is a folder or a file of traces, by its form and not by reading it all."""
    path = Path(path)
    if path.suffix == ".parquet" and path.is_file():
        pl = polars()
        try:
            return _METADATA in pl.read_parquet_metadata(path)
        except (pl.exceptions.PolarsError, OSError):
            return False
    return path.is_dir() or path.suffix == ".jsonl"


def encode_traces(traces: Iterable[Trace]) -> bytes:
    """Write traces as JSONL bytes.

    Raises
    ------
    InputError
        If a parameter of a trace is NaN or infinite, which a line could not tell from text.
    """
    lines = (line for trace in traces for line in (_header(trace), *map(_tagged, trace.steps)))
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def decode_traces(text: bytes, path: Path | str) -> list[Trace]:
    """Read JSONL bytes; errors name ``path`` and the line.

    Raises
    ------
    BadFile
        As ``read_traces``.
    """
    *lines, rest = text.split(b"\n")
    if rest:
        raise BadFile.line(
            path, len(lines) + 1, "the file ends before the line does", next="write it again, or drop that line"
        )
    found: list[tuple[Trace, list[Step]]] = []
    for number, line in enumerate(lines, 1):
        try:
            if b'"v"' in line:  # a step has no such field
                found.append((_without_steps(msgspec.json.decode(line)), []))
            elif not found:
                raise ValueError("a step before any header")
            else:
                found[-1][1].append(_STEP.decode(line))
        except ValueError as error:  # msgspec's errors are ValueErrors too
            raise BadFile.line(path, number, str(error)) from error
    return [_with_steps(trace, steps) for trace, steps in found]


def _header(trace: Trace) -> dict[str, Any]:
    """Make the header line of a trace: everything but its steps."""
    for name, value in trace.params.items():
        if isinstance(value, float) and not isfinite(value):
            raise InputError(f"parameter {name} of trace {trace.id} is {value}", value=value, next="leave it out")
    header: dict[str, Any] = {"v": VERSION, **_tagged(_with_steps(trace, []))}
    del header["steps"]
    return header


def _tagged(value: Any) -> Any:
    """Turn a value into what JSON has; a number that it has not (nan, inf, -inf) becomes text."""
    return _finite(msgspec.to_builtins(value, enc_hook=plain))


def _finite(value: Any) -> Any:
    match value:
        case float() if not isfinite(value):
            return str(value)
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case list() | tuple():
            return [_finite(part) for part in value]
        case _:
            return value


def _without_steps(header: Any) -> Trace:
    """Read a header; its parameters strictly, for there "inf" is text, and the rest not."""
    if not isinstance(header, dict) or header.get("v") != VERSION:
        version = header.get("v") if isinstance(header, dict) else header
        raise ValueError(f"version {version} of the form is not known, this learnsys reads {VERSION}")
    params = msgspec.convert(header.get("params"), dict[str, Value])
    fields = {key: value for key, value in header.items() if key != "v"}
    trace = msgspec.convert({**fields, "params": {}, "steps": []}, Trace, strict=False)
    return msgspec.structs.replace(trace, params=params)


def _with_steps(trace: Trace, steps: Iterable[Step]) -> Trace:
    return msgspec.structs.replace(trace, steps=tuple(steps))


def _parquet(traces: Sequence[Trace]) -> bytes:
    pl = polars()
    real, whole = pl.Float64, pl.Int64
    schema = {
        "trace": whole, "iteration": whole, "wall_s": real, "cpu_s": real, "eval_s": real, "loss": real, "lower": real,
        "part_s": pl.List(real), "bytes_sent": whole, "bytes_received": whole,
    }  # fmt: skip
    rows = [(k, *msgspec.structs.astuple(step)) for k, trace in enumerate(traces) for step in trace.steps]
    headers = msgspec.json.encode([_header(trace) for trace in traces]).decode()
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame.write_parquet(out := io.BytesIO(), metadata={_METADATA: headers})
    return out.getvalue()


def _read_parquet(path: Path) -> list[Trace]:
    pl = polars()
    try:
        headers = pl.read_parquet_metadata(path).get(_METADATA)
        frame = pl.read_parquet(path)
        if headers is None:
            raise ValueError("it holds no traces")
        traces = [_without_steps(header) for header in msgspec.json.decode(headers)]
        steps: list[list[Step]] = [[] for _ in traces]
        for row in frame.iter_rows(named=True):
            steps[row.pop("trace")].append(msgspec.convert(row, Step))
    except (pl.exceptions.PolarsError, OSError, ValueError, LookupError) as error:
        raise BadFile.unreadable(path, error) from error
    return [_with_steps(trace, its) for trace, its in zip(traces, steps, strict=True)]
