"""One table in many files, all of one kind and with the same columns; parts of their paths may be columns too."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import Any, Final, Literal, Protocol, final

import numpy as np

from learnsys.core.errors import BadFile, Incompatible
from learnsys.series.sources.arrow import arrow
from learnsys.series.sources.files import digest, partition, partitions
from learnsys.series.sources.select import possible
from learnsys.series.sources.types import OF_PATH, PEEK_ROWS, Wanted

Kind = Literal["parquet", "csv", "ipc"]
SUFFIXES: Final[dict[Kind, tuple[str, ...]]] = {
    "parquet": (".parquet", ".parq", ".pq"),
    "csv": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz"),
    "ipc": (".arrow", ".ipc", ".feather", ".arrows"),
}


class OpenFile(Protocol):
    """A file that was opened, of any kind."""

    @property
    def schema(self) -> Any:
        """Names and types of its columns."""
        ...

    @property
    def rows(self) -> int | None:
        """How many rows it has, if that is known without reading them."""
        ...

    @property
    def parts(self) -> int:
        """Into how many parts it can be divided among readers."""
        ...

    def read(self, wanted: Wanted, parts: frozenset[int] | None) -> Iterator[Any]:
        """Read batches of the columns in ``wanted``, of all parts or some."""
        ...


@final
class Dataset:
    """A table in files.

    Parameters
    ----------
    kind : {"parquet", "csv", "ipc"}
    paths : tuple of str
        The files; the first tells the columns.
    parts : tuple of (int, int), optional
        Only these parts, each as number of the file and number of the part in it.
    """

    def __init__(self, kind: Kind, paths: tuple[str, ...], parts: tuple[tuple[int, int], ...] | None = None) -> None:
        self.kind = kind
        self.paths = paths
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__())

    def __reduce__(self) -> tuple[Any, ...]:
        return Dataset, (self.kind, self.paths, self.parts)

    @cached_property
    def schema(self) -> Any:
        """Columns of the first file, and those that all paths tell."""
        schema = self._columns
        for name, kind in self._told.items():
            schema = schema.append(arrow().field(name, kind, metadata=OF_PATH))
        return schema

    @property
    def fingerprint(self) -> str:
        """Digest of paths, sizes and times of the files as they are now."""
        return digest(self.paths) + repr(self.parts or "")

    @cached_property
    def rows(self) -> int | None:
        """Rows of all files, where files tell."""
        counts = [self._open(path).rows for path in self.paths]
        return None if self.parts is not None or None in counts else sum(n for n in counts if n is not None)

    def first(self, column: str) -> Any:
        """Read what the first file that is not empty begins with."""
        if column in self._told:
            return arrow().array([self._tells(path)[column] for path in self.paths[:PEEK_ROWS]])
        for path in self.paths:
            with reading(path):
                for batch in self._open(path).read(Wanted.of_column(column), None):
                    if len(batch):
                        return batch.column(0)
        return arrow().nulls(0, self.schema.field(column).type)

    def read(self, wanted: Wanted) -> Iterator[Any]:
        """Read the files one after the other; those whose path tells that no row is wanted are not opened.

        Raises
        ------
        BadFile
            If a file is gone, damaged, or lacks a column that the first one has.
        Incompatible
            If a column is of another kind than in the first file.
        """
        for number, path in enumerate(self.paths):
            told = self._tells(path)
            mine = None if self.parts is None else frozenset(part for file, part in self.parts if file == number)
            if mine != frozenset() and all(
                possible(c, told[c.column], told[c.column]) for c in wanted.conditions if c.column in told
            ):
                yield from self._read(path, wanted, told, mine)

    def all_parts(self) -> tuple[tuple[int, int], ...]:
        """List the parts that can be read apart, as number of the file and of the part in it."""
        if self.parts is not None:
            return self.parts
        return tuple((f, g) for f, path in enumerate(self.paths) for g in range(self._open(path).parts))

    def only(self, parts: tuple[tuple[int, int], ...]) -> "Dataset":
        """Take some of the parts, and the files that have them."""
        files = sorted({file for file, _ in parts})
        paths = tuple(self.paths[file] for file in files)
        return Dataset(self.kind, paths, tuple((files.index(file), part) for file, part in parts))

    def marks(self) -> tuple[str, ...]:
        """A digest of each file's size and time of change."""
        return tuple(digest((path,)) for path in self.paths)

    def _read(self, path: str, wanted: Wanted, told: dict[str, Any], mine: frozenset[int] | None) -> Iterator[Any]:
        stored = wanted.without(told)
        with reading(path):
            file = self._open(path, None if stored.names is None else stored.names)
            self._check(path, file.schema, stored.columns)
            for batch in file.read(stored, mine):
                yield _with(batch, {name: value for name, value in told.items() if name in wanted.columns})

    def _check(self, path: str, schema: Any, columns: tuple[str, ...]) -> None:
        """Refuse a file that differs from the first in what is read of it."""
        for name in columns:
            if name not in schema.names:
                raise BadFile(
                    f"{path} has no column {name!r}, which {self.paths[0]} has", value=name, next="leave that file out"
                )
            ours, theirs = self._columns.field(name).type, schema.field(name).type
            if len({_sort(ours), _sort(theirs)} - {"null"}) > 1:
                raise Incompatible(
                    f"column {name!r} is of type {theirs} in {path}, but of type {ours} in {self.paths[0]}",
                    value=name,
                    next="scan them apart, or write them with one type",
                )

    @cached_property
    def _columns(self) -> Any:
        return self._open(self.paths[0]).schema

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {name: kind for name, kind in partitions(self.paths).items() if name not in self._columns.names}

    def _tells(self, path: str) -> dict[str, Any]:
        """The values that the path of a file has for columns that files do not have."""
        found = partition(path)
        return {name: arrow().array([found[name]]).cast(kind)[0].as_py() for name, kind in self._told.items()}

    def _open(self, path: str, names: str | None = None) -> OpenFile:
        with reading(path):
            opened: OpenFile = import_module(f"learnsys.series.sources.{self.kind}").open_file(path, names)
            return opened


def kind_of(path: str) -> Kind | None:
    """Tell the kind of a file by what its name ends with."""
    return next((kind for kind, suffixes in SUFFIXES.items() if path.lower().endswith(suffixes)), None)


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Say of what goes wrong while ``path`` is read which file it was.

    Raises
    ------
    BadFile
        If it is gone, truncated or garbage.
    """
    pa = arrow()
    try:
        yield
    except FileNotFoundError as error:
        raise BadFile.missing(path) from error
    except (OSError, EOFError, pa.ArrowException) as error:
        raise BadFile.unreadable(path, error) from error


def _sort(kind: Any) -> str:
    """What matters of a type: numbers of any width are read alike, but times with and without a zone are not."""
    types = arrow().types
    if types.is_timestamp(kind):
        return "time" if kind.tz is None else "instant"
    if types.is_dictionary(kind) or types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text"
    return "number" if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) else str(kind)


def _with(batch: Any, told: dict[str, Any]) -> Any:
    """Append columns of one value each."""
    pa = arrow()
    for name, value in told.items():
        places = pa.array(np.zeros(len(batch), np.int32))
        batch = batch.append_column(name, pa.DictionaryArray.from_arrays(places, pa.array([value])))
    return batch
