"""Control groups: real ones of whatever version this host grants, and version 2 on a fake tree of plain files."""

import os
import subprocess
import sys
import time

import pytest
from tests.machines.measure import hosts

from learnsys.machines.measure import cgroup
from learnsys.machines.measure.run import measure

SPIN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


@pytest.fixture
def group():
    made = cgroup.create(f"learnsys-test-{os.getpid()}", cgroup.Limits(cpu=0.5, memory_bytes=64 << 20))
    yield made
    if made:
        assert cgroup.remove(made)


def test_a_real_group_limits_counts_kills_and_goes(group):
    if group is None:  # this host grants none: then the fallback must say so
        assert measure(["true"]).isolation == "weak"
        return
    command = [sys.executable, "-c", SPIN + "\ntime.sleep(60)"]
    with subprocess.Popen(command, preexec_fn=lambda: cgroup.join(group)) as job:  # noqa: PLW1509  (one thread)
        assert cgroup.members(group.dirs.values()) == {job.pid}
        hosts.soon(lambda: cgroup.read_group(group)["cpu_s"] > 0.29)
        used = cgroup.read_group(group)
        assert used["throttled_s"] > 0.01, "half a CPU for a job that wants one"
        assert used["mem_anon"] > 1e6
        assert used["oom_kills"] == 0
        cgroup.kill(group.dirs.values())
        assert job.wait(5) == -9
    assert cgroup.members(group.dirs.values()) == set()


def test_removing_twice_is_fine(group):
    if group is not None:
        assert cgroup.remove(group)
        assert not any(os.path.exists(path) for path in group.dirs.values())
    assert cgroup.remove_dirs(["/no/such/group"])


