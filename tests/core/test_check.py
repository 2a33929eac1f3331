"""What is refused before work begins is exactly what is wrong, and named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from tests.core import naive
from tests.core.strategies import matrices, quick

from learnsys.core import check
from learnsys.core.check import binary_labels, check_finite, check_rows, check_seed
from learnsys.core.errors import InputError

anything = matrices(elements=st.floats() | st.floats(width=16))


def said(X):
    try:
        check_finite(X, "X")
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("block", [1, 3, check.BLOCK])
@pytest.mark.parametrize("form", [np.array, np.asfortranarray, sparse.csr_array])
@quick
@given(X=anything)
def test_agrees_with_the_twin_whatever_the_block_and_the_form(form, block, X):
    bad = naive.bad_places(X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "BLOCK", block)
        message = said(form(X))
    if not bad:
        assert message == ""
    else:
        assert f"contains {len(bad)} NaN or infinite value" in message
        assert f"first in row {bad[0][0]}, column {bad[0][1]};" in message


def test_a_sum_that_overflows_is_no_infinity():
    big = np.full((4, 4), np.finfo(np.float32).max, np.float32)
    check_finite(big)
    check_finite(np.array([1e308, 1e308, -1e308]))
    big[2, 1] = np.inf
    assert "1 NaN or infinite value, the first in row 2, column 1" in said(big)


def test_opposite_infinities_do_not_hide_each_other():
    assert "contains 2" in said(np.array([[np.inf, -np.inf]]))


def test_a_vector_has_no_column_and_whole_numbers_pass():
    with pytest.raises(InputError, match="y contains 1 NaN or infinite value, the first in row 1;"):
        check_finite(np.array([0.0, np.nan]), "y")
    check_finite(np.arange(5))
    check_finite(np.array(["a", "b"]))


LABELS = st.one_of(
    hnp.arrays(np.int64, st.integers(1, 9), elements=st.integers(-2, 2)),
    hnp.arrays(np.float64, st.integers(1, 9), elements=st.sampled_from([-1.0, 0.5, 1.0])),
    hnp.arrays(np.bool_, st.integers(1, 9)),
    st.lists(st.sampled_from(["late", "early", "on time"]), min_size=1, max_size=9),
)


@quick
@given(LABELS)
def test_two_classes_become_minus_and_plus_one_and_nothing_else_passes(y):
    different = sorted(set(np.asarray(y).tolist()))
    if len(different) == 2:
        classes, signs = binary_labels(y)
        assert classes.tolist() == different
        assert [different[int(s > 0)] for s in signs] == list(np.asarray(y).tolist())
        assert signs.dtype == np.float64
        assert set(signs.tolist()) == {-1.0, 1.0}
    else:
        with pytest.raises(InputError, match="one class" if len(different) == 1 else f"{len(different)} classes"):
            binary_labels(y)


@pytest.mark.parametrize(
    ("y", "says"),
    [([0.0, np.nan], "NaN"), ([], "no labels"), (np.array([1, "a"], object), "do not compare")],
)
def test_labels_that_are_none_are_refused(y, says):
    with pytest.raises(InputError, match=says):
        binary_labels(y)


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        ((3, 2), (4,), "3 rows, but y has 4"), ((3,), (3,), "a matrix and a vector"), ((3, 2), (3, 1), "matrix"),
        ((0, 2), (0,), "at least one row"), ((2, 0), (2,), "at least one row and one column"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(X, y, says):
    with pytest.raises(InputError, match=says):
        check_rows(np.zeros(X), np.zeros(y))
    if len(X) == 2 and 0 not in X and len(y) == 1:
        with pytest.raises(InputError, match=says):
            check_rows(sparse.csr_array(np.zeros(X)), np.zeros(y))


def test_shapes_that_fit_pass():
    check_rows(np.zeros((3, 2)), np.zeros(3))
    check_rows(sparse.csr_array((3, 2)), np.zeros(3))


def test_a_negative_seed_is_refused():
    check_seed(0)
    with pytest.raises(InputError, match="seed is -1, but must be at least 0"):
        check_seed(-1)
