"""Killed, stopped or interrupted at any point: nothing of a run is left behind. With real signals."""

import os
import signal
import subprocess
import tempfile

import pytest
from tests.machines.measure import hosts

from learnsys.machines.measure import proc
from learnsys.machines.measure.run import measure

MEASURE = """
import sys
from learnsys.core.command import end_on_sigterm
from learnsys.machines.measure.run import measure
end_on_sigterm()
run = measure(["sh", "-c", sys.argv[1]], weak=sys.argv[2] == "True", quiet=False)
print(run.outcome, run.exit_code)
"""


@pytest.fixture(autouse=True)
def notes(tmp_path, monkeypatch):
    """Keep the notes of these runs apart from those of others who measure on this host."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def supervisor_of(caller):
    (supervisor,) = {pid for pid, parent in proc.parents().items() if parent == caller.pid}
    return supervisor


@pytest.fixture(params=hosts.WAYS, ids=lambda weak: "weak" if weak else hosts.ISOLATION)
def running(request, notes):
    """A measurement of a job with four sleepers: the measuring process and its supervisor."""
    with hosts.start(MEASURE, hosts.TREE, str(request.param), stderr=subprocess.PIPE) as caller:
        hosts.soon(lambda: len(hosts.sleepers()) == 4)
        supervisor = supervisor_of(caller)
        assert request.param or hosts.groups(supervisor)
        yield caller, supervisor
        caller.kill()


def test_a_killed_caller_leaves_nothing(running):
    caller, supervisor = running
    caller.kill()
    hosts.soon(lambda: not hosts.left(supervisor))


def test_a_killed_supervisor_leaves_nothing_and_is_reported(running):
    caller, supervisor = running
    os.kill(supervisor, signal.SIGKILL)
    assert "the measurement itself was killed" in caller.communicate(timeout=20)[1]
    assert not hosts.left(supervisor)


def test_both_killed_leave_nothing_after_the_next_start(running):
    caller, supervisor = running
    os.kill(supervisor, signal.SIGSTOP)  # so that it does not notice the end of its caller
    caller.kill()
    os.kill(supervisor, signal.SIGKILL)
    hosts.soon(lambda: proc.start_time(supervisor) == 0)
    measure(["true"])
    hosts.soon(lambda: not hosts.left(supervisor))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)])
def test_signals_end_job_and_caller(running, number, code):
    caller, supervisor = running
    caller.send_signal(number)
    assert caller.wait(20) == code
    assert not hosts.left(supervisor)


def test_a_terminated_supervisor_clears_away(running):
    caller, supervisor = running
    os.kill(supervisor, signal.SIGTERM)
    caller.wait(20)
    assert not hosts.left(supervisor)


STUBBORN = f"trap 'echo caught' TERM; {hosts.SLEEP} & while :; do wait; done"


def test_a_job_that_ignores_signals_is_killed_by_the_third():
    with hosts.start(MEASURE, STUBBORN, "False", stdout=subprocess.PIPE) as caller:
        hosts.soon(lambda: len(hosts.sleepers()) == 1)
        supervisor = supervisor_of(caller)
        for times in range(1, 4):
            caller.send_signal(signal.SIGTERM)
            if times < 3:
                assert caller.stdout.readline() == "caught\n"
        assert caller.wait(20) == 143
    assert not hosts.left(supervisor)
