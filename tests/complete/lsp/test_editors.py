"""The set-ups that the page of editors shows, in the real Neovim and Emacs of this machine."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from tests.complete.lsp.clients import WORDS

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


def answers(folder: Path, server: tuple[str, ...], editor: list[str]) -> dict:
    """Run an editor in a folder with a file and a project; ``server`` is what it finds as learnsys."""
    shim = folder / "bin" / "learnsys"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {" ".join(server)} "$@"\n')
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

    def test_a_real_neovim_completes(tmp_path):
        (tmp_path / "init.lua").write_text(set_up(NEOVIM))
        drive = [
            NEOVIM,
            "--headless",
            "-n",
            "-u",
            "init.lua",
            "app.js",
            "-c",
            f"luafile {HERE / 'neovim.lua'}",
            "-c",
            "cquit",
        ]
        assert answers(tmp_path, WORDS, drive) == {
            "name": "learnsys",
            "typed": ["total", "tower"],
            "after_a_pair": ["total", "tower"],
            "edited": ["tower", "total"],
            "saved": ["tower", "total"],
        }


if EGLOT:

    def test_a_real_emacs_completes(tmp_path):
        (tmp_path / "init.el").write_text(fences("elisp")[0])
        drive = [EMACS, "-q", "--batch", "-l", "init.el", "-l", str(HERE / "emacs.el")]
        both = ["total", "tower"]
        assert answers(tmp_path, WORDS, drive) == {"typed": both, "after_a_pair": both}


def test_all_set_ups_start_the_same_command():
    [helix] = fences("toml")
    server = tomllib.loads(helix)["language-server"]["learnsys"]
    assert [server["command"], *server["args"]] == ["learnsys", "complete", "lsp"]
    assert all('"learnsys", "complete", "lsp"' in lua for lua in fences("lua"))
    assert '"learnsys" "complete" "lsp"' in fences("elisp")[0]
