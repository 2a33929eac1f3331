"""A home of its own for every test, and the shared data where it is."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep what is registered and downloaded away from the user's own."""
    monkeypatch.setenv("LEARNSYS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def shared():
    """Find the shared data, or skip."""
    folder = Path(os.environ.get("LEARNSYS_DATA") or Path(__file__).parents[4] / "shared" / "data")
    if not (folder / "lumos_runs.parquet").exists():
        pytest.skip(f"no data at {folder}")
    return folder
