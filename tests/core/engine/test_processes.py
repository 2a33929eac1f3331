"""Processes come, serve, and leave nothing behind, whoever dies first."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest
from tests.core.engine.workers import Descent, Number, scaled, shards

from learnsys.core.engine import local
from learnsys.core.engine.hosts import HostLost
from learnsys.core.engine.processes import PipeHost
from learnsys.core.errors import Incompatible

ROOT = Path(__file__).parents[3]


def run_script(text, **kwargs):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], cwd=ROOT, text=True, **kwargs)


def children():
    """Direct ones: those of a Ray that other tests use come and go below its daemons."""
    return {process.pid for process in psutil.Process().children()}


def wait_until_gone(pids, patience_s=10.0):
    until = time.monotonic() + patience_s
    while (alive := [pid for pid in pids if psutil.pid_exists(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    return alive


def test_nothing_is_left_after_close():
    before = children()
    with local(2, "processes") as engine:
        assert children() == before, "no process before it is needed"
        pids = engine.workers(Descent, shards(3)).call("pid")
        assert children() - before == set(pids)
    assert children() == before
    engine.close()


def test_nothing_is_left_after_an_error_or_a_death():
    before = children()
    with pytest.raises(ValueError, match="above"), local(2, "processes") as engine:
        engine.workers(Number, [1, 2]).call("refuse", 0)
    assert children() == before
    with local(1, "processes") as engine:
        (pid,) = engine.workers(Descent, shards(1)).call("pid")
        os.kill(pid, signal.SIGKILL)
    assert children() == before


def test_a_busy_process_is_killed_by_close():
    before = children()
    engine = local(1, "processes")
    group = engine.workers(Descent, shards(1))
    here = threading.get_ident()
    threading.Timer(0.5, lambda: signal.pthread_kill(here, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt), engine:
        group.call("nap", 15.0)
    assert children() == before


def test_processes_end_when_their_driver_is_killed():
    driver = run_script(
        """
        import time
        from learnsys.core.engine import local
        from tests.core.engine.workers import Descent, shards
        engine = local(2, "processes")
        print(*engine.workers(Descent, shards(2)).call("pid"), flush=True)
        time.sleep(60)
        """,
        stdout=subprocess.PIPE,
    )
    with driver:
        pids = [int(pid) for pid in driver.stdout.readline().split()]
        assert len(set(pids)) == 2
        driver.kill()
    assert wait_until_gone(pids) == []


def test_a_script_needs_no_guard_and_its_own_functions_are_refused():
    done = run_script(
        """
        from learnsys.core.engine import local
        from learnsys.core.errors import Incompatible
        from tests.core.engine.workers import Number, scaled
        def mine(item): return item
        with local(2, "processes") as engine:
            print(engine.map(scaled, [1, 2], engine.put(2)))
            for use in (lambda: engine.map(mine, [1]), lambda: engine.workers(Number, [mine])):
                try:
                    use()
                except Incompatible as error:
                    print(error)
        """,
        stdout=subprocess.PIPE,
    )
    results, *errors = done.communicate(timeout=60)[0].splitlines()
    assert results == "[2, 4]"
    assert errors == 2 * [
        "mine is defined in the script that runs, which processes cannot import; "
        "move it to a module, or use kind='threads'"
    ]


def test_what_a_worker_prints_stays_off_stdout(capfd):
    with local(1, "processes") as engine:
        engine.map(print, ["from a worker"])
    out, err = capfd.readouterr()
    assert (out, err) == ("", "from a worker\n")


def test_a_death_is_told_with_its_cause():
    host = PipeHost()
    host.start()
    host.send("build", 1, PipeHost.pack(Number), PipeHost.pack([1]), [])
    host.receive()
    host.send("call", 1, "die", PipeHost.pack(()))
    with pytest.raises(HostLost, match=r"process \d+ got signal 9"):
        host.receive()
    host.stop()


def test_pickles_refuse_what_is_in_main(monkeypatch):
    monkeypatch.setattr(scaled, "__module__", "__main__")
    with pytest.raises(Incompatible, match="scaled is defined in the script"):
        PipeHost.pack({"deep": [scaled]})
