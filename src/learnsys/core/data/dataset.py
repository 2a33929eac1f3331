"""A table to learn from: features, a target, and the name under which traces remember it."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learnsys.core.check import check_rows
from learnsys.core.errors import InputError
from learnsys.core.trace import DataRef

Matrix = NDArray[Any] | sparse.csr_array


@final
class Dataset(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """n rows of d features with a target each.

    Parameters
    ----------
    name : str
        What it is called.
    X : ndarray or scipy.sparse.csr_array, shape (n, d)
        Features, float32 or float64, C-contiguous where dense, with sorted indices where sparse.
    y : ndarray, shape (n,)
        Target: float64 where it is a number; class labels are what they were (integers or text).
    columns : tuple of str, optional
        Names of the d columns; empty where they have none.
    target : str
        What y is.
    extra : mapping of str to ndarray, shape (n,), optional
        Facts about each row that are no features (the day of a flight, to split by).
    source, licence : str, optional
        Where it is from, and the terms.

    Examples
    --------
    >>> data = Dataset(name="toy", X=np.eye(3), y=np.array([0, 1, 1]), columns=("a", "b", "c"))
    >>> data.ref.n, data.ref.nnz, data.rows(data.y == 1).X.shape
    (3, 3, (2, 3))
    """

    name: str
    X: Matrix
    y: NDArray[Any]
    columns: tuple[str, ...] = ()
    target: str = "y"
    extra: Mapping[str, NDArray[Any]] = {}
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        check_rows(self.X, self.y)
        if self.columns and len(self.columns) != self.X.shape[1]:
            raise InputError(f"{self.X.shape[1]} columns have {len(self.columns)} names", value=len(self.columns))

    @property
    def is_sparse(self) -> bool:
        """Whether X is in compressed rows."""
        return isinstance(self.X, sparse.csr_array)

    @property
    def size_bytes(self) -> int:
        """Memory that X and y take."""
        parts = (self.X.data, self.X.indices, self.X.indptr) if isinstance(self.X, sparse.csr_array) else (self.X,)
        return sum(part.nbytes for part in (*parts, self.y))

    @cached_property
    def ref(self) -> DataRef:
        """Name, sha256 of X and y as stored, rows, columns and non-zeros; computed at first use."""
        n, d = self.X.shape
        nnz = self.X.nnz if isinstance(self.X, sparse.csr_array) else np.count_nonzero(self.X)
        return DataRef(name=self.name, digest=digest(self.X, self.y), n=n, d=d, nnz=int(nnz))

    def column(self, j: int) -> str:
        """Name column ``j``, by its number where it has no name."""
        return self.columns[j] if self.columns else str(j)

    def rows(self, which: Any) -> "Dataset":
        """Keep some rows, chosen by a mask, indices or a slice; the part has its own ``ref``."""
        return msgspec.structs.replace(
            self, X=self.X[which], y=self.y[which], extra={k: v[which] for k, v in self.extra.items()}
        )


def digest(X: Matrix, y: NDArray[Any]) -> str:
    """Compute the sha256 of the types, shapes and bytes of X and y."""
    parts = [X.data, X.indices, X.indptr] if isinstance(X, sparse.csr_array) else [X]
    state = sha256(str(X.shape).encode())
    for array in (*parts, y):
        state.update(f"{array.dtype.str}{array.shape}".encode())
        state.update(np.ascontiguousarray(array).data.cast("B"))
    return state.hexdigest()


def as_features(X: Any) -> Matrix:
    """Store features as a dataset wants them: float32 stays, any other number becomes float64.

    Sparse features become compressed rows with sorted int32 indices (int64 where 32 bits do not suffice).

    Raises
    ------
    TypeError
        If they are complex, text, or anything else that is no real number.
    """
    if X.dtype.kind not in "biufO":
        raise TypeError(f"it is of type {X.dtype}")
    if X.dtype.kind == "O" and any(
        isinstance(v, str | bytes) for v in (X.flat if isinstance(X, np.ndarray) else X.data)
    ):
        raise TypeError("it holds text")
    X = X.astype(np.float32 if X.dtype == np.float32 else np.float64, copy=False)
    if isinstance(X, np.ndarray):
        return np.ascontiguousarray(X)
    rows = sparse.csr_array(X)
    if max(rows.nnz, *rows.shape) < 2**31:
        rows.indptr, rows.indices = rows.indptr.astype(np.int32, copy=False), rows.indices.astype(np.int32, copy=False)
    if not rows.has_canonical_format:
        rows = rows.copy()  # X is its owner's, and this works in place
        rows.sum_duplicates()  # also sorts the indices of each row
    return rows


def as_target(y: NDArray[Any]) -> NDArray[Any]:
    """Store a target as a dataset wants it: float64 for floats, int64 for whole numbers and flags, text as it is."""
    kinds = {"f": np.float64, "i": np.int64, "u": np.int64, "b": np.int64}
    return y.astype(kinds[y.dtype.kind]) if y.dtype.kind in kinds else y.astype(np.str_)
