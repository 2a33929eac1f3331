import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.plan.simulated import Method, SimulatedJob, linear
from tests.plan.strategies import quick

from learnsys.core.errors import Incompatible
from learnsys.core.trace import Network, Stop
from learnsys.plan.clock import Clock

LAW = Method(linear(0.3), fixed_s=0.01, row_s=1e-6, first_s=0.2)
JOB = SimulatedJob(laws={"m": LAW}, n=1_000_000)


def probes(**probe):
    return JOB.probes(share=0.1, rounds=8, **probe) + JOB.probes(share=0.02, rounds=8, workers=(1, 4), **probe)


@pytest.mark.parametrize("p", [1, 2, 4, 8])
def test_measured_rounds_carry_over_to_all_rows(p):
    clock = Clock.measured(probes(), slots=2)
    assert clock.round_s(p, JOB.n) == pytest.approx(LAW.round_s(p, JOB.n, 2), rel=0.05)
    assert clock.first_s(p, JOB.n) == pytest.approx(0.2 + LAW.round_s(p, JOB.n, 2), rel=0.1)
    assert clock.source == "measured"


@pytest.mark.parametrize("p", [1, 4, 16])
def test_a_cluster_has_a_slot_for_every_worker(p):
    clock = Clock.cluster(probes(), slots=None, network=None)
    assert clock.round_s(p, JOB.n) == pytest.approx(0.01 + 1e-6 * JOB.n / p, rel=0.1)
    assert clock.source == "simulated cluster"


def test_a_network_adds_its_seconds_to_every_round_of_more_than_one_worker():
    network = Network(latency_s=0.5, bytes_s=800.0, source="slow")
    bare, wired = (Clock.cluster(probes(), slots=None, network=w) for w in (None, network))
    assert wired.worker_bytes == pytest.approx(800)
    assert wired.round_s(1, JOB.n) == bare.round_s(1, JOB.n)
    assert wired.round_s(4, JOB.n) == pytest.approx(bare.round_s(4, JOB.n) + 1.0 + 4.0)


@quick
@given(st.floats(0.01, 100))
def test_seconds_scale_with_the_clock(k):
    slower = [
        replace(t, steps=tuple(replace(s, wall_s=k * s.wall_s, part_s=tuple(k * x for x in s.part_s)) for s in t.steps))
        for t in probes()
    ]
    for make in (lambda t: Clock.measured(t, slots=2), lambda t: Clock.cluster(t, slots=None, network=None)):
        assert make(slower).round_s(4, JOB.n) == pytest.approx(k * make(probes()).round_s(4, JOB.n))


def test_one_pause_does_not_move_the_seconds():
    def paused(trace):
        steps = [replace(s, wall_s=s.wall_s + (5.0 if s.iteration >= 5 else 0.0)) for s in trace.steps]
        return replace(trace, steps=tuple(steps))

    traces = probes()
    clock, undisturbed = (Clock.measured(t, slots=2) for t in ([paused(traces[0]), *traces[1:]], traces))
    assert clock.round_s(1, JOB.n) == pytest.approx(undisturbed.round_s(1, JOB.n), rel=0.01)


def test_a_run_of_one_round_lets_it_stand_for_the_others():
    clock = Clock.measured(JOB.probes(rounds=1), slots=2)
    assert clock.round_s(2, JOB.n) == pytest.approx(0.2 + LAW.round_s(2, JOB.n, 2), rel=0.05)


def test_a_cluster_cannot_be_simulated_without_seconds_per_partition():
    bare = [replace(t, steps=tuple(replace(s, part_s=()) for s in t.steps)) for t in probes()]
    with pytest.raises(Incompatible, match="no seconds per partition"):
        Clock.cluster(bare, slots=None, network=None)


@pytest.mark.parametrize("cluster", [False, True])
def test_steps_that_are_several_rounds_apart_are_that_many_rounds(cluster):
    def read(traces):
        return Clock.cluster(traces, slots=None, network=None) if cluster else Clock.measured(traces, slots=2)

    every = [JOB.run("m", workers=p, stop=Stop(rounds=21))[0] for p in (1, 2, 4)]
    fifth = [replace(t, steps=(t.steps[0], *t.steps[1::5])) for t in every]
    tenth = [replace(t, steps=(t.steps[0], *t.steps[10::10])) for t in every]
    for seldom in (fifth, tenth):
        assert read(seldom).round_s(2, JOB.n) == pytest.approx(read(every).round_s(2, JOB.n))
        assert read(seldom).first_s(2, JOB.n) == pytest.approx(read(every).first_s(2, JOB.n))
