"""Read features and target from an ``.npz`` file: dense, or compressed rows as ``scipy.sparse.save_npz`` names them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from scipy import sparse

from learnsys.core.check import check_finite
from learnsys.core.data.dataset import Dataset, Matrix, as_features, as_target
from learnsys.core.errors import BadFile, InputError
from learnsys.core.files import existing

SPARSE_KEYS: Final = ("data", "indices", "indptr", "shape")


def read_npz(path: Path | str) -> Dataset:
    """Read ``X`` and ``y``, or ``data``, ``indices``, ``indptr``, ``shape`` and ``y``; pickled objects are refused.

    Raises
    ------
    BadFile
        If the file is no such archive, or its arrays do not fit together.
    InputError
        If X or y holds NaN or infinity.
    """
    path = existing(path)
    try:
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise BadFile.unreadable(path, error) from error
    if "y" not in arrays:
        raise BadFile.unreadable(path, f"it has no array y, only {', '.join(arrays) or 'nothing'}")
    try:
        data = Dataset(name=path.name, X=_matrix(arrays), y=as_target(arrays["y"]), source=str(path))
    except (InputError, ValueError, TypeError) as error:
        raise BadFile.unreadable(path, error) from error
    check_finite(data.X, f"X in {path}")
    check_finite(data.y, f"y in {path}")
    return data


def _matrix(arrays: Mapping[str, NDArray[Any]]) -> Matrix:
    if "X" in arrays:
        return as_features(arrays["X"])
    if missing := [key for key in SPARSE_KEYS if key not in arrays]:
        raise ValueError(f"it has neither X nor {', '.join(missing)}")
    if "format" in arrays and arrays["format"].item() not in (b"csr", "csr"):
        raise ValueError(f"it holds {arrays['format'].item()!r}, not compressed rows (csr)")
    rows = sparse.csr_array(tuple(arrays[k] for k in SPARSE_KEYS[:3]), shape=tuple(arrays["shape"].tolist()))
    rows.check_format(full_check=True)  # indices out of range would make every later product read foreign memory
    return as_features(rows)
