"""What all results of the room share: where they come from, and their arrays with names, dimensions and units."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, final

import msgspec
from numpy.typing import NDArray

from learnsys.core.result import AbstractResult

if TYPE_CHECKING:
    import polars as pl


@final
class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What a result was made from and by.

    Attributes
    ----------
    query : str
        The graph as written.
    sources : tuple of str
        Fingerprints.
    options : dict of str
        How it was executed.
    versions : dict of str
        Versions of libraries.
    """

    query: str
    sources: tuple[str, ...]
    options: dict[str, str]
    versions: dict[str, str]


@final
class Variable(msgspec.Struct, frozen=True):
    """An array whose axes have names.

    Attributes
    ----------
    dims : tuple of str
        One for each axis.
    values : ndarray
    unit : str, optional
        "s" for seconds; None for what has none, or that of the values of the series.
    """

    dims: tuple[str, ...]
    values: NDArray[Any]
    unit: str | None = None


@final
class Arrays(msgspec.Struct, frozen=True, kw_only=True):
    """A result as arrays.

    Attributes
    ----------
    coords : dict of Variable
        What says where: names of series, lags; one that is called as its only dimension labels it.
    variables : dict of Variable
        What was found; the first tells the rows of a table.
    attributes : dict
        Text and numbers that hold for all.
    """

    coords: dict[str, Variable]
    variables: dict[str, Variable]
    attributes: dict[str, str | float | int] = {}


class AbstractSeriesResult(AbstractResult, frozen=True, kw_only=True):
    """A result that other libraries can take over.

    Attributes
    ----------
    provenance : Provenance or None
        What it was made from; None where it was made from samples in memory directly.
    """

    provenance: Provenance | None = None

    @abstractmethod
    def arrays(self) -> Arrays:
        """Name the arrays, their dimensions and units."""
        ...

    def to_xarray(self) -> Any:
        """Make an ``xarray.Dataset``; units and provenance are attributes."""
        from learnsys.series.results.export import to_xarray

        return to_xarray(self)

    def to_arrow(self, *, over: tuple[str, ...] | None = None) -> Any:
        """Make a ``pyarrow.Table`` with a row for each element; units and provenance are metadata.

        Parameters
        ----------
        over : tuple of str, optional
            The dimensions that rows go over; those of the first variable if not given.
        """
        from learnsys.series.results.export import to_arrow

        return to_arrow(self, over=over)

    def to_polars(self, *, over: tuple[str, ...] | None = None) -> "pl.DataFrame":
        """Make a polars DataFrame like the table of ``to_arrow``."""
        from learnsys.series.results.export import to_polars

        return to_polars(self, over=over)
