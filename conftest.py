"""Every example in a docstring, in README and in docs runs as a test (sybil)."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).parent

# Threads of BLAS that wait for each other take many times the processor time of one, on small matrices: read when
# numpy is loaded, so before any test.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The default suite tries the same examples every time, so that it fails for a change and not by chance;
# HYPOTHESIS_PROFILE=search (make test-all) looks for new ones. A busy machine is no failure: examples have no deadline.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_configure(config: pytest.Config) -> None:
    """What tests keep, costs that were measured or states, is not put among what the user keeps."""
    home = TemporaryDirectory(prefix="learnsys-")
    os.environ["LEARNSYS_HOME"] = home.name
    config.add_cleanup(home.cleanup)


class ConsoleBlocks(CodeBlockParser):
    """``console`` fences: `$ learnsys ...` must succeed, `$ make ...` must name a target that exists."""

    language = "console"

    def evaluate(self, example: Example) -> None:
        for line in (line[2:] for line in str(example.parsed).splitlines() if line.startswith("$ ")):
            run_line(shlex.split(line, comments=True), example.document)


def run_line(words: list[str], document: Document) -> None:
    match words:
        case ["make", target, *_]:
            assert f"\n{target}:" in (ROOT / "Makefile").read_text(), f"no make target {target}"
        case ["learnsys", *rest]:
            cwd = document.namespace.setdefault("cwd", ROOT)
            # What examples keep is not put among what the user keeps.
            home = {**os.environ, "LEARNSYS_HOME": str(Path(cwd) / ".learnsys")}
            done = subprocess.run(
                [sys.executable, "-m", "learnsys", *rest],
                cwd=cwd,
                env=home,
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert done.returncode == 0, done.stderr
        case _:
            raise AssertionError(f"a console fence may only call learnsys or make: {shlex.join(words)}")


def in_a_folder_of_its_own(namespace: dict[str, object]) -> None:
    """Console examples of one document share a scratch folder."""
    scratch = namespace["_scratch"] = TemporaryDirectory()
    namespace["cwd"] = Path(scratch.name)


def remove_the_folder(namespace: dict[str, object]) -> None:
    namespace["_scratch"].cleanup()  # type: ignore[attr-defined]


_pages = Sybil(
    parsers=[PythonCodeBlockParser(), ConsoleBlocks()],
    patterns=["*.md"],
    setup=in_a_folder_of_its_own,
    teardown=remove_the_folder,
)
_docstrings = Sybil(path="src", parsers=[DocTestParser()], patterns=["*.py"])

pytest_collect_file = (_pages + _docstrings).pytest()
