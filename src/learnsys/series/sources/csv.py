"""Text files with separated columns, read block by block; what separates is the likeliest of comma, ;, tab and |.

Types are found in the first block: whole numbers of values and of plain seconds are read as floats, and names as text,
so that 007 stays what it is and a later 1.5 is no surprise.
"""

from collections.abc import Iterator
from typing import Any, Final, final

from learnsys.core.errors import BadFile
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.types import Wanted

SEPARATORS: Final = ",;\t|"
BLOCK_BYTES: Final = 1 << 21


def open_file(path: str, names: str | None) -> "CsvFile":
    """Open a file, which may be compressed.

    Raises
    ------
    BadFile
        If it is empty.
    """
    return CsvFile(path)


@final
class CsvFile:
    """A file of text; it is read as a whole, by one reader."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._separator = separator(path)
        self.rows: int | None = None
        self.parts = 1
        with self._reader({}) as reader:
            self.schema = reader.schema

    def read(self, wanted: Wanted, parts: frozenset[int] | None) -> Iterator[Any]:
        """Read blocks."""
        pa = arrow()
        kinds = {name: self._kind(name, wanted) for name in wanted.columns}
        with self._reader({name: kind for name, kind in kinds.items() if kind is not None}, wanted.columns) as reader:
            for block in reader:
                yield from pa.Table.from_batches([block]).to_batches(max_chunksize=wanted.rows)

    def _kind(self, name: str, wanted: Wanted) -> Any:
        """The type that a column is read as; None for the one that is found."""
        pa = arrow()
        found = self.schema.field(name).type
        if name == wanted.names:
            return pa.string()
        if wanted.stamps is None:  # it is only looked at
            return None
        if name == wanted.time:
            if wanted.stamps.format is not None:
                return pa.string()
            if pa.types.is_timestamp(found):
                return pa.timestamp("ns", found.tz)
            return pa.float64() if pa.types.is_integer(found) and not wanted.stamps.clock else None
        return pa.float64() if pa.types.is_integer(found) or pa.types.is_null(found) else None

    def _reader(self, kinds: dict[str, Any], columns: tuple[str, ...] | None = None) -> Any:
        csv = arrow("csv")
        return csv.open_csv(
            arrow().input_stream(self._path),
            read_options=csv.ReadOptions(block_size=BLOCK_BYTES),
            parse_options=csv.ParseOptions(delimiter=self._separator),
            convert_options=csv.ConvertOptions(column_types=kinds, include_columns=list(columns or ()) or None),
        )


def separator(path: str) -> str:
    """Find what separates columns: of those that are usual, the one that the first line has most of.

    Raises
    ------
    BadFile
        If the file is empty.
    """
    with arrow().input_stream(path) as file:
        line = file.read(1 << 16).partition(b"\n")[0].decode("utf-8-sig", errors="replace")
    if not line.strip():
        raise BadFile(f"{path} is empty, or begins with an empty line", value=path, next="give a file with a header")
    return max(SEPARATORS, key=line.count)
