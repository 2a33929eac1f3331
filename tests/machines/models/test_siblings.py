"""Surprises are spread by likeness: as loops would, most to the most alike, none where runs say nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.machines.models import naive_models as naive

from learnsys.core.machine import Machine
from learnsys.machines.models.siblings import CLIP, likeness, off_by, spread, surprise


def fleet(rng, V):
    return [
        Machine(
            key=f"{rng.choice(['a', 'b'])}/m{i}", vcpus=float(2 ** rng.integers(4)),
            memory_bytes=int(2 ** rng.integers(30, 36)), family=str(rng.choice(["x", "y"])),
        )
        for i in range(V)
    ]  # fmt: skip


@given(st.integers(0, 10**6), st.integers(1, 7), st.data())
def test_agrees_with_loops(seed, V, data):
    rng = np.random.default_rng(seed)
    R = rng.choice(V, data.draw(st.integers(1, V)), replace=False)
    machines, sd, noise, odd = fleet(rng, V), rng.random(V) + 0.01, rng.random(R.size) + 0.01, rng.normal(size=R.size)
    gain = spread(likeness(machines, R), R, sd, noise)
    assert_allclose(odd @ gain, naive.surprises_spread(machines, R, sd, noise, odd), atol=1e-6)


@given(st.integers(0, 10**6))
def test_a_sibling_learns_more_than_a_stranger_and_the_machine_itself_most(seed):
    def machine(key, vcpus, family):
        return Machine(key=key, vcpus=vcpus, memory_bytes=2**33, family=family)

    like = likeness(
        [machine("a/1", 2, "x"), machine("a/2", 4, "x"), machine("a/3", 4, "y"), machine("b/4", 4, "x")], np.array([0])
    )
    gain = spread(like, np.array([0]), np.full(4, 0.1), np.array([seed / 10**8]))[0]
    assert gain[0] > gain[1] > gain[2] > gain[3] > 0


def test_runs_that_say_nothing_move_nothing():
    rng = np.random.default_rng(0)
    gain = spread(likeness(fleet(rng, 5), np.array([1, 2])), np.array([1, 2]), np.full(5, 0.1), np.full(2, 1e9))
    assert (np.abs(gain) < 1e-9).all()


def test_a_failed_run_is_no_news():
    assert surprise(np.array([-5.0, 0.1, 5.0])).tolist() == [-CLIP, 0.1, CLIP]


def test_a_machine_where_nothing_was_left_out_is_off_as_all_are():
    residuals = np.array([[0.1, np.nan, 0.2], [np.nan, np.nan, 0.2]])
    assert_allclose(off_by(residuals, np.ones(2)), [0.1, np.sqrt((0.01 + 2 * 0.04) / 3), 0.2])


def test_a_machine_of_unknown_size_is_like_none_but_itself():
    def machine(key, vcpus, memory):
        return Machine(key=key, vcpus=vcpus, memory_bytes=memory, arch="", family="", cpu="", gpus=0)

    like = likeness([machine("a/x", 0.0, 0), machine("a/y", 0.0, 0), machine("a/z", 2.0, 1 << 30)], np.array([0, 2]))
    assert like[0].tolist() == [1.0, 0.0, 0.0]
    assert like[1].tolist() == [0.0, 0.0, 1.0]
