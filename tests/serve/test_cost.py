import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.serve import naive

from learnsys.serve.cost import CostModel

few = st.lists(st.tuples(st.integers(1, 300), st.floats(1e-5, 1.0)), min_size=1, max_size=60)
batches = st.tuples(few, st.sampled_from([1, 1, 5, 20])).map(lambda seen_times: seen_times[0] * seen_times[1])


@given(batches, st.integers(1, 1000))
@settings(deadline=None)
def test_agrees_with_medians_worked_out_anew(seen, rows):
    fast, slow = CostModel(), naive.Cost()
    for n, c in seen:
        fast.observe(n, c)
        slow.observe(n, c)
    assert fast.predict(rows) == pytest.approx(slow.predict(rows), rel=1e-9)


@given(batches, st.floats(1e-6, 2.0))
@settings(deadline=None)
def test_most_rows_is_the_inverse_of_predict(seen, seconds):
    cost = CostModel()
    for n, c in seen:
        cost.observe(n, c)
    n = cost.most_rows(seconds)
    assert n == 0 or cost.predict(n) <= seconds * (1 + 1e-9)
    assert cost.predict(n + 1) >= seconds * (1 - 1e-9)


@given(batches, st.integers(1, 500), st.integers(1, 500))
@example([(1, 0.8837139814479033), (171, 0.5)], 1, 171)
@settings(deadline=None)
def test_more_rows_never_cost_less(seen, a, b):
    cost = CostModel()
    for n, c in seen:
        cost.observe(n, c)
    assert cost.predict(min(a, b)) <= cost.predict(max(a, b))


def test_on_a_line_the_cap_is_that_of_the_formula():
    a, b, slo = 0.001, 0.00005, 0.010
    cost = CostModel()
    for n in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        cost.observe(n, a + b * n)
    assert cost.most_rows(slo / 2) == pytest.approx((slo / 2 - a) / b, abs=1)


def test_a_few_preempted_batches_change_nothing():
    rng = np.random.default_rng(0)
    cost = CostModel()
    for _ in range(300):
        n = int(rng.integers(1, 129))
        cost.observe(n, (0.001 + 0.00005 * n) * (100 if rng.random() < 0.1 else 1))
    assert cost.predict(64) == pytest.approx(0.001 + 0.00005 * 64, rel=0.2)


def test_a_first_batch_that_was_preempted_does_not_forbid_its_size():
    cost = CostModel()
    for _ in range(40):
        cost.observe(1, 0.001)
    cost.observe(2, 0.5)
    assert cost.most_rows(0.005) >= 2


def test_a_size_that_is_dear_indeed_is_believed_after_a_while():
    cost = CostModel()
    for _ in range(40):
        cost.observe(1, 0.001)
    for _ in range(8):
        cost.observe(8, 0.05)
    assert cost.predict(8) == 0.05
    assert cost.most_rows(0.005) < 8


def test_what_was_dear_long_ago_is_tried_again():
    cost = CostModel()
    for _ in range(31):
        cost.observe(8, 0.05)
    for _ in range(499):
        cost.observe(1, 0.0005)
    assert cost.most_rows(0.005) >= 8


def test_before_the_first_batch_everything_fits():
    assert CostModel().predict(5) == 0.0
    assert CostModel().most_rows(0.001) == sys.maxsize


def test_it_follows_a_model_that_changes():
    cost = CostModel()
    for c in [0.001] * 100 + [0.004] * 16:
        cost.observe(1, c)
    assert cost.predict(1) == 0.004
