import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from tests.machines.decide import naive

from learnsys.machines.decide.regret import Belief, Costs, believe, believe_nothing, scenarios, value


def belief(seed=0, V=5, size=0.2):
    rng = np.random.default_rng(seed)
    A = size * rng.standard_normal((V, V))
    return Belief(mu=rng.normal(3.0, 0.2, V), K=A @ A.T + 1e-4 * np.eye(V), noise=0.002)


@given(st.integers(0, 200))
def test_knowing_more_never_costs_by_more_than_luck(seed):
    b = belief(seed)
    v = value(b, Costs(rate=np.ones(5)), np.arange(5), np.random.default_rng(seed))
    assert v.least <= v.now
    assert (v.after >= v.least).all()
    assert (v.after <= v.now * 1.02).all()


@pytest.mark.parametrize("late", [{}, {"log_deadline": 3.1, "penalty": 8.0}, {"log_deadline": 2.0, "penalty": 8.0}])
def test_agrees_with_conditioning_one_scenario_at_a_time(late):
    b, costs = belief(3), Costs(rate=np.array([1.0, 1.1, 0.9, 1.2, 1.0]), **late)
    fast = value(b, costs, np.arange(5), np.random.default_rng(7))
    rng = np.random.default_rng(7)
    t = scenarios(b, rng)
    luck = np.sqrt(b.noise) * rng.standard_normal(len(t))
    slow = [naive.value_after(t, luck, b.mu, b.K, b.noise, costs, c) for c in range(5)]
    np.testing.assert_allclose(fast.after, slow, rtol=1e-10)
    now = naive.choice(b.mu, np.diag(b.K), costs)
    assert fast.choice == now
    assert fast.now == pytest.approx(np.mean([naive.paid(row[now], now, costs) for row in t]))
    assert fast.least == pytest.approx(np.mean([min(naive.paid(x, v, costs) for v, x in enumerate(row)) for row in t]))


def test_scenarios_have_the_mean_exactly_and_the_covariance_about():
    b = belief(1)
    t = scenarios(b, np.random.default_rng(0), 20000)
    np.testing.assert_allclose(t.mean(axis=0), b.mu, atol=1e-9)
    np.testing.assert_allclose(np.cov(t.T), b.K, atol=0.01)


def test_a_certain_belief_has_no_regret():
    certain = Belief(mu=np.arange(4.0), K=1e-8 * np.eye(4), noise=0.001)
    v = value(certain, Costs(rate=np.ones(4)), np.arange(4), np.random.default_rng(0))
    assert v.choice == 0
    assert v.regret == pytest.approx(0, abs=1e-6)


@given(st.integers(0, 200), st.floats(2.5, 3.5), st.floats(0.5, 0.99))
def test_the_cheapest_of_those_likely_in_time_is_chosen(seed, log_deadline, p):
    b = belief(seed)
    costs = Costs(rate=np.random.default_rng(seed).uniform(0.5, 2, 5), log_deadline=log_deadline, p=p)
    chosen = int(costs.choose(b.mu, np.diag(b.K)))
    likely = norm.cdf((log_deadline - b.mu) / np.sqrt(np.diag(b.K)))
    cost = costs.rate * np.exp(b.mu + np.diag(b.K) / 2)
    if (likely >= p).any():
        assert likely[chosen] >= p - 1e-9
        assert cost[chosen] == cost[likely >= p].min()
    else:
        assert likely[chosen] == likely.max()


def test_a_missed_deadline_costs_more():
    costs = Costs(rate=np.ones(2), log_deadline=1.0, penalty=7.0)
    np.testing.assert_allclose(costs.of(np.array([0.5, 1.5])), [np.exp(0.5), np.exp(1.5) + 7.0])


def test_a_machine_that_tells_nothing_is_worth_nothing():
    K = np.diag([0.04, 0.04, 0.04])
    v = value(
        Belief(mu=np.array([0.0, 0.02, 5.0]), K=K, noise=0.001), Costs(rate=np.ones(3)), np.array([0, 2]),
        np.random.default_rng(0),
    )  # fmt: skip
    assert v.after[0] < v.now
    assert v.after[1] == pytest.approx(v.now)


def test_errors_that_went_together_are_believed_to_go_together():
    rng = np.random.default_rng(0)
    e = rng.standard_normal((200, 1)) @ np.ones((1, 2)) + 0.1 * rng.standard_normal((200, 2))
    e = np.column_stack([e, rng.standard_normal(200), np.full(200, np.nan)])
    b = believe(np.zeros(4), np.array([0.1, 0.2, 0.1, 0.05]), e, noise=0.001)
    np.testing.assert_allclose(np.sqrt(np.diag(b.K)), [0.1, 0.2, 0.1, 0.05])
    assert b.K[0, 1] / 0.02 == pytest.approx(0.9, abs=0.02)
    assert abs(b.K[0, 2]) < 0.002
    assert not b.K[3, :3].any()
    np.linalg.cholesky(b.K)


def test_nothing_known_is_the_benchmark_itself():
    x = np.random.default_rng(0).normal(size=(50, 3))
    b = believe_nothing(x, noise=0.001)
    centred = x - x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(b.mu, centred.mean(axis=0))
    np.testing.assert_allclose(b.K, np.cov(centred.T, bias=True))
