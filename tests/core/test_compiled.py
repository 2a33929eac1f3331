import os
import subprocess
import sys
from pathlib import Path

import learnsys
from learnsys.core.compiled import can_cache

SCRIPT = "from learnsys.core.compiled import can_cache; print(can_cache(can_cache))"


def test_where_a_folder_can_be_written_kernels_are_kept():
    assert can_cache(can_cache)


def test_where_none_can_be_written_that_is_said_and_nothing_fails(tmp_path):
    """The package is copied to where nothing can be cached beside it, and the user's own folder is no folder."""
    core = tmp_path / "learnsys" / "core"
    core.mkdir(parents=True)
    for package in (core.parent, core):
        (package / "__init__.py").touch()
    for name in ("errors.py", "compiled.py"):
        (core / name).write_text((Path(learnsys.__file__).parent / "core" / name).read_text())
    (core / "__pycache__").write_text("no folder")
    (tmp_path / "file").write_text("no folder")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "XDG_"))},
        "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": str(tmp_path / "file"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("False\n", "")
