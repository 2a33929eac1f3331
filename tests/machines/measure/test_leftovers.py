"""What a killed supervisor left is found by its note, and nothing else is touched."""

import os
import subprocess

import pytest
from tests.machines.measure import hosts

from learnsys.core.errors import BadFile
from learnsys.machines.measure import leftovers
from learnsys.machines.measure.run import measure


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers.tempfile, "gettempdir", lambda: str(tmp_path))
    return leftovers.folder()


def test_a_note_of_the_living_is_left_alone(folder):
    path = leftovers.note(folder, leftovers.mark(os.getpid()), [])
    assert leftovers.sweep(folder) == []
    assert os.path.exists(path)


def test_a_note_of_the_dead_is_carried_out(folder):
    run = f"{os.getpid()}-1"  # our number, but of a process that began at another time
    leftovers.note(folder, run, ["/no/such/group/learnsys-" + run])
    with subprocess.Popen(["sleep", "77"], env={**os.environ, leftovers.MARK: run}) as job:
        assert leftovers.sweep(folder) == [run]
        assert job.wait(5) == -9
    assert os.listdir(folder) == []


def test_only_groups_of_that_run_are_removed(folder, tmp_path):
    other = tmp_path / "other-group"
    other.mkdir()
    leftovers.note(folder, "1-1", [str(other)])
    assert leftovers.sweep(folder) == ["1-1"]
    assert other.is_dir()


def test_files_that_are_no_notes_are_left_alone(folder):
    with open(os.path.join(folder, "hello"), "w"):
        pass
    assert leftovers.sweep(folder) == []
    assert os.listdir(folder) == ["hello"]


def test_notes_of_another_user_are_not_obeyed(folder, monkeypatch):
    monkeypatch.setattr(leftovers.os, "getuid", lambda: 12345)
    os.rename(folder, folder.replace(f"-{os.geteuid()}", "-12345"))
    with pytest.raises(PermissionError):
        leftovers.folder()


def test_no_test_left_anything():
    assert hosts.sleepers() == set()


def test_a_folder_of_another_user_is_refused(folder, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    os.symlink(folder, f"{os.path.dirname(folder)}/learnsys-runs-4321")
    with pytest.raises(PermissionError, match="another user"):
        leftovers.folder()
    with pytest.raises(BadFile, match=r"another user.*TMPDIR"):
        measure(["true"])
