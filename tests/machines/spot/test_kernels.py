import numpy as np
import pytest

from learnsys.machines.spot.kernels import choices, cost_to_go, staying

PRICE, DT, START = (1.0 / 3600, 0.35 / 3600), 600.0, 300.0


def chain(up=0.2, down=0.3, bins=1, start=0.1):
    """A chain without ages."""
    return np.full(bins, up), np.full(bins, down), np.eye(bins), 0.0, np.eye(bins)[0], np.full(bins, start)


def tables(c, n_work=20, n_spare=20, lost=0.0):
    return cost_to_go(n_work, n_spare, DT, c, PRICE, START, 0.0, lost, 0.0)


def test_without_spare_time_all_is_on_demand():
    idle = tables(chain())[0]
    assert idle[:, 0, :] == pytest.approx(
        np.where(np.arange(21) > 0, np.arange(21) * DT + START, 0)[:, None] / 3600 * [1, 1]
    )


def test_capacity_that_never_goes_costs_the_spot_price():
    idle = tables(chain(up=0.0, start=0.0))[0]
    assert idle[10, 10, 0] == pytest.approx((10 * DT + START) * PRICE[1])


def test_capacity_that_never_comes_is_not_waited_for_in_vain():
    idle = tables(chain(down=0.0))[0]
    assert idle[10, :, 1] == pytest.approx(np.full(21, (10 * DT + START) * PRICE[0]))


def test_more_work_costs_more_and_more_spare_time_less():
    for table in tables(chain()):
        assert (np.diff(table, axis=0) >= -1e-12).all()
        assert (np.diff(table[1:], axis=1) <= 1e-12).all()


def test_agrees_with_rollouts_of_its_own_choices():
    """Play the policy of the tables on a chain without ages and starts: the mean cost is what the tables said."""
    c, rng, costs = chain(up=0.15, down=0.25, start=0.0), np.random.default_rng(0), []
    out = cost_to_go(8, 8, DT, c, PRICE, 1e-6, 0.0, 0.0, 0.0)
    for _ in range(3000):
        work, spare, up, on_spot, usd = 8.0, 8.0, False, False, 0.0
        while work > 1e-9:
            s = 0 if up else 1
            wait, demand, spot = choices(out, work, spare, s, DT, c, PRICE, 1e-6)
            goes = rng.random() < (0.15 if up else 0.25)
            if on_spot or (up and spot <= min(wait, demand)):
                part = 0.5 if goes else 1.0  # a preemption in the middle of a step, on average
                usd, work, on_spot = usd + part * DT * PRICE[1], work - part, not goes
            elif wait < demand:
                spare -= 1
            else:
                usd, work = usd + DT * PRICE[0], work - 1
            up = up != goes
        costs.append(usd)
    assert np.mean(costs) == pytest.approx(
        out[0, 8, 8, 1], abs=4 * np.std(costs) / np.sqrt(3000) + 0.01 * np.mean(costs)
    )


def test_staying_on_demand_is_a_step_of_it():
    c = chain()
    out = tables(c)
    told = staying(out, 5.0, 3.0, 1, DT, c, PRICE, START)
    assert told == pytest.approx(PRICE[0] * DT + 0.7 * out[1, 4, 3, 1] + 0.3 * out[1, 4, 3, 0])
