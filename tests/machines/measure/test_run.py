"""One run of a command: what it did is counted, limited and told, with control groups and without."""

import os
import subprocess
import threading
import time

import pytest
from tests.machines.measure import hosts

from learnsys.core.errors import Incompatible, InputError
from learnsys.machines.measure import cgroup
from learnsys.machines.measure.run import measure
from learnsys.machines.measure.shape import Shape

SMALL = Shape(cpu=1, memory_bytes=256 << 20)
SPIN = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"
WAYS = pytest.mark.parametrize("weak", hosts.WAYS, ids=lambda weak: "weak" if weak else hosts.ISOLATION)


@WAYS
def test_cpu_time_of_the_whole_tree_is_counted(weak):
    child = SPIN.format(0.3)
    program = (
        f"import subprocess, sys\njobs = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in range(2)]\n"
    )
    run = measure(hosts.python(program + SPIN.format(0.2) + "\n[job.wait() for job in jobs]"), weak=weak)
    assert run.outcome == "ok"
    assert run.isolation == ("weak" if weak else hosts.ISOLATION)
    assert 0.8 <= run.cpu_s < 1.4
    assert run.counters["procs"][1] >= 2
    assert run.threads >= 3
    mean, _ = run.counters["cpu.cores"]
    assert mean * run.elapsed_s == pytest.approx(run.cpu_s, rel=0.3)
    assert run.counters["cpu.user_frac"][0] + run.counters["cpu.system_frac"][0] == pytest.approx(1)
    assert run.started is not None


def test_a_job_that_sleeps_is_not_hindered_without_groups_either():
    run = measure(["sleep", "0.5"], weak=True)
    assert run.counters["cpu.hindered_frac"][0] < 0.5


@WAYS
def test_memory_is_seen_with_its_peak(weak):
    program = "b = bytearray(100_000_000)\nimport time; time.sleep(0.6)\ndel b; time.sleep(0.1)"
    run = measure(hosts.python(program), shape=SMALL, weak=weak)
    assert run.outcome == "ok"
    assert 100e6 < run.peak_bytes < 130e6
    assert run.counters["mem.rss"][0] > 40e6
    assert run.machine == "host/cpu=1,mem=256MiB"


@WAYS
def test_too_much_memory_is_recorded_as_such(weak):
    run = measure(
        hosts.python("b = b'a' * 600_000_000; import time; time.sleep(20)"), shape=SMALL, weak=weak, timeout_s=15
    )
    assert run.outcome == "oom"
    assert run.elapsed_s is None
    assert 0 < run.spent_s < 15
    assert run.peak_bytes > 200e6


@WAYS
def test_a_child_that_is_killed_for_memory_makes_the_run_one_that_does_not_fit(weak):
    child = "b = b'a' * 600_000_000\nimport time; time.sleep(1)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert measure(hosts.python(program), shape=SMALL, weak=weak).outcome == "oom"


@WAYS
def test_a_timeout_ends_the_whole_tree(weak):
    run = measure(["sh", "-c", hosts.TREE], timeout_s=0.4, weak=weak)
    assert run.outcome == "timeout"
    assert run.elapsed_s is None
    assert 0.4 <= run.spent_s < 3
    assert hosts.sleepers() == set()


@WAYS
def test_what_the_command_leaves_running_is_ended(weak):
    assert measure(["sh", "-c", f"({hosts.SLEEP} &)"], weak=weak).outcome == "ok"
    assert hosts.sleepers() == set()


@pytest.mark.parametrize(("command", "code"), [("exit 3", 3), ("kill -TERM $$", -15), ("kill -KILL $$", -9)])
def test_a_failure_is_recorded_with_its_code(command, code):
    run = measure(["sh", "-c", command])
    assert (run.outcome, run.exit_code, run.elapsed_s) == ("failed", code, None)


def test_a_share_of_a_cpu_takes_its_time():
    shape = Shape(cpu=0.5, memory_bytes=256 << 20)
    if hosts.ISOLATION == "weak":
        with pytest.raises(Incompatible, match="control groups"):
            measure(["true"], shape=shape)
        return
    run = measure(hosts.python(SPIN.format(0.5)), shape=shape)
    assert run.elapsed_s > 1.6 * run.cpu_s
    assert run.throttled_s > 0.05
    assert run.counters["cpu.throttled_frac"][0] > 0.05


def test_a_share_of_a_cpu_is_refused_without_groups():
    with pytest.raises(Incompatible, match="whole CPUs"):
        measure(["true"], shape=Shape(cpu=0.5, memory_bytes=256 << 20), weak=True)


