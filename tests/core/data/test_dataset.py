"""A data set knows its own content, and a part of it is a data set too."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from tests.core.strategies import matrices, quick

from learnsys.core.data.dataset import Dataset, as_features, as_target
from learnsys.core.errors import InputError

forms = st.sampled_from([as_features, lambda X: as_features(sparse.csr_array(X))])


def made(X, y=None, **more):
    return Dataset(name="toy", X=X, y=np.arange(X.shape[0]) if y is None else y, **more)


@quick
@given(matrices(), forms)
def test_the_reference_counts_rows_columns_and_non_zeros(X, form):
    ref = made(form(X)).ref
    assert (ref.n, ref.d, ref.nnz, ref.share) == (*X.shape, int((X != 0).sum()), 1.0)


@quick
@given(matrices(), matrices(), forms)
def test_the_digest_is_the_same_for_the_same_content_only(X, Z, form):
    a, b = made(form(X)), made(form(Z))
    same = X.shape == Z.shape and X.tobytes() == Z.tobytes()
    if form is not as_features:  # a stored row has no signs of zero
        same = X.shape == Z.shape and np.array_equal(X, Z)
    assert (a.ref.digest == b.ref.digest) == same
    assert a.ref == made(form(X.copy())).ref


def test_type_labels_and_form_are_part_of_the_digest():
    X = np.eye(3)
    labels = np.arange(3)
    different = [
        made(X), made(X.astype(np.float32)), made(as_features(sparse.csr_array(X))), made(X, labels[::-1].copy()),
        made(X, labels.astype(float)), made(X, labels.astype(str)), made(np.ones((1, 9)), labels[:1]),
    ]  # fmt: skip
    assert len({data.ref.digest for data in different}) == len(different)


@quick
@given(matrices(), forms, st.data())
def test_rows_by_mask_index_and_slice(X, form, data):
    whole = made(form(X), extra={"day": np.arange(len(X)) * 10}, columns=tuple(f"c{j}" for j in range(X.shape[1])))
    kept = data.draw(st.lists(st.booleans(), min_size=len(X), max_size=len(X)).filter(any))
    mask = np.array(kept)
    part = whole.rows(mask)
    dense = part.X.toarray() if part.is_sparse else part.X
    assert np.array_equal(dense, X[mask])
    assert part.y.tolist() == np.flatnonzero(mask).tolist()
    assert part.extra["day"].tolist() == (10 * np.flatnonzero(mask)).tolist()
    assert part.ref == whole.rows(np.flatnonzero(mask)).ref
    assert part.columns == whole.columns
    assert (part.ref.digest == whole.ref.digest) == all(kept)
    assert whole.rows(slice(0, 1)).X.shape == (1, X.shape[1])


@quick
@given(matrices(elements=st.floats(-5, 5)), st.sampled_from([np.float32, np.float64, np.int64, np.bool_]))
def test_features_are_stored_contiguous_or_in_sorted_rows(X, dtype):
    X = np.asfortranarray(X.astype(dtype))
    dense, rows = as_features(X), as_features(sparse.coo_array(X))
    wanted = np.float32 if dtype == np.float32 else np.float64
    assert dense.dtype == rows.dtype == wanted
    assert dense.flags.c_contiguous
    assert isinstance(rows, sparse.csr_array)
    assert rows.has_canonical_format
    assert rows.indices.dtype == rows.indptr.dtype == np.int32
    assert np.array_equal(rows.toarray(), dense)
    assert np.array_equal(dense, X)


def test_putting_rows_in_order_leaves_the_given_ones_alone():
    given = sparse.csr_array((np.array([1.0, 2.0, 3.0]), np.array([2, 0, 2]), np.array([0, 3])), shape=(1, 3))
    assert as_features(given).toarray().tolist() == [[2.0, 0.0, 4.0]]
    assert given.indices.tolist() == [2, 0, 2]
    assert given.data.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("y", "dtype"),
    [(np.float32([1.5]), np.float64), (np.int8([1]), np.int64), (np.array([True]), np.int64),
     (np.array(["a"], object), "<U1"), (np.array(["late"]), "<U4")],
)  # fmt: skip
def test_targets_are_stored_as_numbers_or_text(y, dtype):
    assert as_target(y).dtype == np.dtype(dtype)
    assert as_target(y).tolist() == y.tolist()


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(InputError, match="3 rows, but y has 2"):
        made(np.eye(3), np.arange(2))
    with pytest.raises(InputError, match="3 columns have 2 names"):
        made(np.eye(3), columns=("a", "b"))


def test_columns_without_names_go_by_number_and_size_is_that_of_the_arrays():
    assert made(np.eye(3)).column(2) == "2"
    assert made(np.eye(3), columns=("a", "b", "c")).column(2) == "c"
    assert made(np.eye(3, dtype=np.float32)).size_bytes == 9 * 4 + 3 * 8
    assert made(as_features(sparse.eye_array(3))).size_bytes == 3 * 8 + 3 * 4 + 4 * 4 + 3 * 8


def test_it_crosses_process_boundaries():
    data = made(np.eye(3), extra={"day": np.arange(3)})
    assert pickle.loads(pickle.dumps(data)).ref == data.ref
