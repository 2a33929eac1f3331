"""What is minimised: P(w) = 1/n sum phi_i(x_i.w) + lam/2 |w|^2."""

from typing import final

import msgspec

from learnsys.convex.losses import Loss
from learnsys.convex.rows import Matrix, Vector


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
