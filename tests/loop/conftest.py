"""One quick tour, taken as a user takes it, for all tests of the loop."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Taken:
    """A tour that was taken: its folder, its exit code and what it printed."""

    out: Path
    returncode: int
    stderr: str
    result: dict


def take(folder: Path) -> Taken:
    """Run ``learnsys tour --quick`` in ``folder``."""
    command = [sys.executable, "-m", "learnsys", "tour", "--quick", "--out", "out", "--json"]
    home = {**os.environ, "LEARNSYS_HOME": str(folder / "home")}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=home)
    envelope = json.loads(done.stdout) if done.returncode == 0 else {}
    return Taken(folder / "out", done.returncode, done.stderr, envelope.get("result", {}))


@pytest.fixture(scope="session")
def tour(tmp_path_factory) -> Taken:
    """The first tour."""
    return take(tmp_path_factory.mktemp("tour"))


@pytest.fixture(scope="session")
def again(tmp_path_factory) -> Taken:
    """A second tour, taken apart from the first."""
    return take(tmp_path_factory.mktemp("again"))