def test_own_groups_are_found_below_the_roots_of_their_mounts(tmp_path):
    (tmp_path / "mountinfo").write_text(
        "20 1 0:1 / / rw - ext4 /dev/vda rw\n"
        "30 20 0:2 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:1 - cgroup cgroup rw,cpu,cpuacct\n"
        "31 20 0:3 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "32 20 0:4 / /sys/fs/cgroup/with\\040space rw - cgroup2 cgroup rw\n"
    )
    (tmp_path / "cgroup").write_text("3:cpu,cpuacct:/job\n2:memory:/docker/abc/job\n0::/user.slice\n")
    assert cgroup.own_groups(str(tmp_path / "mountinfo"), str(tmp_path / "cgroup")) == {
        "cpu": "/sys/fs/cgroup/cpu,cpuacct/job",
        "cpuacct": "/sys/fs/cgroup/cpu,cpuacct/job",
        "memory": "/sys/fs/cgroup/memory/job",
        "unified": "/sys/fs/cgroup/with space/user.slice",
    }
    assert cgroup.own_groups("/no/file", "/no/file") == {}


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A FAKE version 2 tree of plain files: a slice that hands cpu and memory on, with our busy scope in it."""
    scope = tmp_path / "user.slice" / "our.scope"
    scope.mkdir(parents=True)
    for path, handed in ((tmp_path, "cpu memory pids"), (scope.parent, "cpu memory cpuset"), (scope, "")):
        (path / "cgroup.procs").write_text("")
        (path / "cgroup.controllers").write_text("pids")
        (path / "cgroup.subtree_control").write_text(handed)
    monkeypatch.setattr(cgroup, "KILL_S", 0.05)
    return scope


LIMITS = cgroup.Limits(cpu=0.5, memory_bytes=1 << 30, cpus=(0, 2))


def test_version_2_makes_its_group_where_controllers_are_handed_on(fake):
    made = cgroup.create("learnsys-1", LIMITS, {"unified": str(fake)})
    assert made.version == 2
    path = fake.parent / "learnsys-1"
    assert made.dirs == {"unified": str(path)}
    assert str(path) in cgroup.candidates("learnsys-1", {"unified": str(fake)})
    assert {name: (path / name).read_text() for name in os.listdir(path)} == {
        "cpu.weight": "10000", "cpu.max": "50000 100000", "cpuset.cpus": "0,2", "memory.max": str(1 << 30),
        "memory.swap.max": "0",
    }  # fmt: skip
    cgroup.join(made)
    assert (path / "cgroup.procs").read_text() == "0"
    assert cgroup.members([str(path)]) == set(), "0 is no process to kill"


def test_version_2_gives_whole_cpus_without_a_quota(fake):
    made = cgroup.create("learnsys-2", LIMITS._replace(cpu=2), {"unified": str(fake)})
    assert not (fake.parent / "learnsys-2" / "cpu.max").exists()
    assert made is not None


def test_version_2_without_the_right_to_hand_on_makes_nothing(fake):
    for path in (fake.parent, fake.parent.parent):
        (path / "cgroup.subtree_control").write_text("pids")
    assert cgroup.create("learnsys-3", LIMITS, {"unified": str(fake)}) is None
    assert cgroup.create("learnsys-3", LIMITS, {}) is None


def test_version_2_is_read_as_version_1_is(fake):
    made = cgroup.create("learnsys-4", LIMITS, {"unified": str(fake)})
    path = fake.parent / "learnsys-4"
    for name, text in {
        "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\nnr_periods 9\nthrottled_usec 250000\n",
        "memory.stat": "anon 100\nfile 50\nshmem 7\nfile_mapped 8\ninactive_file 30\n",
        "memory.current": "180\n",
        "memory.peak": "200\n",
        "memory.events": "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n",
        "cpu.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=120000\nfull avg10=0.00 total=1\n",
    }.items():
        (path / name).write_text(text)
    assert cgroup.read_group(made) == {
        "cpu_s": 1.5, "user_s": 1.0, "system_s": 0.5, "throttled_s": 0.25, "mem_anon": 100.0, "mem_shmem": 7.0,
        "mem_mapped": 8.0, "mem_inactive_file": 30.0, "mem_usage": 180.0, "mem_most": 200.0, "oom_kills": 1.0,
        "psi_cpu_s": 0.12,
    }  # fmt: skip


def test_version_1_is_undone_where_a_controller_is_closed(tmp_path):
    own = {"cpu": str(tmp_path / "cpu"), "memory": str(tmp_path / "no" / "memory")}
    (tmp_path / "cpu").mkdir()
    started = time.monotonic()
    assert cgroup.create("learnsys-5", LIMITS, own) is None
    assert os.listdir(tmp_path / "cpu") == []
    assert time.monotonic() - started < cgroup.KILL_S


def test_version_1_counts_cpu_time_where_two_controllers_share_a_directory(tmp_path):
    own = {name: str(tmp_path / folder) for name, folder in
           (("cpu", "cpu,cpuacct"), ("cpuacct", "cpu,cpuacct"), ("memory", "memory"))}  # fmt: skip
    for path in set(own.values()):
        os.mkdir(path)
    made = cgroup.create("learnsys-6", LIMITS, own)
    assert made.dirs == {name: f"{path}/learnsys-6" for name, path in own.items()}


def test_a_container_tells_what_it_is_held_to(tmp_path):
    for path, files in {
        "cpu": {"cpu.cfs_quota_us": "400000", "cpu.cfs_period_us": "100000"},
        "cpu/job": {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"},
        "memory": {"memory.limit_in_bytes": "5000"},
        "memory/job": {"memory.limit_in_bytes": "9000"},
        "unified": {"cpu.max": "50000 100000", "memory.max": "max"},
        "unified/job": {"cpu.max": "max 100000", "memory.max": "7000"},
    }.items():
        (tmp_path / path).mkdir()
        for name, text in {"cgroup.procs": "", **files}.items():
            (tmp_path / path / name).write_text(text)
    own = {name: str(tmp_path / name / "job") for name in ("cpu", "memory", "unified")}
    unified = own.pop("unified")
    assert cgroup.ceiling(own) == cgroup.Limits(cpu=4.0, memory_bytes=5000)
    assert cgroup.ceiling({"unified": unified}) == cgroup.Limits(cpu=0.5, memory_bytes=7000)
    assert cgroup.ceiling({}) == cgroup.Limits()
