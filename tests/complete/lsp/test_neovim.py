"""The set-up that the page of editors shows, in a real Neovim; and its other snippets as far as they can be read."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from tests.complete.lsp.editors import WORDS

PAGE = (Path(__file__).parents[3] / "docs" / "rooms" / "complete-editors.md").read_text()
DRIVE = Path(__file__).with_name("neovim.lua")
NEOVIM = shutil.which("nvim")


def fences(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def set_up(nvim: str) -> str:
    """Return the page's set-up for the version of a Neovim."""
    told = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.search(r"v(\d+)\.(\d+)", told).groups()))
    new, old = fences("lua")
    return new if version >= (0, 11) else old


def drive(nvim: str, folder: Path, command: tuple[str, ...]) -> dict:
    """Let Neovim, set up as the page says, type in a file; ``command`` is what it finds as learnsys."""
    shim = folder / "bin" / "learnsys"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n')
    shim.chmod(0o755)
    (folder / "init.lua").write_text(set_up(nvim))
    (folder / "app.js").write_text("let total = 1;\nlet tower = total;\n")
    (folder / "package.json").write_text("{}")
    environment = {
        **os.environ,
        "PATH": f"{shim.parent}:{os.environ['PATH']}",
        "ANSWERS": str(folder / "answers.json"),
        **{
            name: str(folder / name)
            for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        },
    }
    done = subprocess.run(
        [nvim, "--headless", "-n", "-u", "init.lua", "app.js", "-c", f"luafile {DRIVE}", "-c", "cquit"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "answers.json").read_text())


if NEOVIM:  # `make test` installs one where it may

    def test_a_real_neovim_completes(tmp_path):
        found = drive(NEOVIM, tmp_path, WORDS)
        assert found == {
            "name": "learnsys",
            "typed": ["total", "tower"],
            "after_a_pair": ["total", "tower"],
            "edited": ["tower", "total"],
            "saved": ["tower", "total"],
        }


def test_the_other_snippets_can_be_read():
    [helix] = fences("toml")
    server = tomllib.loads(helix)["language-server"]["learnsys"]
    assert [server["command"], *server["args"]] == ["learnsys", "complete", "lsp"]
    [emacs] = fences("elisp")
    assert emacs.count("(") == emacs.count(")")
    assert all('"learnsys", "complete", "lsp"' in lua for lua in fences("lua"))
