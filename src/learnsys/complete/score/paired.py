"""How much better one model is than another on the same tokens, when packages are drawn again.

Tokens of one package resemble each other, so packages are what a bootstrap draws (a cluster bootstrap: Davison &
Hinkley 1997, section 3.8).
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 2000


@final
class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Mean of one minus mean of the other, and 95 per cent of what packages drawn again would give."""

    mean: float
    low: float
    high: float


def paired(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], package: NDArray[np.int32], *, seed: int = 0
) -> Difference:
    """Compare two values of each token.

    Parameters
    ----------
    ours, theirs : (n,) arrays
        Of the same tokens: 1 where the first suggestion was right, or bits.
    package : (n,) int32
        Number of each token's package.
    seed : int
        Of the draws.
    """
    by_package = np.bincount(package, np.asarray(ours, np.float64) - np.asarray(theirs, np.float64))
    tokens = np.bincount(package).astype(np.float64)
    picks = np.random.default_rng(seed).integers(0, len(tokens), (DRAWS, len(tokens)))
    drawn = by_package[picks].sum(1) / np.maximum(tokens[picks].sum(1), 1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Difference(mean=float(by_package.sum() / tokens.sum()), low=float(low), high=float(high))
