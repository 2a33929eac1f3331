import numpy as np
import pytest
from scipy import sparse

from learnsys.convex.losses import LOSSES
from learnsys.convex.methods import METHODS, MOST_COLUMNS, best, find_method, fitting
from learnsys.core.errors import Incompatible, UnknownName


def test_an_unknown_method_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match=r"unknown method 'cocoa'; did you mean cocoa\+\?"):
        find_method("cocoa", LOSSES["logistic"], 10)


def test_newton_needs_a_curvature():
    with pytest.raises(
        Incompatible, match=r"newton needs a second derivative, and the hinge loss has none; use cocoa\+"
    ):
        find_method("newton", LOSSES["hinge"], 10)


def test_newton_needs_few_columns():
    with pytest.raises(Incompatible, match=rf"these {MOST_COLUMNS + 1} columns are more than {MOST_COLUMNS}"):
        find_method("newton", LOSSES["logistic"], MOST_COLUMNS + 1)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("d", [3, MOST_COLUMNS + 1])
def test_what_fits_is_found_and_what_does_not_is_refused(loss, d):
    for name in METHODS:
        if name in fitting(loss, d):
            assert find_method(name, loss, d).name == name
        else:
            with pytest.raises(Incompatible):
                find_method(name, loss, d)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize(
    "X", [np.ones((100, 3)), np.ones((3, 100)), sparse.csr_array(np.eye(9))], ids=["tall", "wide", "sparse"]
)
def test_the_best_method_fits(loss, X):
    assert best(loss, X) in fitting(loss, X.shape[1])


def test_tall_smooth_problems_of_few_columns_are_for_newton():
    assert best(LOSSES["logistic"], np.ones((12, 3))) == "newton"
    assert best(LOSSES["logistic"], np.ones((11, 3))) == "cocoa+"
    assert best(LOSSES["hinge"], np.ones((100, 3))) == "cocoa+"
    assert best(LOSSES["squared"], sparse.csr_array((2000, 300))) == "newton"
    assert best(LOSSES["squared"], sparse.csr_array((2000, 301))) == "cocoa+"
