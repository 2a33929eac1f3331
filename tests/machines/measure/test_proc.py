"""What /proc says of processes that we started ourselves, against psutil as an oracle."""

import os
import subprocess
import sys
import time

import psutil
import pytest
from tests.machines.measure import hosts

from learnsys.machines.measure import proc

SLEEPER = (
    "import subprocess, sys, time; c = subprocess.Popen(['sleep', '30']); print(c.pid, flush=True); time.sleep(30)"
)


@pytest.fixture
def family():
    """A process, and the number of its child."""
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True, env={**os.environ, "OUR_MARK": "x y"}
    ) as parent:
        child = int(parent.stdout.readline())
        yield parent, child
        for pid in (child, parent.pid):
            os.kill(pid, 9)


def test_usage_agrees_with_psutil(family):
    parent, _ = family
    used, oracle = proc.usage(parent.pid), psutil.Process(parent.pid)
    assert used.parent == os.getpid()
    assert used.threads == oracle.num_threads()
    assert used.rss_bytes == pytest.approx(oracle.memory_info().rss, rel=0.2)
    assert used.user_s + used.system_s == pytest.approx(sum(oracle.cpu_times()[:2]), abs=0.05)
    assert proc.counted(parent.pid).voluntary == pytest.approx(oracle.num_ctx_switches().voluntary, abs=2)


def test_descendants_and_marks_find_the_family(family):
    parent, child = family
    assert {parent.pid, child} <= proc.descendants(os.getpid())
    assert proc.descendants(parent.pid) == {child}
    hosts.soon(lambda: proc.with_environment("OUR_MARK=x y") == {parent.pid, child})  # once it has become sleep
    assert proc.with_environment("OUR_MARK=x") == set()
    assert proc.parents()[child] == parent.pid


def test_the_dead_have_no_start():
    with subprocess.Popen(["true"]) as child:
        time.sleep(0.2)
        assert proc.usage(child.pid).dead  # nobody has asked for its end yet
        assert proc.start_time(child.pid) == 0
    assert proc.usage(child.pid) is None
    assert proc.start_time(os.getpid()) > 0


def test_the_host_agrees_with_psutil():
    cpus, oracle = proc.host(), psutil.cpu_times()
    busy = oracle.user + oracle.nice + oracle.system + oracle.irq + oracle.softirq
    assert cpus["host_busy_s"] == pytest.approx(busy, abs=1.0)
    assert cpus["cpus_busy_s"] == pytest.approx(cpus["host_busy_s"], rel=0.01, abs=0.2)
    assert proc.host([0])["cpus_busy_s"] <= cpus["host_busy_s"]


def test_pressures_are_seconds_where_the_kernel_has_them():
    assert all(value >= 0 for value in proc.pressures().values())


def test_the_least_busy_processors_are_chosen():
    before = "cpu  9 9 9\ncpu0 10 0 0 90 0 0 0 0\ncpu1 10 0 0 90 0 0 0 0\ncpu2 10 0 0 90 0 0 0 0\n"
    after = "cpu  9 9 9\ncpu0 20 0 0 90 0 0 0 0\ncpu1 10 0 0 100 0 0 0 0\ncpu2 10 0 0 95 0 0 0 5\n"
    assert proc.least_busy([0, 1, 2], 1, before, after) == (1,)
    assert proc.least_busy([0, 1, 2], 2, before, after) == (1, 2)
    assert proc.least_busy([0, 2], 2, before, after) == (0, 2)


def test_what_is_not_there_reads_as_nothing():
    assert proc.read("/proc/0/stat") == ""


def test_the_most_this_program_held_leaves_out_what_its_parent_held():
    held = "from learnsys.machines.measure import proc; print(proc.most_resident())"
    large = f"import subprocess, sys; x = b'x' * (1 << 28); subprocess.run([sys.executable, '-c', {held!r}])"
    done = subprocess.run([sys.executable, "-c", large], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 1 << 17
