"""Looks come quickly at first, then seldom, and cost less than a hundredth of a core."""

import os
import subprocess
import sys
import time

from learnsys.machines.measure.sampler import FIRST_S, FREE, LONGEST_S, SHARE, Sampler


def pauses(sampler, age, cost, looks):
    sampler.begin(time.monotonic() - age)
    sampler.cost_s = cost
    sampler.looks = [{}] * looks
    return sampler.next_look() - time.monotonic()


def test_the_pause_grows_with_the_age():
    sampler = Sampler(None, ())
    first, later, late, very_late = (pauses(sampler, age, 0.0, 99) for age in (0.0, 1.0, 60.0, 36000.0))
    assert abs(first - FIRST_S) < 0.005
    assert abs(later - 0.1) < 0.02
    assert abs(late - LONGEST_S) < 0.02
    assert very_late > LONGEST_S


def test_costly_looks_wait_until_they_are_affordable():
    sampler = Sampler(None, ())
    assert pauses(sampler, 0.1, 0.05, FREE) < 0.02
    assert pauses(sampler, 0.1, 0.05, FREE + 1) < 0.02, "the first looks are free"
    assert abs(pauses(sampler, 0.1, 0.1, FREE + 1) - (0.05 / SHARE - 0.1)) < 0.02


def test_what_ended_processes_did_stays_in_the_sums():
    sampler = Sampler(None, ())
    program = "import os; b = bytearray(20_000_000); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as child:
        child.stdout.readline()
        during = sampler.look()
        child.communicate("\n")
    after = sampler.look()
    assert during["rss_largest"] > 20e6
    assert during["procs"] >= 1
    assert after["faults_minor"] >= during["faults_minor"] > 1000
    assert after["t"] > during["t"]
    assert os.getpid() not in sampler._seen
