"""Results for other libraries: xarray, Arrow and polars, with units and provenance."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import MissingExtra, UnknownName
from learnsys.core.frames import polars
from learnsys.series.results.types import AbstractSeriesResult, Arrays, Variable
from learnsys.series.sources.arrow import arrow

if TYPE_CHECKING:
    import polars as pl


def attributes(result: AbstractSeriesResult) -> dict[str, str | float | int]:
    """Collect what holds for the whole of a result: notes, provenance and its own, as text and numbers."""
    found: dict[str, str | float | int] = dict(result.arrays().attributes)
    if notes := getattr(result, "notes", ()):
        found["notes"] = "\n".join(notes)
    if (made := result.provenance) is not None:
        found |= {"sources": ", ".join(made.sources), "query": made.query}
        found |= {"options": msgspec.json.encode(made.options).decode()}
        found |= {"versions": msgspec.json.encode(made.versions).decode()}
    return found


def to_xarray(result: AbstractSeriesResult) -> Any:
    """Make an ``xarray.Dataset`` of all variables.

    Raises
    ------
    MissingExtra
        If xarray is not installed.
    """
    try:
        import xarray
    except ImportError as error:
        raise MissingExtra.of("xarray", "series") from error

    def made(variables: dict[str, Variable]) -> dict[str, Any]:
        return {k: (v.dims, v.values, {} if v.unit is None else {"units": v.unit}) for k, v in variables.items()}

    arrays = result.arrays()
    return xarray.Dataset(made(arrays.variables), made(arrays.coords), attributes(result))


def to_arrow(result: AbstractSeriesResult, *, over: tuple[str, ...] | None = None) -> Any:
    """Make a ``pyarrow.Table`` of the variables over some dimensions, or over some of these only.

    Parameters
    ----------
    result : AbstractSeriesResult
    over : tuple of str, optional
        The dimensions that rows go over, the last one fastest; those of the first variable if not given.

    Raises
    ------
    UnknownName
        If there is no such dimension.
    """
    pa = arrow()
    arrays = result.arrays()
    sizes = {d: n for v in _all(arrays).values() for d, n in zip(v.dims, v.values.shape, strict=True)}
    over = next(iter(arrays.variables.values())).dims if over is None else over
    for name in over:
        if name not in sizes:
            raise UnknownName.of("dimension", name, sizes)
    columns, fields = [], []
    for name, variable in _real(_all(arrays)):
        if set(variable.dims) <= set(over):
            column = pa.array(_spread(variable, over, sizes))
            unit = None if variable.unit is None else {"unit": variable.unit}
            columns.append(column)
            fields.append(pa.field(name, column.type, metadata=unit))
    told = {key: str(value) for key, value in attributes(result).items()}
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=told))


def to_polars(result: AbstractSeriesResult, *, over: tuple[str, ...] | None = None) -> "pl.DataFrame":
    """Make a polars DataFrame like the table of ``to_arrow``."""
    frame: pl.DataFrame = polars().DataFrame(to_arrow(result, over=over))
    return frame


def _all(arrays: Arrays) -> dict[str, Variable]:
    return arrays.coords | arrays.variables


def _real(variables: dict[str, Variable]) -> Iterator[tuple[str, Variable]]:
    """Give complex variables as two, since Arrow has none."""
    for name, variable in variables.items():
        if variable.values.dtype.kind != "c":
            yield name, variable
            continue
        for part in ("real", "imag"):
            yield f"{name}_{part}", Variable(variable.dims, getattr(variable.values, part), variable.unit)


def _spread(variable: Variable, over: tuple[str, ...], sizes: dict[str, int]) -> NDArray[Any]:
    """Repeat a variable over the dimensions that it does not have, and make a column of it."""
    order = [variable.dims.index(d) for d in over if d in variable.dims]
    shape = [sizes[d] if d in variable.dims else 1 for d in over]
    whole = np.broadcast_to(variable.values.transpose(order).reshape(shape), [sizes[d] for d in over])
    return np.ascontiguousarray(whole).reshape(-1)
