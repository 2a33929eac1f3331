"""Which rows belong to which worker: an even, random split that every worker works out for itself."""

from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError


@final
class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Part ``index`` of ``parts``; the split depends on the seed, the number of parts and the number of rows only."""

    index: int
    parts: int
    seed: int

    def rows(self, n: int) -> NDArray[np.int64] | slice:
        """Find its rows among n, in ascending order; a single part is everything, and no copy.

        Examples
        --------
        >>> [Part(index=k, parts=2, seed=0).rows(5).tolist() for k in (0, 1)]
        [[1, 2, 3], [0, 4]]
        """
        if self.parts == 1:
            return slice(None)
        order = np.random.default_rng(self.seed).permutation(n)
        return np.sort(order[self.index :: self.parts])

    def generator(self, *use: int) -> np.random.Generator:
        """Make a random generator of this part alone, another one for every ``use``."""
        return np.random.default_rng([self.seed, self.index, *use])


def split(n: int, workers: int, seed: int) -> list[Part]:
    """Split n rows among workers.

    Raises
    ------
    InputError
        If there are fewer than one worker, or more workers than rows.
    """
    if workers < 1:
        raise InputError.below("workers", workers, 1)
    if workers > n:
        raise InputError(f"{workers} workers have only {n} rows", value=workers, next=f"give workers <= {n}")
    return [Part(index=k, parts=workers, seed=seed) for k in range(workers)]
