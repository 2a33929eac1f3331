"""What every room refuses before it starts: NaN, rows that do not match, wrong numbers of classes, negative seeds."""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from learnsys.core.errors import InputError

BLOCK: Final = 1 << 20  # numbers a block: small enough to stay in cache between the sum and the search


def check_finite(X: NDArray[Any] | sparse.csr_array | sparse.csr_matrix, what: str = "X") -> None:
    """Refuse NaN and infinity.

    A sum is finite only if every term is, so that clean data costs one pass without a temporary.

    Parameters
    ----------
    X : ndarray of one or two dimensions, or CSR, of numbers
        What to look through; integers always pass.
    what : str
        How the message calls it.

    Raises
    ------
    InputError
        Naming the count and the place of the first.

    Examples
    --------
    >>> check_finite(np.ones((2, 3)))
    """
    if sparse.issparse(X):
        places = _not_finite(X.data)
        if places.size:
            row = int(np.searchsorted(X.indptr, places[0], side="right")) - 1
            raise InputError.not_finite(what, places.size, row, int(X.indices[places[0]]))
        return
    X = np.asarray(X)
    places = _not_finite(X.reshape(-1))
    if places.size:
        row, column = divmod(int(places[0]), X.shape[1] if X.ndim == 2 else 1)
        raise InputError.not_finite(what, places.size, row, column if X.ndim == 2 else None)


def _not_finite(flat: NDArray[Any]) -> NDArray[np.int64]:
    """Find the places of NaN and infinity in an array of one dimension."""
    found = [np.empty(0, np.int64)]
    if flat.dtype.kind not in "fc":
        return found[0]
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, flat.size, BLOCK):
            block = flat[start : start + BLOCK]
            if not np.isfinite(block.sum()):
                found.append(start + np.flatnonzero(~np.isfinite(block)))
    return np.concatenate(found)


def check_rows(X: NDArray[Any] | sparse.csr_array | sparse.csr_matrix, y: NDArray[Any]) -> None:
    """Refuse X that is no matrix, y that is no vector, and different numbers of rows.

    Raises
    ------
    InputError
        Naming both shapes.
    """
    if len(X.shape) != 2 or y.ndim != 1:
        raise InputError(
            f"X has shape {X.shape} and y has shape {y.shape}, but they must be a matrix and a vector",
            value=[list(X.shape), list(y.shape)],
            next="reshape them to (n, d) and (n,)",
        )
    if X.shape[0] != y.shape[0]:
        raise InputError(
            f"X has {X.shape[0]} rows, but y has {y.shape[0]}",
            value=[X.shape[0], y.shape[0]],
            next="give one label a row",
        )
    if 0 in X.shape:
        raise InputError(f"X has shape {X.shape}", value=list(X.shape), next="give at least one row and one column")


def check_seed(seed: int) -> None:
    """Refuse a negative seed.

    Raises
    ------
    InputError
        Naming it.
    """
    if seed < 0:
        raise InputError.below("seed", seed, 0)


def binary_labels(y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Map labels of two classes to -1 and +1.

    Parameters
    ----------
    y : array_like, shape (n,)
        Labels of any type that sorts.

    Returns
    -------
    classes : ndarray, shape (2,)
        The labels in order; the second is the positive one.
    y_pm1 : ndarray, shape (n,)
        -1.0 and +1.0.

    Raises
    ------
    InputError
        If there are not exactly two classes, or a label is NaN.

    Examples
    --------
    >>> classes, y = binary_labels(["late", "early", "late"])
    >>> classes.tolist(), y.tolist()
    (['early', 'late'], [1.0, -1.0, 1.0])
    """
    labels = np.asarray(y)
    check_finite(labels, "y")
    try:
        classes = np.unique(labels)
    except TypeError as error:
        raise InputError(
            "the labels are of types that do not compare", next="make all of them numbers or text"
        ) from error
    if classes.size == 0:
        raise InputError("there are no labels", next="give at least one row of each class")
    if classes.size == 1:
        raise InputError.one_class(classes.tolist()[0])
    if classes.size > 2:
        raise InputError.many_classes(classes.tolist())
    return classes, np.where(labels == classes[1], 1.0, -1.0)