@WAYS
def test_a_job_sees_the_processors_of_its_shape(weak, tmp_path):
    with (tmp_path / "out").open("w+") as out:
        measure(hosts.python("import os; print(len(os.sched_getaffinity(0)))"), shape=SMALL, weak=weak, stdout=out)
        out.seek(0)
        assert out.read() == "1\n"


def test_more_than_there_is_is_refused():
    with pytest.raises(Incompatible, match="CPUs"):
        measure(["true"], shape=Shape(cpu=4096, memory_bytes=1 << 30))
    with pytest.raises(Incompatible, match="mem <= "):
        measure(["true"], shape=Shape(cpu=1, memory_bytes=1 << 50))


def test_a_container_gives_no_more_than_it_is_held_to(monkeypatch):
    monkeypatch.setattr(cgroup, "ceiling", lambda: cgroup.Limits(memory_bytes=128 << 20))
    assert measure(["true"]).machine.endswith("mem=128MiB")
    with pytest.raises(Incompatible, match="where 128 MiB may be used"):
        measure(["true"], shape=SMALL)


def test_too_much_memory_for_a_moment_does_not_fit_without_groups_either():
    """The memory is looked at every 20 ms: what comes and goes between is known afterwards."""
    run = measure(hosts.python("bytearray(b'a' * 50_000_000)"), shape=Shape(cpu=1, memory_bytes=32 << 20), weak=True)
    assert run.outcome == "oom"
    assert run.elapsed_s is None


@WAYS
def test_shared_memory_is_counted_once(weak):
    program = "import mmap, time; m = mmap.mmap(-1, 100_000_000); m.write(bytes(100_000_000)); time.sleep(0.3)"
    run = measure(hosts.python(program), weak=weak)
    assert 100e6 < run.counters["mem.rss"][1] < 150e6


def test_input_output_folder_and_environment_reach_the_command(tmp_path):
    (tmp_path / "in").write_text("hello ")
    with (tmp_path / "in").open() as source, (tmp_path / "out").open("w+") as out:
        run = measure(
            ["sh", "-c", "cat; pwd; echo $OURS; ls -l /proc/self/fd | wc -l"], cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "OURS": "1"}, stdin=source, stdout=out,
        )  # fmt: skip
        out.seek(0)
        text = out.read()
    assert run.outcome == "ok"
    assert text.startswith(f"hello {tmp_path}\n1\n")
    assert int(text.split()[-1]) == 5, "total, three streams and the folder itself: the job holds nothing of ours"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([], "no command"),
        (["no-such-program"], "cannot start"),
        (["/etc/passwd"], "cannot start"),
        (["/"], "cannot start"),
    ],
)
def test_a_command_that_cannot_be_started_is_refused(command, says):
    with pytest.raises(InputError, match=says) as caught:
        measure(command)
    assert caught.value.next
    assert caught.value.exit_code == 2


def test_a_script_without_its_interpreter_is_refused(tmp_path):
    script = tmp_path / "job"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(InputError, match="No such file"):
        measure([str(script)])


def test_a_relative_program_is_found_from_the_folder_it_runs_in(tmp_path):
    (tmp_path / "job").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "job").chmod(0o755)
    assert measure(["./job"], cwd=tmp_path).exit_code == 7
    with pytest.raises(InputError, match="no folder"):
        measure(["./job"], cwd=tmp_path / "absent")


def test_threads_may_measure_at_once():
    runs = []
    threads = [threading.Thread(target=lambda: runs.append(measure(["sleep", "0.2"]))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.outcome for run in runs] == ["ok"] * 3


def test_looking_is_cheap_and_a_short_job_is_seen_often():
    run = measure(hosts.python(SPIN.format(1.0)))
    assert run.counters["sampler.cores"][0] < 0.03  # 0.01 on a quiet host; the bound leaves room for a busy one
    assert run.counters["threads"][0] == pytest.approx(1, abs=0.1)


def test_a_disk_write_is_counted(tmp_path):
    program = "import os; f = open('x', 'wb'); f.write(bytes(8 << 20)); f.flush(); os.fsync(f.fileno())"
    run = measure(hosts.python(program), cwd=tmp_path)
    wrote = run.counters["disk.write_bytes_s"][0] * run.elapsed_s
    on_disk = subprocess.run(["stat", "-f", "-c", "%T", tmp_path], capture_output=True, text=True).stdout.strip()
    assert wrote == pytest.approx(0 if on_disk == "tmpfs" else 8 << 20, rel=0.1)


def test_the_time_is_that_of_the_command_alone():
    started = time.monotonic()
    run = measure(["sleep", "0.3"])
    assert 0.3 <= run.elapsed_s < time.monotonic() - started
