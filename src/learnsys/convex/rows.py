"""The rows of one partition, dense or sparse, behind the five products that training needs."""

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learnsys.convex import kernels

Matrix = NDArray[Any] | sparse.csr_array
Vector = NDArray[np.float64]
BLOCK: Final = 4096  # rows a block of a Gram matrix: 2 MB at 120 columns, so that a block stays in cache


@final
class Rows:
    """n rows of d features, and one more column of the constant ``bias`` that is never stored.

    Features keep their type (float32 or float64); everything computed from them is float64.

    Parameters
    ----------
    X : ndarray or csr_array, shape (n, d)
        Features, C-contiguous or compressed rows.
    bias : float
        Value of the constant column; 0 if there is none. Its weight is then always 0.
    """

    def __init__(self, X: Matrix, bias: float = 0.0) -> None:
        self.X = X if isinstance(X, sparse.csr_array) else np.asarray(X)
        self.bias = float(bias)
        self.n, self.d = X.shape
        self._form: Any = (X.data, X.indices, X.indptr) if isinstance(X, sparse.csr_array) else self.X

    def scores(self, w: Vector) -> Vector:
        """Compute X w, shape (n,)."""
        kernels.scores(self._form, self.bias, w, t := np.empty(self.n))
        return t

    def pull(self, r: Vector) -> Vector:
        """Compute X' r, shape (d + 1,)."""
        kernels.pull(self._form, self.bias, r, g := np.zeros(self.d + 1))
        return g

    def bend(self, h: Vector, v: Vector) -> Vector:
        """Compute X' diag(h) X v in one pass, shape (d + 1,)."""
        kernels.bend(self._form, self.bias, h, v, g := np.zeros(self.d + 1))
        return g

    def squared_norms(self) -> Vector:
        """Compute the squared length of every row, the constant included, shape (n,)."""
        kernels.squared_norms(self._form, self.bias, self.d, out := np.empty(self.n))
        return out

    def sweep(self, loss: int, y: Vector, norms: Vector, order: NDArray[np.int64], v: Vector, scale: float,
              b: Vector, u: Vector) -> None:  # fmt: skip
        """Ascend the dual over the rows in ``order``; see ``kernels.sweep``."""
        kernels.sweep(loss, self._form, self.bias, y, norms, order, v, scale, b, u)

    def gram(self, h: Vector, *, exact: bool = True) -> Vector:
        """Compute X' diag(h) X for h >= 0, shape (d + 1, d + 1).

        A product S'S of a matrix with itself costs half of a general one. Unless ``exact``, blocks are multiplied in
        the type of the features (float32 doubles the speed) and summed in float64.
        """
        root, width = np.sqrt(h), self.d + (self.bias != 0.0)
        total = np.zeros((self.d + 1, self.d + 1))
        S = np.empty((min(BLOCK, self.n), width), np.float64 if exact else self.X.dtype)
        for start in range(0, self.n, BLOCK):
            q = root[start : start + BLOCK]
            part = S[: q.size]
            np.multiply(self._block(start), q[:, None], out=part[:, : self.d], casting="same_kind")
            part[:, self.d :] = self.bias * q[:, None]
            total[:width, :width] += part.T @ part
        return total

    def _block(self, start: int) -> NDArray[Any]:
        if not isinstance(self.X, sparse.csr_array):
            return self.X[start : start + BLOCK]
        ends = self.X.indptr[start : start + BLOCK + 1]
        inside = slice(ends[0], ends[-1])
        block = sparse.csr_array(
            (self.X.data[inside], self.X.indices[inside], ends - ends[0]), shape=(ends.size - 1, self.d)
        )
        return block.toarray()

    def take(self, which: Any) -> "Rows":
        """Keep some rows, chosen by indices or a slice."""
        return Rows(self.X[which], self.bias)
