"""Import what other tools measured: GNU ``time -v`` and Spare Cores ``resource-tracker`` (CSV or JSON).

References: time(1) of GNU time 1.9; https://sparecores.github.io/resource-tracker (0.5).
"""

import csv
import gzip
import io
import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

from learnsys.core.errors import BadFile
from learnsys.core.files import existing
from learnsys.core.fingerprint import Fingerprint, Run
from learnsys.machines.measure.summary import percentile

_BLOCK: Final = "\tCommand being timed: "
_ELAPSED: Final = "Elapsed (wall clock) time (h:mm:ss or m:ss)"
_KIB: Final = 1024
_SECTOR: Final = 512  # what time(1) calls a file system input or output
_MIB: Final = 1 << 20
_NEEDED: Final = ("timestamp", "utime", "stime", "memory_mib")  # of each sample of resource-tracker
_END_OF_TIME: Final = 2.5e11  # seconds: beyond the year 9999 there are no dates


def import_file(path: Path | str, *, name: str, machine: str, size: float | None = None) -> Fingerprint:
    """Read a file of one of the tools above; which one is seen from its content.

    Raises
    ------
    BadFile
        If it is of no such tool, or not whole.
    """
    try:
        content = existing(path).read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadFile.unreadable(path, error) from error
    if _BLOCK.strip() in text:
        return gnu_time(text, path, name=name, machine=machine, size=size)
    rows, spent_s, started = _tracked(path, text)
    return Fingerprint(name=name, command=(), runs=(tracked_run(path, rows, spent_s, started, machine, size),))


def gnu_time(text: str, path: Path | str, *, name: str, machine: str, size: float | None = None) -> Fingerprint:
    """Read the reports of ``time -v``, one after another (as of ``-a -o FILE``), among other lines or not.

    Raises
    ------
    BadFile
        If a report lacks a line, or the reports are of several commands.
    """
    blocks = text.replace("\r\n", "\n").split(_BLOCK.strip())
    runs, commands = [], []
    for before, block in pairwise(blocks):
        command, _, rest = block.partition("\n")
        commands.append(command.strip().removeprefix('"').removesuffix('"'))
        line = text.count("\n", 0, text.index(block)) + 1
        runs.append(_timed(path, line, rest, before, machine, size))
    if len(set(commands)) > 1:
        other = next(command for command in commands if command != commands[0])
        raise BadFile.unreadable(path, f"it has reports of several commands: {commands[0]} and {other}")
    return Fingerprint(name=name, command=_words(commands[0]), runs=tuple(runs))


def _words(command: str) -> tuple[str, ...]:
    """Split a command that ``time`` has joined by spaces, without quotes."""
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return tuple(command.split())


def _timed(path: Path | str, line: int, text: str, before: str, machine: str, size: float | None) -> Run:
    said = dict(re.findall(r"^\s*([A-Z][^\n]*?): ([^\n]*)$", text, flags=re.MULTILINE))
    try:
        elapsed = _clock(said[_ELAPSED])
        user, system = (float(said[f"{kind} time (seconds)"]) for kind in ("User", "System"))
        peak = int(said["Maximum resident set size (kbytes)"]) * _KIB
        rates = {
            "faults.minor_s": int(said["Minor (reclaiming a frame) page faults"]),
            "faults.major_s": int(said["Major (requiring I/O) page faults"]),
            "switches.voluntary_s": int(said["Voluntary context switches"]),
            "switches.involuntary_s": int(said["Involuntary context switches"]),
            "disk.read_bytes_s": int(said["File system inputs"]) * _SECTOR,
            "disk.write_bytes_s": int(said["File system outputs"]) * _SECTOR,
        }
        code = int(said["Exit status"])
    except KeyError as error:
        raise BadFile.line(
            path, line, f"this report of time -v has no line {error}", next="use GNU time: time -v"
        ) from None
    except ValueError as error:
        raise BadFile.line(path, line, f"in this report of time -v: {error}") from None
    killed = re.findall(r"Command terminated by signal (\d+)\s*$", before)
    ok = code == 0 and not killed
    if ok and elapsed <= 0:
        raise BadFile.line(path, line, "the run took less than 0.01 s", next="time a longer run")
    cpu = user + system
    means = {counter: total / elapsed for counter, total in ({"cpu.cores": cpu} | rates).items() if elapsed > 0}
    means["cpu.user_frac"] = user / cpu if cpu else 0.0
    return Run(
        machine=machine, outcome="ok" if ok else "failed", elapsed_s=elapsed if ok else None, cpu_s=cpu,
        peak_bytes=peak, working_set_bytes=peak, counters={counter: (mean, mean) for counter, mean in means.items()},
        size=size, spent_s=elapsed, exit_code=-int(killed[0]) if killed else code,
    )  # fmt: skip


