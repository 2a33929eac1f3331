"""The page docs/cli.md, made from the help of every command: ``python -m tests.house.cli_help`` writes it."""

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = (
    ("data", "list"), ("data", "describe"),
    ("machines", "fingerprint"), ("machines", "show"), ("machines", "add"), ("machines", "import"),
    ("machines", "rank"), ("machines", "next"), ("machines", "references"), ("machines", "explain"),
    ("machines", "clusters"),
    ("machines", "data", "list"), ("machines", "data", "add"), ("machines", "data", "show"), ("machines", "lab"),
    ("machines", "spot", "describe"), ("machines", "spot", "advise"), ("machines", "spot", "simulate"),
    ("series", "describe"), ("series", "xcov"), ("series", "leadlag"), ("series", "psd"), ("series", "coherence"),
    ("series", "var"), ("series", "forecast"), ("series", "partial"), ("series", "merge"), ("series", "explain"),
    ("series", "watch"), ("series", "simulate"),
    ("complete", "suggest"), ("complete", "evaluate"), ("complete", "names"), ("complete", "train"),
    ("complete", "lsp"), ("complete", "unusual"), ("complete", "generate"),
    ("complete", "train-names"), ("complete", "style"), ("complete", "train-spaces"),
    ("complete", "corpus", "build"), ("complete", "corpus", "list"),
    ("convex", "solve"), ("convex", "evaluate"),
    ("plan", "profile"), ("plan", "choose"), ("plan", "validate"),
    ("serve", "run"), ("serve", "load"),
    ("tour",),
)  # fmt: skip


def help_of(command: tuple[str, ...]) -> str:
    """What ``learnsys COMMAND --help`` prints on a terminal of 100 columns."""
    done = subprocess.run(
        [sys.executable, "-m", "learnsys", *command, "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def page() -> str:
    """Compose the page."""
    parts = ["# Commands\n\nMade from the program's own help; a test keeps it so.\n"]
    parts += [f"## learnsys {' '.join(c)}\n\n```text\n{help_of(c)}\n```\n" for c in COMMANDS]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
