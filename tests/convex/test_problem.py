import numpy as np
import pytest
from tests.convex.strategies import make

from learnsys.convex.problem import penalty_weight
from learnsys.core.errors import Incompatible, InputError


def test_the_penalty_is_half_lam_times_the_square():
    case = make("squared", lam=0.5, d=2)
    assert case.problem.penalty(np.array([3.0, 4.0, 0.0])) == 0.25 * 25
    assert case.problem.d == 2


def test_lam_comes_from_itself_or_from_c_and_is_1_over_n_otherwise():
    assert penalty_weight(10, lam=0.3, C=None) == 0.3
    assert penalty_weight(10, lam=None, C=4.0) == 1 / 40
    assert penalty_weight(10, lam=None, C=None) == 0.1


def test_both_are_refused():
    with pytest.raises(Incompatible, match=r"both lam=1 and C=2 are given; give one"):
        penalty_weight(10, lam=1.0, C=2.0)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_penalty_must_be_positive_and_finite(value):
    with pytest.raises(InputError, match="lam is"):
        penalty_weight(10, lam=value, C=None)
    with pytest.raises(InputError, match="C is"):
        penalty_weight(10, lam=None, C=value)