def _clock(text: str) -> float:
    """Read ``h:mm:ss`` or ``m:ss.ff`` in seconds."""
    seconds = 0.0
    for part in text.strip().split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _tracked(path: Path | str, text: str) -> tuple[list[dict[str, float]], float | None, float | None]:
    """Return the rows of the process, and when known how long it ran and since when."""
    if text.lstrip()[:1] not in ("{", "["):
        table = csv.DictReader(io.StringIO(text))
        if table.fieldnames and not set(_NEEDED) <= {name.removeprefix("process_") for name in table.fieldnames}:
            raise _unknown(path)
        return _rows(path, table), None, None
    try:
        content: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFile.line(path, error.lineno, f"no JSON: {error.msg}") from error
    if isinstance(content, list):
        return _rows(path, content), None, None
    if not isinstance(content.get("process_metrics"), list):
        raise _unknown(path)
    facts = content.get("metadata") or {}
    start, stop = (facts.get(f"{end}_time") for end in ("start", "stop"))
    spent = stop - start if isinstance(start, float | int) and isinstance(stop, float | int) and stop > start else None
    return _rows(path, content["process_metrics"]), spent, start


def _unknown(path: Path | str) -> BadFile:
    return BadFile.unreadable(path, "it is neither of GNU time -v nor the process metrics of resource-tracker")


def _rows(path: Path | str, rows: Any) -> list[dict[str, float]]:
    """Take the columns of the process, which have a prefix where those of the system are beside them."""
    found = []
    for at, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise _unknown(path)
        mine = {str(k).removeprefix("process_"): v for k, v in row.items() if not str(k).startswith("system_")}
        if not set(_NEEDED) <= set(mine):
            raise _unknown(path)
        try:
            values = {k: number for k, v in mine.items() if v not in (None, "") and math.isfinite(number := float(v))}
        except (TypeError, ValueError) as error:
            raise BadFile.unreadable(path, f"row {at}: {error}") from error
        if wrong := [k for k in _NEEDED if not 0 <= values.get(k, math.nan) < _END_OF_TIME]:
            raise BadFile.unreadable(path, f"row {at}: {wrong[0]} is {mine[wrong[0]]!r}")
        found.append(values)
    if not found:
        raise BadFile.unreadable(path, "it holds no samples; track for longer, or at a shorter interval")
    return found


def tracked_run(
    path: Path | str,
    rows: Sequence[Mapping[str, float]],
    spent_s: float | None,
    started: float | None,
    machine: str,
    size: float | None = None,
) -> Run:
    """Make a run of the samples of a process: what it used in the interval before each time stamp."""
    times = [row["timestamp"] for row in rows]
    gaps = [b - a for a, b in pairwise(times)]
    if any(gap <= 0 for gap in gaps):
        raise BadFile.unreadable(path, "its time stamps do not grow")
    if not gaps and spent_s is None:
        raise BadFile.unreadable(path, "one sample does not tell how long it took; track for longer")
    first = median(gaps) if gaps else spent_s or 0.0
    spans = [first, *gaps]
    elapsed = spent_s or sum(spans)
    cpu = sum(row["utime"] + row["stime"] for row in rows)
    memory = [row["memory_mib"] * _MIB for row in rows]

    def over_time(values: Sequence[float]) -> tuple[float, float]:
        mean = sum(v * s for v, s in zip(values, spans, strict=True)) / sum(spans)
        return mean, percentile(values, spans, 0.9)

    counters = {
        "mem.rss": over_time(memory),
        "cpu.cores": over_time([_rate(r, "utime", s) + _rate(r, "stime", s) for r, s in zip(rows, spans, strict=True)]),
    }
    for counter, column in (("disk.read_bytes_s", "disk_read_bytes"), ("disk.write_bytes_s", "disk_write_bytes")):
        if all(column in row for row in rows):
            counters[counter] = over_time([_rate(row, column, span) for row, span in zip(rows, spans, strict=True)])
    if all("children" in row for row in rows):
        counters["procs"] = over_time([row["children"] + 1 for row in rows])
    user = sum(row["utime"] for row in rows) / cpu if cpu else 0.0
    return Run(
        machine=machine, outcome="ok", elapsed_s=elapsed, cpu_s=cpu, peak_bytes=round(max(memory)),
        working_set_bytes=round(percentile(memory, spans, 0.9)), counters=counters | {"cpu.user_frac": (user, user)},
        size=size, spent_s=elapsed, started=datetime.fromtimestamp(started or times[0] - first, UTC),
    )  # fmt: skip


def _rate(row: Mapping[str, float], column: str, span: float) -> float:
    return row[column] / span
