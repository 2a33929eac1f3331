import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool

from learnsys.core.errors import UnknownName
from learnsys.machines.spot.policies import Greedy, OnDemand, UniformProgress, chooser
from learnsys.machines.spot.series import Past, track
from learnsys.machines.spot.simulate import simulate
from learnsys.machines.spot.types import SpotJob

JOB = SpotJob(work_s=7200, deadline_s=14400, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=60)


def test_on_demand_is_the_dearest_and_the_first():
    run = simulate(OnDemand(), [make_pool([60])], JOB)
    assert (run.finish_s, run.cost_usd) == (7260, pytest.approx(JOB.on_demand_cost_usd))


def test_greedy_waits_until_only_on_demand_is_left():
    run = simulate(Greedy(), [make_pool([], up=False)], JOB)
    assert run.idle_s == pytest.approx(14400 - 7200 - 120)


def test_uniform_progress_keeps_to_the_line_where_there_is_no_spot():
    run = simulate(UniformProgress(), [make_pool([], up=False)], JOB)
    for s in run.segments:
        line = JOB.work_s * (1 - s.end_s / JOB.deadline_s)
        assert abs(s.left_s - line) <= 4 * JOB.restart_s


def test_uniform_progress_keeps_spot_even_behind_the_line():
    run = simulate(UniformProgress(), [make_pool([9000])], JOB)
    assert run.segments[0].place == "z1/v"
    assert run.spot_s == pytest.approx(7260)


def test_hysteresis_stays_on_demand_until_two_changeovers_ahead():
    pool = make_pool([1000, 1200, 4000], up=True)
    run = simulate(UniformProgress(), [pool], JOB)
    back = next(s for s in run.segments if s.start_s >= 1200 and s.place == "z1/v")
    # Work done on the day it goes back to spot reaches the line two changeovers later.
    done = JOB.work_s - next(s.left_s for s in run.segments if s.end_s == back.start_s)
    assert done >= JOB.work_s / JOB.deadline_s * (back.start_s + 120) - 1e-3


def test_a_loose_deadline_waits_first():
    pool = make_pool([], up=False)
    early, late = (simulate(UniformProgress(tight=t), [pool], JOB) for t in (0.0, 0.6))
    assert early.segments[0].place == "on-demand"
    assert late.segments[0].end_s == pytest.approx(14400 - 7200 / 0.6)


@pytest.mark.parametrize(("pick", "chosen"), [("oldest", 1), ("most", 0), ("first", 0)])
def test_pools_are_picked_by_age_share_or_order(pick, chosen):
    one, two = make_pool([9000, 9500]), make_pool([6000, 9200], up=True, zone="z2")
    past = Past([track(p, 1.0, 0.3) for p in (one, two)], 10000.0)
    view = type("View", (), {"up": (True, True), "past": past})
    assert chooser(pick, past)(view) == chosen


def test_the_cheaper_pool_comes_first():
    one, two = make_pool([1], price=[0.5, 0.5]), make_pool([1], price=[0.2, 0.2], zone="z2")
    past = Past([track(p, 1.0, None) for p in (one, two)], 10.0)
    assert chooser("first", past)(type("View", (), {"up": (True, True), "past": past})) == 1


def test_an_unknown_pick_is_refused():
    with pytest.raises(UnknownName, match="oldest"):
        chooser("eldest", Past([], np.inf))
