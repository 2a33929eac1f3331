"""Whether compiled kernels can be kept on disk: an installation that nobody can write to works too, at a slower start.

Numba is imported only when it is asked.
"""

from functools import cache


@cache
def can_cache() -> bool:
    """Tell whether numba finds a folder to cache in: without one it fails at import, not at the first call."""
    from numba import njit

    try:
        njit(cache=True)(can_cache.__wrapped__)
    except RuntimeError:
        return False
    return True
