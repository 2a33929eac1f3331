"""How the room compiles its kernels: without the interpreter's lock, and kept on disk where a folder can be written."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from learnsys.core.compiled import can_cache
from learnsys.core.errors import MissingExtra

__all__ = ["jit"]

try:
    from numba import njit
except ImportError as error:
    raise MissingExtra.of("numba", "complete") from error

jit: Final[Callable[..., Any]] = partial(njit, nogil=True, cache=can_cache(lambda: None))
"""Called with further options of numba's: ``@jit()``, ``@jit(fastmath=...)``."""
