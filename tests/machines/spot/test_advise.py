import msgspec
import numpy as np
import pytest
from tests.machines.spot.strategies import make_pool
from tests.machines.spot.test_chain import alternating

from learnsys.core.errors import InputError, UnknownName
from learnsys.machines.spot.advise import advise, compare
from learnsys.machines.spot.outlook import SpotAdvice
from learnsys.machines.spot.types import SpotJob

HOUR = 3600.0
JOB = SpotJob(
    work_s=6 * HOUR, deadline_s=10 * HOUR, on_demand_usd_hour=1, spot_usd_hour=0.3, restart_s=300, checkpoint_s=60
)


@pytest.fixture(scope="module")
def pools():
    """Two zones, one with twice the life of the other."""
    rng = np.random.default_rng(0)
    return [alternating(4 * HOUR, 2 * HOUR, rng, n=60), alternating(2 * HOUR, 2 * HOUR, rng, n=60, zone="y")]


@pytest.fixture(scope="module")
def advice(pools):
    """Advice on both zones."""
    return advise(pools, JOB, windows=12)


def test_pools_are_told_apart(advice):
    long, short = advice.pools
    assert long.p_preempted < short.p_preempted
    assert long.p_low <= long.p_preempted <= long.p_high
    assert long.p_preempted == pytest.approx(1 - np.exp(-0.25), abs=0.1)
    assert long.period_s > short.period_s
    assert short.max_bid_usd_hour < long.max_bid_usd_hour < 1
    assert long.cost_usd.mean > 6 * 0.3


def test_the_recommended_policy_is_the_cheapest_and_nothing_is_late(advice):
    best = min(advice.policies, key=lambda p: p.cost_usd.mean)
    assert advice.recommended == best.policy
    assert [p.missed for p in advice.policies] == [0] * 4


def test_advice_is_kept_and_drawn(advice, tmp_path):
    kept = advice.save(tmp_path / "a.json")
    assert msgspec.json.decode(kept.read_bytes(), type=SpotAdvice) == advice
    assert "use " in advice.table().markdown()
    assert advice.save(tmp_path / "a.svg").read_text().startswith("<svg")


def test_one_run_under_each_policy_is_kept_and_drawn(pools, tmp_path):
    runs = compare(pools, JOB)
    assert [r.policy for r in runs.runs] == ["ours", "uniform", "greedy", "on-demand"]
    assert all(r.met and r.cost_usd >= runs.bound_usd for r in runs.runs)
    assert runs.save(tmp_path / "r.svg").exists()
    assert runs.runs[0].save(tmp_path / "one.svg").exists()
    assert runs.runs[0].table().rows[-1][4] == pytest.approx(0, abs=1e-4)


def test_a_policy_of_no_name_is_told_before_anything_else():
    with pytest.raises(UnknownName, match="did you mean ours"):
        compare([], JOB, policies=["our"])


def test_plenty_needs_no_cleverness():
    told = advise([make_pool([], end=100 * HOUR)], JOB, windows=3)
    assert told.recommended == "greedy"  # all spot policies cost the same: the simplest
    assert told.pools[0].p_preempted == 0
    assert told.pools[0].lifetime_s is None
    assert told.pools[0].p_deadline == 1


def test_little_history_is_said(pools):
    short = advise([make_pool([5 * HOUR], end=12 * HOUR)], JOB, windows=2)
    assert any("overlap" in note for note in short.notes)
    with pytest.raises(InputError, match="the deadline is after 10 h"):
        advise([make_pool([HOUR], end=8 * HOUR)], JOB)


def test_nonsense_is_refused(pools):
    with pytest.raises(UnknownName, match="uniform"):
        compare(pools, JOB, policies=["unifrom"])
    with pytest.raises(InputError, match="windows"):
        advise(pools, JOB, windows=0)
    with pytest.raises(InputError, match="horizon"):
        advise(pools, JOB, horizon_s=0)
    for field, said in (("work_s", "work is 0"), ("spot_usd_hour", "spot-price is 0"), ("period_s", "period is 0")):
        with pytest.raises(InputError, match=f"{said}, but must be above 0"):
            msgspec.structs.replace(JOB, **{field: 0.0})


def test_machines_of_several_types_are_not_mixed(pools):
    other = msgspec.structs.replace(pools[1], instance="w")
    for call in (advise, compare):
        with pytest.raises(InputError, match=r"2 machine types \(v, w\).*--pools '\*/v'"):
            call([pools[0], other], JOB)
