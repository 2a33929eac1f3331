"""Read runs that were measured elsewhere: CSV with a header or JSON objects, by the names of ``Run``'s fields.

One row or object is one run. ``elapsed_s`` is all that a run needs; times may be written ``90s`` or ``1m30s``, sizes
``2GiB``; 0 stands for a CPU time or memory that is not known. Counters are columns by their own names, and ``NAME.p90``
beside them; in JSON, ``counters`` holds pairs of mean and 90th percentile.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from learnsys.core.errors import BadFile, InputError, UnknownMachine, UnknownName
from learnsys.core.files import existing
from learnsys.core.fingerprint import Run
from learnsys.core.units import parse_duration, parse_size

OUTCOMES: Final = get_args(Run.__annotations__["outcome"])
ISOLATIONS: Final = get_args(Run.__annotations__["isolation"])
FIELDS: Final = tuple(Run.__struct_fields__)


def read_runs(path: Path | str, machine: str, known: Iterable[str] | None = None) -> tuple[Run, ...]:
    """Read the runs in a file, all of them on ``machine``.

    Parameters
    ----------
    path : path
        A CSV file, a JSON object, a list of them, or one a line.
    machine : str
        Key of the machine they ran on, as ``aws/m6i.large``.
    known : iterable of str, optional
        Keys of a catalogue, in which the machine must be.

    Raises
    ------
    UnknownMachine
        If the machine is in no catalogue; the nearest are suggested.
    BadFile
        If the file is missing or a value is wrong; line and column are named.
    """
    check_machine(machine, known)
    try:
        text = existing(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile.unreadable(path, error) from error
    rows = _json_rows(path, text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(path, text)
    runs = tuple(_run(path, line, row, machine) for line, row in rows)
    if not runs:
        raise BadFile.unreadable(path, "it holds no runs")
    return runs


def check_machine(machine: str, known: Iterable[str] | None = None) -> None:
    """Refuse a machine that is no key, or that no catalogue has; a shape of a host always passes.

    Raises
    ------
    UnknownMachine
        If it is not known; the nearest are suggested.
    InputError
        If it is not written ``vendor/type``.
    """
    vendor, slash, kind = machine.partition("/")
    if not (vendor and slash and kind):
        raise InputError(f"{machine!r} is no machine", value=machine, next="write vendor/type, as aws/m6i.large")
    if known is not None and vendor != "host" and machine not in (known := sorted(known)):
        found = UnknownMachine.of("machine", machine, known)
        raise UnknownMachine(found.message, value=machine, next=f"{found.next}; if it is a new one, pass --new")


def _csv_rows(path: Path | str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_names(path, 1, header)
        if twice := [name for i, name in enumerate(header) if name in header[:i]]:
            raise BadFile.line(path, 1, f"column {twice[0]} is there twice", next="keep one of them")
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise BadFile.line(path, reader.line_num, f"{len(row)} values under {len(header)} columns")
            yield reader.line_num, {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}
    except csv.Error as error:
        raise BadFile.line(path, reader.line_num, str(error)) from error


def _json_rows(path: Path | str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read objects one after another, in a list or not, each with the line it begins on."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at] in " \t\r\n,[]":
            at += 1
            continue
        line = text.count("\n", 0, at) + 1
        try:
            row, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise BadFile.line(path, error.lineno, f"column {error.colno}: no JSON: {error.msg}") from error
        if not isinstance(row, dict):
            raise BadFile.line(path, line, "a run is an object with named values")
        _check_names(path, line, row)
        yield line, row


def _check_names(path: Path | str, line: int, names: Iterable[str]) -> None:
    for name in names:
        if name not in FIELDS and "." not in name:  # a counter has a dot
            raise BadFile.line(path, line, str(UnknownName.of("column", name, FIELDS)))
    if "elapsed_s" not in names and "outcome" not in names:
        raise BadFile.line(path, line, "no elapsed_s", next="add a column elapsed_s, in seconds")


def _run(path: Path | str, line: int, row: Mapping[str, Any], machine: str) -> Run:
    values: dict[str, Any] = {
        "machine": machine,
        "outcome": "ok",
        "cpu_s": 0.0,
        "peak_bytes": 0,
        "working_set_bytes": 0,
    }
    counters: dict[str, tuple[float, float]] = {}
    for name, value in row.items():
        try:
            if name == "counters":
                counters |= {key: _pair(pair) for key, pair in value.items()}
            elif name in FIELDS:
                values[name] = _READ[name](value)
            elif not name.endswith(".p90"):
                counters[name] = (_number(value), _number(row.get(f"{name}.p90", value)))
        except (ValueError, TypeError, AttributeError, InputError) as error:
            raise BadFile.line(path, line, f"column {name}: {_said(error, value)}") from error
    if values["machine"] != machine:
        raise BadFile.line(path, line, f"column machine: {values['machine']!r} is not {machine!r}")
    if values["outcome"] == "ok" and not values.get("elapsed_s"):
        raise BadFile.line(path, line, "column elapsed_s: a run that ended well took some time, above 0")
    values.setdefault("spent_s", values.get("elapsed_s") or 0.0)
    if values["outcome"] != "ok":
        values["elapsed_s"] = None
    return Run(**{"elapsed_s": None, **values, "counters": counters})


def _said(error: Exception, value: object) -> str:
    return error.message if isinstance(error, InputError) else f"{value!r} is not of its kind"


def _number(value: object) -> float:
    if isinstance(value, bool) or not math.isfinite(number := float(value)):  # type: ignore[arg-type]  # words may fail
        raise ValueError(value)
    return number


def _count(value: object) -> int:
    if (number := _number(value)) != int(number):
        raise ValueError(value)
    return int(number)


def _pair(value: Any) -> tuple[float, float]:
    mean, p90 = value
    return _number(mean), _number(p90)


def _seconds(value: Any) -> float:
    return parse_duration(value if isinstance(value, str) else _number(value))


def _bytes(value: Any) -> int:
    return parse_size(value if isinstance(value, str) else _number(value))


def _one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in words:
            raise InputError(f"{value!r} is none of {', '.join(words)}", value=value)
        return str(value)

    return check


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "machine": str, "outcome": _one_of(OUTCOMES), "isolation": _one_of(ISOLATIONS),
    "elapsed_s": _optional(_seconds), "cpu_s": _seconds, "spent_s": _seconds, "throttled_s": _seconds,
    "peak_bytes": _bytes, "working_set_bytes": _bytes, "size": _optional(_bytes),
    "rejected": _optional(str), "exit_code": _optional(_count), "threads": _count,
    "started": _optional(lambda value: msgspec.convert(value, datetime)),
    "command": lambda value: tuple(value.split() if isinstance(value, str) else map(str, value)),
}  # fmt: skip
