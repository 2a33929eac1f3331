"""What sources are asked for, and the pieces in which they answer."""

from collections.abc import Collection, Iterator
from typing import Any, Final, Literal, Protocol, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.sources.stamps import Stamps
from learnsys.series.types import Floats

Op = Literal["==", "!=", "<", "<=", ">", ">=", "in"]
TimeRange = tuple[int | float | None, int | float | None]

OPS: Final[tuple[Op, ...]] = ("==", "!=", "<", "<=", ">", ">=", "in")
BATCH_ROWS: Final = 1 << 17
OF_PATH: Final = {b"from": b"path"}  # metadata of columns that paths of files tell
PEEK_ROWS: Final = 1000  # values from which a form is guessed


@final
class Condition(msgspec.Struct, frozen=True):
    """What a row must satisfy to be read: ``column op value``; a null never does.

    Attributes
    ----------
    column : str
    op : {"==", "!=", "<", "<=", ">", ">=", "in"}
    value : number, str, bool, date, datetime, or a tuple of such for "in"
    """

    column: str
    op: Op
    value: Any


@final
class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some samples of some series, in the order in which they were read; the arrays must not be written to.

    Attributes
    ----------
    ids : tuple of str
        The series known so far; later chunks of the same pass may know more, at the end.
    codes : ndarray of int32, shape (n,)
        The number of each sample's series.
    t : ndarray, shape (n,)
        Stamps: int64 nanoseconds since 1970 (UTC), or float64 seconds where stamps are plain numbers.
    x : ndarray of float64 or float32, shape (n,)
        Values, finite.
    dropped : ndarray of int64, shape (D,), or None
        NaN, infinite and missing values of each series that were left out of this chunk; None for none.
    """

    ids: tuple[str, ...]
    codes: NDArray[np.int32]
    t: NDArray[Any]
    x: NDArray[np.floating]
    dropped: NDArray[np.int64] | None = None

    def seconds(self, t0_ns: int = 0) -> Floats:
        """Stamps in seconds since ``t0_ns``, subtracted as integers; plain numbers stay as they are."""
        if self.t.dtype.kind == "f":
            return self.t
        from learnsys.series.sources.kernels import since

        return np.asarray(since(self.t, t0_ns))


class Tabular(Protocol):
    """Any table that can be read in record batches of Arrow, hashable by what it describes."""

    @property
    def schema(self) -> Any:
        """Names and types of the columns, a ``pyarrow.Schema``."""
        ...

    @property
    def fingerprint(self) -> str:
        """A digest of the content, or of what stands for it: paths, sizes and times of files."""
        ...

    @property
    def rows(self) -> int | None:
        """How many rows there are, if that is known without reading them."""
        ...

    def first(self, column: str) -> Any:
        """Read an Arrow array of up to some thousand values that a column begins with."""
        ...

    def read(self, wanted: "Wanted") -> Iterator[Any]:
        """Read ``pyarrow.RecordBatch``es of the columns in ``wanted``; rows that fail it may be left out already."""
        ...


@final
class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to read of a table.

    Attributes
    ----------
    columns : tuple of str
        All that must be read, those of the conditions included.
    names : str, optional
        The column of the names of series, which is best read as codes of a dictionary.
    conditions : tuple of Condition
        What a reader may test early; they are tested again on what it gives.
    between : (least, greatest), each a number or None
        The stamps that are wanted, as ``Chunk.t`` has them, the second one excluded; also tested again.
    stamps : Stamps
        How the column of stamps is read.
    time : str
        The column of stamps.
    rows : int
        About how many rows a batch should have.
    """

    columns: tuple[str, ...]
    time: str = ""
    names: str | None = None
    conditions: tuple[Condition, ...] = ()
    between: TimeRange = (None, None)
    stamps: Stamps | None = None
    rows: int = BATCH_ROWS

    @classmethod
    def of_column(cls, name: str) -> Self:
        """Want what a column begins with."""
        return cls(columns=(name,), rows=PEEK_ROWS)

    def without(self, names: Collection[str]) -> Self:
        """Leave out columns that the table does not store, and what is wanted of them."""
        return msgspec.structs.replace(
            self,
            columns=tuple(name for name in self.columns if name not in names),
            names=None if self.names in names else self.names,
            conditions=tuple(one for one in self.conditions if one.column not in names),
        )
