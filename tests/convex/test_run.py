import time

import numpy as np
import pytest
from tests.convex.strategies import make

from learnsys.convex.run import PATIENCE, Clock, Run, merge
from learnsys.core.recorder import Recorder
from learnsys.core.trace import Stop, Target


class Pair:
    """Two workers that answer at once."""

    def reduce(self, method, *args, op):
        return op((np.array([1.0, 2.0]), (0.1,)), (np.array([10.0, 20.0]), (0.3,)))


def run_with(**stop):
    return Run(make("squared").problem, Pair(), Recorder("toy"), Stop(**stop))


def test_messages_add_up_and_keep_the_seconds_of_each():
    sums, seconds = merge((np.array([1.0]), (0.1, 0.2)), (np.array([2.0]), (0.3,)))
    assert sums.tolist() == [3.0]
    assert seconds == (0.1, 0.2, 0.3)


def test_a_clock_counts_the_work_of_its_thread_and_not_its_sleep():
    clock = Clock()
    time.sleep(0.05)
    sums, (seconds,) = clock.message(1.0, np.array([2.0, 3.0]))
    assert sums.tolist() == [1.0, 2.0, 3.0]
    assert 0 <= seconds < 0.05


def test_part_seconds_add_up_over_a_round_and_start_again():
    run = run_with()
    run.ask("a")
    run.ask("b")
    run.evaluate("c")
    run.note(1.0)
    run.note(0.5)
    assert run.recorder.steps[0].part_s == pytest.approx((0.2, 0.6))
    assert run.recorder.steps[1].part_s == ()


def test_reasons_to_end():
    assert run_with(rounds=1).note(1.0) is None
    assert run_with(target=Target.parse("loss=1")).note(1.0) == "target"
    assert run_with(target=Target.parse("0.1")).note(1.05, 1.0) == "target"
    assert run_with(wall_s=0.0).note(1.0) == "time"
    assert run_with().note(float("nan")) == "diverged"
    asked = Run(make("squared").problem, Pair(), Recorder("toy", on_step=lambda s: True), Stop())
    assert asked.note(1.0) == "interrupted"


def test_a_run_without_progress_ends():
    run = run_with()
    assert [run.note(1.0, 0.5) for _ in range(PATIENCE + 1)] == [None] * PATIENCE + ["rounds"]
    run = run_with()
    assert [run.note(1.0, 0.5 + 1e-9 * i) for i in range(2 * PATIENCE)] == [None] * 2 * PATIENCE, "the bound moves"
    run = run_with()
    assert [run.note(1.0, patience=2) for _ in range(3)] == [None, None, "rounds"]


@pytest.mark.parametrize(("target", "gap"), [("gap=1e-3", 1e-3), ("loss=0.5", 0.0), (None, 0.0)])
def test_the_gap_that_is_aimed_at(target, gap):
    assert run_with(target=target and Target.parse(target)).aim(2.0) == gap


def test_a_relative_target_is_met_by_the_gap_that_is_aimed_at():
    run = run_with(target=Target.parse("1e-3"))
    assert run.note(2.0, 2.0 - run.aim(2.0) * (1 - 1e-12)) == "target"
