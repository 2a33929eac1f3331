"""When a fragment is sure enough to be shown: one rule, by the share of fragments that should begin right.

The probabilities of fragments are calibrated: of all that begin with p = .8, four in five begin right (measured on the
validation packages, ``bench/complete/generation.py``). So the share of right ones among those with p >= c is the mean
of p over them, and a cut c is as good as that mean. How it grows with c differs little between languages; the table
holds what was measured for each. Behind its first token a fragment goes on while all of it is likelier right than not.
"""

from typing import Final, Self, final

import msgspec
import numpy as np

from learnsys.core.errors import InputError

PRECISION: Final = 0.9
WHOLE: Final = 0.5
CUTS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
PRECISIONS: Final = {
    "js": (0.818, 0.866, 0.900, 0.938, 0.963, 0.985),
    "py": (0.818, 0.854, 0.890, 0.920, 0.966, 0.985),
    "cpp": (0.840, 0.870, 0.905, 0.925, 0.950, 0.980),
}


@final
class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """When a fragment is sure enough: ``first`` for its first token, ``whole`` for all up to a later one."""

    first: float
    whole: float = WHOLE

    @classmethod
    def of(cls, key: str, precision: float = PRECISION) -> Self:
        """Return the cut with which the first token is right in a share ``precision`` of the fragments shown.

        Raises
        ------
        InputError
            If ``precision`` is no share.

        Examples
        --------
        >>> Cut.of("js", 0.9).first
        0.7
        """
        if not 0 <= precision <= 1:
            raise InputError("precision is a share of the fragments", value=precision, next="0.9, say")
        first = float(np.interp(precision, (0, *PRECISIONS[key], 1), (0, *CUTS, 1)))
        return cls(first=first, whole=min(WHOLE, first))
