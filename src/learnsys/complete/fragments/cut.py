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

PRECISION: Final = 0.88
WHOLE: Final = 0.5
CUTS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
PRECISIONS: Final = {
    "js": (0.829, 0.875, 0.907, 0.939, 0.972),
    "py": (0.795, 0.830, 0.868, 0.904, 0.930),
    "cpp": (0.833, 0.876, 0.914, 0.936, 0.951),
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
        >>> round(Cut.of("js", 0.9).first, 2)
        0.68
        """
        if not 0 <= precision <= 1:
            raise InputError("precision is a share of the fragments", value=precision, next="0.9, say")
        first = float(np.interp(precision, (0, *PRECISIONS[key], 1), (0, *CUTS, 1)))
        return cls(first=first, whole=min(WHOLE, first))
