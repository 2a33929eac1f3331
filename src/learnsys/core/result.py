"""What every door returns: a frozen value that prints, draws and saves itself."""

import io
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from learnsys.core.chart import SUFFIXES as CHART_SUFFIXES
from learnsys.core.chart import save_chart
from learnsys.core.errors import InputError
from learnsys.core.files import write_atomic
from learnsys.core.frames import polars
from learnsys.core.table import Table

if TYPE_CHECKING:
    import altair as alt

SUFFIXES: Final = (".json", ".jsonl", ".parquet", ".csv", ".md", *CHART_SUFFIXES)


class Result(Protocol):
    """Anything with a table, a chart and a way to be kept."""

    def table(self) -> Table:
        """Show it as rows."""
        ...

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; ``kind`` chooses among several pictures."""
        ...

    def save(self, path: Path | str) -> Path:
        """Keep it; the suffix of ``path`` decides the form."""
        ...


class AbstractResult(msgspec.Struct, frozen=True, kw_only=True):
    """A ``Result`` whose ``save`` follows from its table and its chart."""

    @abstractmethod
    def table(self) -> Table:
        """Show it as rows."""
        ...

    @abstractmethod
    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw it; ``kind`` chooses among several pictures."""
        ...

    def save(self, path: Path | str) -> Path:
        """Save as json (the value itself), jsonl, parquet, csv, md (its table), svg, png or html (its chart).

        Raises
        ------
        InputError
            If the suffix is none of these.
        """
        suffix = (path := Path(path)).suffix
        if suffix in CHART_SUFFIXES:
            return save_chart(self.chart(), path)
        if suffix == ".json":
            return write_atomic(path, msgspec.json.format(encode_json(self), indent=2))
        return _save_table(self.table(), path)


def encode_json(value: object) -> bytes:
    """Encode a result as JSON; arrays become lists and non-finite numbers null."""
    return msgspec.json.encode(value, enc_hook=plain)


def plain(value: Any) -> Any:
    """Turn what JSON does not know, numpy's numbers and arrays and paths, into what it knows."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _save_table(table: Table, path: Path) -> Path:
    match path.suffix:
        case ".csv":
            return write_atomic(path, table.csv())
        case ".md":
            return write_atomic(path, table.markdown() + "\n")
        case ".jsonl":
            names = [c.name for c in table.columns]
            return write_atomic(
                path, b"".join(encode_json(dict(zip(names, r, strict=True))) + b"\n" for r in table.rows)
            )
        case ".parquet":
            names = [c.name for c in table.columns]
            frame = polars().DataFrame(
                [list(r) for r in table.rows], schema=names, orient="row", infer_schema_length=None
            )
            frame.write_parquet(out := io.BytesIO())
            return write_atomic(path, out.getvalue())
        case other:
            raise InputError(f"cannot save as {other!r}", value=other, next=f"use {', '.join(SUFFIXES)}")
