# mypy: disable-error-code="no-any-return"
"""How this room compiles: without the interpreter's lock, and kept on disk where a folder can be written."""

from collections.abc import Callable
from typing import Any

from learnsys.core.compiled import can_cache
from learnsys.core.errors import MissingExtra

# All of numba that the room uses, so that its lack is told in one place.
__all__ = ["cgutils", "intrinsic", "ir", "jit", "types"]

try:
    from llvmlite import ir  # type: ignore[import-untyped]
    from numba import njit, types
    from numba.core import cgutils
    from numba.extending import intrinsic
except ImportError as error:
    raise MissingExtra.of("numba", "series") from error

# Products may be fused with sums, but NaN stays NaN and nothing is reordered. Numba's cache looks at the stamp of one
# file only, so a kernel calls none of another file.
jit: Callable[..., Any] = njit(nogil=True, cache=can_cache(lambda: None), fastmath={"contract"})
