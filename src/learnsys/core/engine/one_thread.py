"""Hold BLAS and OpenMP to one thread while an engine is open.

Parallelism then comes from workers only: slots mean what they say, threads of two kinds do not fight for cores, and a
matrix product has the same bits on every engine, since the order of its sums depends on the number of threads.

Parallel loops of numba are not held: workers do without them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from learnsys.core.errors import MissingExtra

_VARIABLES: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1"
)  # read by libraries when they are loaded


def limit_for_good() -> None:
    """Hold this process to one thread until it ends: libraries loaded already, and those loaded later."""
    os.environ.update(_VARIABLES)
    _limit()


def limit_thread() -> None:
    """Hold OpenMP in the calling thread: unlike BLAS it counts threads apart for every thread that calls it."""
    _limit("openmp")


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold this process to one thread; the former limits come back when the last holder leaves.

    Raises
    ------
    MissingExtra
        If threadpoolctl is not installed.
    """
    _holders.enter()
    try:
        yield
    finally:
        _holders.leave()


class _Holders:
    """Count the open engines: they may close in another order than they were opened."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._limits: list[Any] = []
        self._count = 0

    def enter(self) -> None:
        """Limit what is loaded by now: each holder may come after other libraries."""
        with self._lock:
            import scipy.linalg  # noqa: F401  # scipy brings a BLAS of its own: only a loaded one can be held

            self._limits.append(_limit())
            self._count += 1

    def leave(self) -> None:
        """Undo all limits, the latest first, if this was the last holder."""
        with self._lock:
            self._count -= 1
            while self._count == 0 and self._limits:
                self._limits.pop().restore_original_limits()


_holders: Final = _Holders()


def _limit(api: str | None = None) -> Any:
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise MissingExtra.of("threadpoolctl", "convex") from None
    return threadpool_limits(1, user_api=api)
