"""Laws of the batcher, in virtual time (no clock of this machine is read)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.serve import naive
from tests.serve.simulate import simulate
from tests.serve.strategies import traffic

from learnsys.serve.batcher import Batcher
from learnsys.serve.cost import CostModel

SLO = 0.010
laws = settings(max_examples=150, deadline=None)


def play(case, **kwargs):
    arrivals, leaves, service = case
    return simulate(Batcher(SLO, CostModel(), **kwargs), arrivals, service, leaves=leaves)


@given(traffic())
@laws
def test_every_request_ends_exactly_once(case):
    log = play(case)
    assert len(log.ended) == len(case[0])
    assert [e.ends for e in log.ended] == [1] * len(log.ended)
    assert all(e.state == e.ticket.state for e in log.ended)


@given(traffic())
@laws
def test_no_answer_after_the_deadline_and_nobody_waits_beyond_it(case):
    for e in play(case).ended:
        assert e.at <= e.ticket.deadline, e.state
        assert e.state != "late" or e.at == e.ticket.deadline


@given(traffic())
@laws
def test_an_idle_model_takes_what_comes(case):
    assert all(taken for _, taken in play(case).idle_arrivals)


@given(traffic())
@laws
def test_a_batch_is_in_order_and_within_the_cap(case):
    for _, batch, cap, _ in play(case).batches:
        assert [t.arrived for t in batch] == sorted(t.arrived for t in batch)
        assert sum(t.rows for t in batch) <= cap or len(batch) == 1


@given(traffic())
@laws
def test_within_capacity_nobody_is_left_behind(case):
    # Cost known and constant: if all that waits fits the cap and ends in time, all of it is the batch.
    arrivals, leaves, service = case
    service.factors = [1.0]
    cost = CostModel()
    for n in range(1, 2000, 7):
        cost.observe(n, service.fixed + service.each * n)
    log = simulate(Batcher(SLO, cost), arrivals, service, leaves=leaves, learn=False)
    for now, batch, cap, queue in log.batches:
        rows = sum(t.rows for t in queue)
        if rows <= cap and now + cost.predict(rows) <= queue[0].deadline:
            assert batch == queue


@given(traffic(), st.integers(1, 30))
@laws
def test_max_rows_bounds_every_batch_of_several(case, most):
    for _, batch, _, _ in play(case, max_rows=most).batches:
        assert sum(t.rows for t in batch) <= most or len(batch) == 1


@given(st.lists(st.floats(0, 0.012), min_size=1, max_size=40), st.floats(0.012, 0.016), st.floats(1e-4, 0.004))
@settings(deadline=None)
def test_agrees_with_the_longest_tail_that_fits(times, now, each):
    cost = CostModel()
    for n in (1, 10, 100):
        cost.observe(n, 0.001 + each * n)
    batcher = Batcher(SLO, cost)
    batcher.offer("first", 1, 0.0)
    batcher.take(0.0)
    queue = [batcher.offer(i, 1, t) for i, t in enumerate(sorted(times))]
    batcher.finish(now)
    want = naive.newest_that_fit(queue, now, cost, batcher.cap())
    batch, shed = batcher.take(now)
    assert batch == want
    after = now + (cost.predict(len(batch)) if batch else 0.0)
    rest = queue[: len(queue) - len(batch)]
    assert shed == [t for t in rest if after + cost.predict(1) > t.deadline]


@given(traffic())
@laws
def test_who_left_is_not_in_a_later_batch(case):
    log = play(case)
    gone = {id(e.ticket): e.at for e in log.ended if e.state == "left"}
    for now, batch, _, _ in log.batches:
        assert all(now <= gone.get(id(t), now) for t in batch)


def overload(times, *, seed=0, seconds=0.5):
    """Poisson traffic at ``times`` the capacity of a model of 1 ms + 0.05 ms a row, noisy, now and then preempted."""
    fixed, each = 0.001, 0.00005
    cap = (SLO / 2 - fixed) / each
    capacity = cap / (SLO / 2)
    rng = np.random.default_rng(seed)
    at = rng.exponential(1 / (times * capacity), int(2 * times * capacity * seconds)).cumsum()

    def service(rows):
        return (fixed + each * rows) * rng.lognormal(0, 0.1) * (5 if rng.random() < 0.01 else 1)

    return [(float(t), 1) for t in at[at < seconds]], service, int(cap), capacity


@pytest.mark.parametrize(("times", "seeds"), [(1.5, 5), (10, 2)])
def test_overloaded_it_keeps_its_goodput_where_fixed_batches_collapse(times, seeds):
    ours, theirs = [], []
    for seed in range(seeds):
        arrivals, service, cap, capacity = overload(times, seed=seed)
        ours.append(simulate(Batcher(SLO, CostModel()), arrivals, service).goodput(0.5) / capacity)
        theirs.append(simulate(naive.FixedBatcher(SLO, cap), arrivals, service).goodput(0.5) / capacity)
    assert np.mean(ours) >= 0.9
    assert np.mean(theirs) <= 0.1


@pytest.mark.parametrize("seed", range(4))
def test_a_cold_start_does_not_fall_into_small_batches(seed):
    # With seed 0, preempted first batches of their size once kept all batches small: goodput 0.15.
    arrivals, service, _, capacity = overload(0.8, seed=seed)
    assert simulate(Batcher(SLO, CostModel()), arrivals, service).goodput(0.5) >= 0.8 * 0.8 * capacity


def test_with_room_to_spare_nothing_is_shed():
    arrivals, _, _, _ = overload(0.3)
    log = simulate(Batcher(SLO, CostModel()), arrivals, lambda rows: 0.001 + 0.00005 * rows)
    assert {e.state for e in log.ended} == {"answered"}


def test_a_wrong_estimate_does_not_lock_anyone_out():
    cost = CostModel()
    for _ in range(31):
        cost.observe(1, 1.0)  # believes that a row takes a second
    arrivals = [(i * 0.02, 1) for i in range(40)]
    log = simulate(Batcher(SLO, cost), arrivals, lambda rows: 0.001)
    assert {e.state for e in log.ended} == {"answered"}
    assert cost.predict(1) == 0.001


def test_where_one_row_takes_more_than_half_the_slo_the_freshest_are_served():
    cost = CostModel()
    for n in (1, 10, 100):
        cost.observe(n, 0.006 + 0.00001 * n)
    arrivals = [(i * 0.001, 1) for i in range(400)]
    log = simulate(Batcher(SLO, cost), arrivals, lambda rows: 0.006 + 0.00001 * rows)
    assert sum(e.state == "answered" for e in log.ended) > 0.5 * len(arrivals)


def test_an_answer_that_comes_after_its_deadline_is_late_not_answered():
    """The law without a simulator that expires requests first."""
    batcher = Batcher(0.010, CostModel())
    ticket = batcher.offer("a", 1, now=0.0)
    assert batcher.take(now=0.0) == ([ticket], [])
    assert batcher.finish(now=0.011) == ([], [ticket])
    assert ticket.state == "late"
