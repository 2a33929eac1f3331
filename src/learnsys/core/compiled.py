"""Whether compiled kernels can be kept on disk: an installation that nobody can write to works too, at a slower start.

Numba is imported only when it is asked.
"""

from collections.abc import Callable
from typing import Any


def can_cache(beside: Callable[..., Any]) -> bool:
    """Tell whether numba finds a folder to cache in: without one it fails at import, not at the first call.

    ``beside`` is any function of the file whose kernels are meant, as numba looks beside that file first.
    """
    from numba import njit

    try:
        njit(cache=True)(beside)
    except RuntimeError:
        return False
    return True
