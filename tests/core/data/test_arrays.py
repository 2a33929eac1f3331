"""Archives of numpy come back as they were saved, and never as objects or as indices out of range."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from tests.core.strategies import matrices, quick

from learnsys.core.data.arrays import read_npz
from learnsys.core.errors import BadFile, InputError


@quick
@given(X=matrices(), dtype=st.sampled_from([np.float32, np.float64]))
def test_dense_and_compressed_rows_round_trip(tmp_path_factory, X, dtype):
    X = X.astype(dtype) if dtype == np.float64 else np.clip(X, -1e30, 1e30).astype(dtype)
    y, path = np.arange(len(X)), tmp_path_factory.getbasetemp() / "a.npz"
    np.savez(path, X=X, y=y)
    dense = read_npz(path)
    rows = sparse.csr_array(X)
    np.savez_compressed(path, data=rows.data, indices=rows.indices, indptr=rows.indptr, shape=rows.shape, y=y)
    compressed = read_npz(path)
    assert dense.X.dtype == compressed.X.dtype == dtype
    assert np.array_equal(dense.X, X)
    assert np.array_equal(compressed.X.toarray(), X)
    assert dense.y.tolist() == compressed.y.tolist() == y.tolist()


def test_reads_what_scipy_saved_once_y_is_added(tmp_path):
    rows = sparse.random_array((6, 5), density=0.5, rng=0, format="csr")
    sparse.save_npz(tmp_path / "rows.npz", rows)
    with np.load(tmp_path / "rows.npz") as saved:
        np.savez(tmp_path / "both.npz", **saved, y=np.arange(6.0))
    assert np.array_equal(read_npz(tmp_path / "both.npz").X.toarray(), rows.toarray())


def test_disordered_indices_are_put_in_order(tmp_path):
    np.savez(tmp_path / "a.npz", data=[1.0, 2.0, 3.0], indices=[2, 0, 2], indptr=[0, 3], shape=(1, 3), y=[1])
    X = read_npz(tmp_path / "a.npz").X
    assert X.has_canonical_format
    assert X.toarray().tolist() == [[2.0, 0.0, 4.0]]


ROWS = {"data": [1.0, 2.0], "indices": [0, 1], "indptr": [0, 1, 2], "shape": (2, 2), "y": [0, 1]}
BAD = {
    "no y": ({"X": np.eye(2)}, "no array y, only X"),
    "no X": ({"y": [0, 1]}, "neither X nor data, indices, indptr, shape"),
    "half": ({k: v for k, v in ROWS.items() if k != "indptr"}, "neither X nor indptr"),
    "rows": ({"X": np.eye(2), "y": [0, 1, 2]}, "2 rows, but y has 3"),
    "flat": ({"X": np.ones(3), "y": [0, 1, 2]}, "matrix"),
    "text": ({"X": np.array([["a"]]), "y": [0]}, "it is of type <U1"),
    "columns": ({**ROWS, "format": "csc"}, "not compressed rows"),
    "index too great": ({**ROWS, "indices": [0, 2]}, "indices must be < 2"),
    "index below zero": ({**ROWS, "indices": [0, -1]}, "indices must be >= 0"),
    "pointer beyond": ({**ROWS, "indptr": [0, 1, 9]}, "Last value of index pointer"),
    "pointer back": ({**ROWS, "indptr": [0, 3, 2]}, "indptr must be a non-decreasing sequence"),
    "shape": ({**ROWS, "shape": (3, 2)}, "index pointer size"),
    "shape of three": ({**ROWS, "shape": (2, 2, 2)}, ""),
    "objects": ({"X": np.array([[{}]], object), "y": [0]}, "allow_pickle"),
}


@pytest.mark.parametrize("case", BAD)
def test_arrays_that_do_not_fit_are_refused_with_the_file(tmp_path, case):
    arrays, says = BAD[case]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(BadFile, match=rf"a\.npz: .*{says}"):
        read_npz(tmp_path / "a.npz")


def test_numbers_that_are_none_are_refused_with_their_place(tmp_path):
    np.savez(tmp_path / "a.npz", X=[[1.0, np.inf], [np.nan, 0.0]], y=[0, 1])
    with pytest.raises(InputError, match=r"a\.npz contains 2 NaN or infinite values, the first in row 0, column 1"):
        read_npz(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", X=np.eye(2), y=[0, np.nan])
    with pytest.raises(InputError, match=r"y in .*a\.npz contains 1 NaN"):
        read_npz(tmp_path / "a.npz")


class Burglar:
    """What a pickle can do."""

    def __reduce__(self):
        raise AssertionError("a pickle was opened")


def test_files_that_are_no_archives_are_refused_and_no_pickle_is_opened(tmp_path):
    for content in (b"", b"PK\x03\x04 not a zip", pickle.dumps({"X": 1}), b"\x80\x04.", b"x" * 100):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(BadFile, match=r"a\.npz"):
            read_npz(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.eye(2))
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    with pytest.raises(BadFile, match=r"b\.npz"):
        read_npz(tmp_path / "b.npz")
    with pytest.raises(BadFile, match="no file"):
        read_npz(tmp_path / "none.npz")
