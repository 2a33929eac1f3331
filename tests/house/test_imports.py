"""Who may import whom, and what an import may cost."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("numba", "sklearn", "polars", "pandas", "pyarrow", "altair", "vl_convert", "ray", "torch", "uvicorn")
LIGHT = {
    "learnsys": (*HEAVY, "numpy", "scipy", "msgspec", "rich"),
    "learnsys.cli": HEAVY,
    "learnsys.core.trace": HEAVY,
    "learnsys.complete": (*HEAVY, "tree_sitter", "safetensors", "pygls", "datasketch"),
}


@pytest.mark.parametrize("module", LIGHT)
def test_an_import_brings_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted({set(LIGHT[module])!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_rooms_are_lazy_attributes():
    code = "import learnsys; learnsys.core; learnsys.convexx"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "its rooms are" in done.stderr


def test_the_import_rule_holds():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
