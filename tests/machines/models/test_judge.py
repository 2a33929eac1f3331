"""Errors with sets of references: as one set after another would have, whatever else is judged beside it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive
from tests.machines.models.made import factors

from learnsys.machines.models.judge import Judge, judge, thinned


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(0, 2), st.sampled_from([0.0, 0.2]))
@settings(max_examples=15)
def test_agrees_with_one_set_after_another(seed, k, counters, missing):
    rng = np.random.default_rng(seed)
    benchmark, _ = factors(seed, W=9, V=6, counters=counters, missing=missing)
    sets = [frozenset(rng.choice(6, k, replace=False).tolist()) for _ in range(3)]
    assert_allclose(Judge(benchmark).errors(sets), [naive.error_with(benchmark, sorted(s)) for s in sets], atol=1e-7)


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_an_error_does_not_depend_on_what_else_is_judged(seed):
    benchmark, _ = factors(seed)
    sets = [frozenset((a, b)) for a in range(4) for b in range(4, 9)]
    alone, beside = Judge(benchmark), judge(benchmark)
    assert beside.errors(sets[::-1])[::-1].tolist() == [alone.errors([s])[0] for s in sets]


def test_references_on_which_nothing_ran_together_leave_no_error():
    benchmark, _ = factors(0, W=4, V=3, reps=1)
    benchmark.outcome[(benchmark.workload + benchmark.machine) % 2 == 0] = 3
    assert Judge(benchmark).errors([frozenset((0, 1))]).tolist() == [0.0]


def test_the_largest_groups_are_thinned_first():
    groups = np.array(["a"] * 9 + ["b"] * 2 + ["c"] * 5)
    kept = groups[thinned(groups, 8)]
    assert [(kept == g).sum() for g in "abc"] == [3, 2, 3]
    assert thinned(groups, 16).tolist() == list(range(16))
    assert groups[thinned(groups, 1)].tolist() == ["a", "b", "c"]
