"""Arrow IPC files and streams (also called Feather): record batches as they were written."""

from collections.abc import Iterator
from typing import Any, Final, final

from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.types import Wanted

MAGIC: Final = b"ARROW1"


def open_file(path: str, names: str | None) -> "IpcFile":
    """Open a file or a stream, by what it begins with."""
    return IpcFile(path)


@final
class IpcFile:
    """An open file, whose parts are its record batches; a stream is one part."""

    def __init__(self, path: str) -> None:
        self._path = path
        with open(path, "rb") as file:
            self._random = file.read(len(MAGIC)) == MAGIC
        reader = self._reader(None)
        self.schema = reader.schema
        self.rows: int | None = None
        self.parts: int = reader.num_record_batches if self._random else 1

    def read(self, wanted: Wanted, parts: frozenset[int] | None) -> Iterator[Any]:
        """Read the wanted columns of batches; large ones are cut."""
        reader = self._reader([self.schema.get_field_index(name) for name in wanted.columns])
        for batch in self._batches(reader, parts):
            picked = batch.select(list(wanted.columns))
            for start in range(0, len(picked), wanted.rows):
                yield picked.slice(start, wanted.rows)

    def _batches(self, reader: Any, parts: frozenset[int] | None) -> Iterator[Any]:
        if not self._random:
            yield from reader
            return
        for number in range(self.parts):
            if parts is None or number in parts:
                yield reader.get_batch(number)

    def _reader(self, fields: list[int] | None) -> Any:
        ipc = arrow("ipc")
        options = ipc.IpcReadOptions(included_fields=fields, use_threads=arrow().cpu_count() > 1)
        if self._random:
            return ipc.open_file(self._path, options=options)
        return ipc.open_stream(arrow().OSFile(self._path), options=options)
