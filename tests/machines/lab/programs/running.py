"""Run every program of a module on a tiny input."""

import subprocess

import pytest

from learnsys.machines.lab.programs import PROGRAMS


def of(module):
    """Parametrise a test by the programs of ``module`` that can run here."""
    return pytest.mark.parametrize(
        "name", [n for n, p in PROGRAMS.items() if n.startswith(f"{module}.") and not p.lacks()]
    )


def run(name, folder, size=0.01):
    """Run a program in ``folder``; it must end well, say nothing and leave nothing."""
    done = subprocess.run(
        PROGRAMS[name].command(size), cwd=folder, env=None, capture_output=True, text=True, timeout=60
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert list(folder.iterdir()) == []
