"""What is minimised: P(w) = 1/n sum phi_i(x_i.w) + lam/2 |w|^2."""

from typing import final

import msgspec
import numpy as np

from learnsys.convex.losses import Loss
from learnsys.convex.rows import Matrix, Vector
from learnsys.core.errors import Incompatible, InputError


@final
class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs to know besides its rows.

    ``n`` counts the rows of all workers, ``bias`` is the constant that stands in for an intercept column (0: none),
    ``local_passes`` are the passes over its rows that a worker makes between two messages.
    """

    loss: Loss
    lam: float
    n: int
    bias: float = 0.0
    local_passes: int = 1


@final
class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Features (float32 or float64; C-ordered or compressed rows), targets (-1 and +1, or numbers) and settings."""

    X: Matrix
    y: Vector
    settings: Settings

    @property
    def d(self) -> int:
        """Columns of X; weights have one entry more, for the constant."""
        return int(self.X.shape[1])

    def penalty(self, w: Vector) -> float:
        """Compute lam/2 |w|^2."""
        return 0.5 * self.settings.lam * float(w @ w)


def penalty_weight(n: int, *, lam: float | None, C: float | None) -> float:
    """Compute lam from itself or from C, 1 / n if neither is given.

    Raises
    ------
    Incompatible
        If both are given.
    InputError
        If it is not a positive finite number.
    """
    if lam is not None and C is not None:
        raise Incompatible(f"both lam={lam:g} and C={C:g} are given", next="give one; lam = 1 / (C n)")
    name, value = ("lam", lam) if lam is not None else ("C", 1.0 if C is None else C)
    if not 0 < value < np.inf:
        raise InputError(f"{name} is {value}, but must be positive and finite", value=value, next=f"give {name} > 0")
    return value if lam is not None else 1.0 / (value * n)
