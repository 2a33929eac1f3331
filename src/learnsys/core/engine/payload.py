"""How many bytes a value weighs on the wire, counted the same way for every engine.

Serialised sizes differ between pickle and Ray and do not exist between threads; what an algorithm must move does not
depend on the engine, so that is what is counted: the buffers of arrays, and a small constant for each scalar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

SCALAR_BYTES: Final = 8
_SPARSE: Final = ("data", "indices", "indptr")


def payload_bytes(value: Any) -> int:
    """Sum the bytes of everything in ``value``.

    Arrays weigh ``nbytes``, sparse matrices their three arrays, bytes and text their length, containers, dataclasses
    and structs the sum of their members (dict keys included), None nothing, and anything else 8 bytes.

    Parameters
    ----------
    value : object
        Arguments or results of a worker; must not contain itself.

    Returns
    -------
    int
        Bytes, >= 0.

    Examples
    --------
    >>> import numpy as np
    >>> payload_bytes((np.zeros(10), 3, {"w": np.ones(2, np.float32)}))
    97
    """
    if value is None:
        return 0
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes | bytearray):
        return len(value)
    if isinstance(nbytes := getattr(value, "nbytes", None), int):
        return nbytes
    members = _members(value)
    return SCALAR_BYTES if members is None else sum(map(payload_bytes, members))


def _members(value: Any) -> Iterable[Any] | None:
    """Return what a container holds; None for what is no container."""
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, Mapping):
        return [part for item in value.items() for part in item]
    if all(hasattr(value, name) for name in _SPARSE):
        return [getattr(value, name) for name in _SPARSE]
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    if not isinstance(value, type) and (names := getattr(value, "__struct_fields__", None)) is not None:
        return [getattr(value, name) for name in names]
    return None
