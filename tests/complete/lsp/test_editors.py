"""The set-ups that the page of editors shows, in the real Neovim and Emacs of this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.complete.lsp.clients import WORDS
from tests.complete.runtime.models import saved_model

PAGE = (Path(__file__).parents[3] / "docs" / "rooms" / "complete-editors.md").read_text()
HERE = Path(__file__).parent
NEOVIM = shutil.which("nvim")
EMACS = shutil.which("emacs")
EGLOT = (
    EMACS
    and subprocess.run([EMACS, "-q", "--batch", "--eval", "(require 'eglot)"], capture_output=True).returncode == 0
)


def fences(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def set_up(nvim: str) -> str:
    """Return the page's set-up for the version of a Neovim."""
    told = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.search(r"v(\d+)\.(\d+)", told).groups()))
    new, old = fences("lua")
    return new if version >= (0, 11) else old


def answers(folder: Path, editor: list[str], server: Sequence[str] = WORDS, more: Sequence[str] = ()) -> dict:
    """Run an editor in a folder with a file and a project; learnsys is ``server``, told ``more`` than it is by it."""
    shim = folder / "bin" / "learnsys"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {" ".join(server)} "$@" {" ".join(more)}\n')
    shim.chmod(0o755)
    (folder / "app.js").write_text("let total = 1;\nlet tower = total;\n")
    (folder / "package.json").write_text("{}")
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    environment = {
        **os.environ,
        "PATH": f"{shim.parent}:{os.environ['PATH']}",
        "ANSWERS": str(folder / "answers.json"),
        **{name: str(folder / name) for name in homes},
    }
    done = subprocess.run(editor, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "answers.json").read_text())


if NEOVIM:  # `make test` installs one where it may

    def neovim(folder: Path) -> list[str]:
        (folder / "init.lua").write_text(set_up(NEOVIM))
        script = f"luafile {HERE / 'neovim.lua'}"
        return [NEOVIM, "--headless", "-n", "-u", "init.lua", "app.js", "-c", script, "-c", "cquit"]

    def test_a_real_neovim_completes(tmp_path):
        assert answers(tmp_path, neovim(tmp_path)) == {
            "name": "learnsys",
            "typed": ["total", "tower"],
            "after_a_pair": ["total", "tower"],
            "edited": ["tower", "total"],
            "saved": ["tower", "total"],
        }

    def test_a_real_neovim_completes_with_models(tmp_path):
        saved_model(tmp_path / "js.safetensors")
        more = ("--models", str(tmp_path), "--log", str(tmp_path / "log"))
        found = answers(tmp_path, neovim(tmp_path), (sys.executable, "-m", "learnsys"), more)
        assert found.pop("name") == "learnsys"
        assert set(found) == {"typed", "after_a_pair", "edited", "saved"}
        assert all(sorted(labels) == ["total", "tower"] for labels in found.values())


if EGLOT:

    def test_a_real_emacs_completes(tmp_path):
        (tmp_path / "init.el").write_text(fences("elisp")[0])
        drive = [EMACS, "-q", "--batch", "-l", "init.el", "-l", str(HERE / "emacs.el")]
        both = ["total", "tower"]
        assert answers(tmp_path, drive) == {"typed": both, "after_a_pair": both}


def test_all_set_ups_start_the_same_command():
    [helix] = fences("toml")
    server = tomllib.loads(helix)["language-server"]["learnsys"]
    assert [server["command"], *server["args"]] == ["learnsys", "complete", "lsp"]
    assert all('"learnsys", "complete", "lsp"' in lua for lua in fences("lua"))
    assert '"learnsys" "complete" "lsp"' in fences("elisp")[0]
