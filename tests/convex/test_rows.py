import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse
from tests.convex.strategies import cases, quick

from learnsys.convex import rows as rows_module
from learnsys.convex.rows import Rows


@quick
@given(cases(), st.booleans(), st.integers(1, 30))
def test_a_gram_matrix_in_blocks_is_the_product(case, exact, block):
    h = np.random.default_rng(case.seed).random(case.problem.y.size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "BLOCK", block)
        found = Rows(case.problem.X, case.problem.settings.bias).gram(h, exact=exact)
    X = case.dense
    scale = np.sqrt(np.outer((h @ X**2), (h @ X**2))) + 1e-300
    float32 = case.problem.X.dtype == np.float32 and not exact
    assert_allclose(found / scale, (X.T * h) @ X / scale, atol=1e-5 if float32 else 1e-12)


@quick
@given(cases())
def test_taken_rows_are_those_rows(case):
    which = np.random.default_rng(case.seed).permutation(case.problem.y.size)[:3]
    w = np.arange(case.dense.shape[1], dtype=float)
    taken = Rows(case.problem.X, case.problem.settings.bias).take(which)
    assert taken.n == 3
    assert_allclose(taken.scores(w), case.dense[which] @ w, rtol=1e-9, atol=1e-9)


def test_read_only_rows_and_wide_indices_are_accepted():
    X = np.arange(6.0).reshape(3, 2)
    X.setflags(write=False)
    wide = sparse.csr_array(X)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    w = np.array([1.0, 2.0, 0.0])
    assert Rows(X).scores(w).tolist() == Rows(wide).scores(w).tolist() == [2.0, 8.0, 14.0]
