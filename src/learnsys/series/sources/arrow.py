"""Arrow, imported when a source is read and not before; its arrays as numpy's, without a copy where that is possible.

``pyarrow.Array.to_numpy`` imports pandas, which costs 0.2 s and 40 MB; buffers do not.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import MissingExtra


def arrow(part: str = "") -> ModuleType:
    """Import pyarrow or a part of it, or say which extra brings it.

    Raises
    ------
    MissingExtra
        If it is not installed.

    Examples
    --------
    >>> arrow("compute").sum([1, 2]).as_py()
    3
    """
    try:
        return import_module(f"pyarrow.{part}" if part else "pyarrow")
    except ImportError as error:
        raise MissingExtra.of("pyarrow", "series") from error


def view(array: Any, dtype: str) -> NDArray[Any]:
    """Look at the values of an Arrow array of fixed width as numbers of ``dtype``; nulls have any value.

    Examples
    --------
    >>> view(arrow().array([1, 2, 3]).slice(1), "i8").tolist()
    [2, 3]
    """
    buffer = array.buffers()[1]
    if buffer is None:
        return np.empty(0, dtype)
    return np.frombuffer(buffer, dtype, array.offset + len(array))[array.offset :]


def valid(array: Any) -> NDArray[np.bool_] | None:
    """Tell which elements are not null, shape (n,); None if all are.

    Examples
    --------
    >>> valid(arrow().array([1, None, 3])).tolist()
    [True, False, True]
    """
    if array.null_count == 0:
        return None
    bits = array.buffers()[0]
    if bits is None:  # a column of type null
        return np.zeros(len(array), bool)
    first, count = array.offset, len(array)
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=first + count, bitorder="little")[first:].astype(bool)


def all_finite(x: NDArray[np.floating]) -> bool:
    """Whether no number is NaN or infinite; the sum tells it in one pass, unless it overflows.

    Examples
    --------
    >>> all_finite(np.array([1e308, 1e308])), all_finite(np.array([np.inf, -np.inf]))
    (True, False)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()) or np.isfinite(x).all())


def first_null(array: Any) -> int:
    """Find the place of the first null; there must be one."""
    return int(np.argmin(np.asarray(valid(array))))


def floats(array: Any) -> NDArray[np.floating]:
    """Look at numbers of any type as float64; float32 stays what it is.

    Examples
    --------
    >>> floats(arrow().array([1, 2])).tolist()
    [1.0, 2.0]
    """
    pa = arrow()
    if array.type == pa.float32():
        return view(array, "f4")
    if array.type != pa.float64():
        if pa.types.is_boolean(array.type):
            array = array.cast(pa.uint8())
        array = array.cast(pa.float64(), safe=False)
    return view(array, "f8")
