"""References: as many as asked for, of those allowed, better than a blind choice, cheap if cost counts."""

import numpy as np
import pytest
from tests.machines.models.made import factors

from learnsys.core.errors import InputError
from learnsys.machines.models.model import fit
from learnsys.machines.models.references import choose_references


def error(benchmark, R):
    return np.nanmean(np.abs(fit(benchmark, R).residuals))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_as_many_as_asked_for(k):
    benchmark, _ = factors(0)
    assert np.unique(choose_references(benchmark, k)).size == k


def test_only_of_those_allowed():
    benchmark, _ = factors(0)
    assert set(choose_references(benchmark, 2, allowed=[3, 5, 7])) <= {3, 5, 7}


def test_better_than_most_blind_choices():
    benchmark, _ = factors(2, W=30, V=12)
    rng = np.random.default_rng(0)
    blind = [error(benchmark, rng.choice(12, 2, replace=False)) for _ in range(20)]
    assert error(benchmark, choose_references(benchmark, 2)) <= np.quantile(blind, 0.25)


def test_a_prohibitive_machine_is_left_alone():
    benchmark, _ = factors(0)
    free = choose_references(benchmark, 3)
    cost = np.ones(9)
    cost[free[1]] = 1e6
    assert free[1] not in choose_references(benchmark, 3, cost=cost)[1:]


def test_the_same_question_has_the_same_answer():
    benchmark, _ = factors(3)
    assert choose_references(benchmark, 3).tolist() == choose_references(benchmark, 3).tolist()


@pytest.mark.parametrize("k", [0, 10])
def test_a_number_that_cannot_be_is_refused(k):
    with pytest.raises(InputError, match="between 1 and the 9"):
        choose_references(factors(0)[0], k)
