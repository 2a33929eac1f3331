"""A table of results that prints for people (rich, markdown) and for programs (csv, json)."""

import csv
import io
from collections.abc import Iterable
from typing import Literal, final

import msgspec
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from learnsys.core.units import format_duration, format_money, format_size

Kind = Literal["text", "integer", "number", "duration", "size", "money", "percent", "flag"]
Cell = str | int | float | bool | None


@final
class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A named column; ``kind`` says how its cells are written, ``unit`` what they count in csv and json."""

    name: str
    unit: str | None = None
    kind: Kind = "text"


@final
class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under typed columns, with notes below.

    Examples
    --------
    >>> table = Table(columns=(Column(name="p", kind="integer"), Column(name="time", unit="s", kind="duration")),
    ...               rows=((1, 0.25), (2, None)))
    >>> print(table.markdown())
    | p | time |
    |---:|---:|
    | 1 | 250 ms |
    | 2 | - |
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    title: str = ""

    def text(self) -> list[list[str]]:
        """Write every cell for people."""
        return [[_written(c, v) for c, v in zip(self.columns, row, strict=True)] for row in self.rows]

    def rich(self) -> Group:
        """Make a terminal table, its title above and its notes below, as wide as the terminal."""
        table = RichTable(box=None, pad_edge=False)
        for column in self.columns:
            justify: Literal["left", "right"] = "left" if _is_text(column) else "right"
            table.add_column(Text(_head(column)), justify=justify, no_wrap=not _is_text(column))
        for row in self.text():
            table.add_row(*map(Text, row))  # as Text: a name may have brackets, which are no markup
        title = (Text(self.title, style="bold"),) if self.title else ()
        return Group(*title, table, *(Text(note, style="dim") for note in self.notes))

    def markdown(self) -> str:
        """Make a GitHub table, notes as paragraphs below."""
        lines = [
            _line(map(_head, self.columns)),
            "|" + "|".join("---" if _is_text(c) else "---:" for c in self.columns) + "|",
            *(_line(cell.replace("|", "\\|") for cell in row) for row in self.text()),
        ]
        return "\n".join(lines) + "".join(f"\n\n{note}" for note in self.notes)

    def csv(self) -> str:
        """Make RFC 4180 text with full precision and units in the header."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(f"{c.name} [{c.unit}]" if c.unit else c.name for c in self.columns)
        writer.writerows(["" if v is None else v for v in row] for row in self.rows)
        return out.getvalue()

    def json(self) -> str:
        """Make a JSON object with ``columns``, ``rows`` and ``notes``."""
        return msgspec.json.encode(self).decode()


def _head(column: Column) -> str:
    """Name a column; cells of a number do not tell their unit, those of a duration or a size do."""
    return f"{column.name} [{column.unit}]" if column.unit and column.kind == "number" else column.name


def _is_text(column: Column) -> bool:
    return column.kind in ("text", "flag")


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _written(column: Column, value: Cell) -> str:
    if value is None or value != value:  # NaN
        return "-"
    if isinstance(value, str):
        return value
    match column.kind:
        case "flag":
            return "yes" if value else "no"
        case "duration":
            return format_duration(value)
        case "size":
            return format_size(value)
        case "money":
            return format_money(value)
        case "percent":
            return f"{100 * value:.1f} %"
        case "integer":
            return f"{value:,.0f}"
        case "number":
            return f"{value:.4g}"
        case _:
            return str(value)
