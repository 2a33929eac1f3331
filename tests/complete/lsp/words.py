"""A project whose suggestions are the words of the file: tests of the protocol need no model.

As a script it is a language server with such a project.
"""

import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from learnsys.complete.types import Suggestion, Suggestions
from learnsys.core.errors import InputError


class Words:
    """A file: it suggests its words that begin with what is typed, the most frequent first."""

    def __init__(self, text: str) -> None:
        self.text = text

    def edit(self, start: int, end: int, new: str) -> None:
        assert 0 <= start <= end <= len(self.text)
        self.text = self.text[:start] + new + self.text[end:]

    def suggest(self, offset: int, n: int = 5) -> Suggestions:
        assert 0 <= offset <= len(self.text)
        self._obey()
        prefix = re.search(r"\w*$", self.text[:offset]).group()
        words = re.findall(r"\w+", self.text[: offset - len(prefix)] + " " + self.text[offset:])
        fits = sorted({w for w in words if w.startswith(prefix)}, key=lambda w: (-words.count(w), w))
        found = ((w, self.text[: self.text.index(w)].count("\n") + 1) for w in fits)
        items = [Suggestion(text=w, p=words.count(w) / len(words), origin="file", line=line) for w, line in found]
        return Suggestions(items=(*items, Suggestion(text=")", p=0.0, origin="model"))[:n], prefix=prefix)

    def fragment(self, offset: int):
        line = self.text[:offset].rpartition("\n")[2]
        return SimpleNamespace(text="w(x, y);" if line.endswith("dra") else "")

    def _obey(self) -> None:
        """Be slow, or fail, where the text says so."""
        if "// slow" in self.text:
            time.sleep(0.5)
        if "// refuse" in self.text:
            raise InputError("this text is refused", next="write another")
        if "// fail" in self.text:
            raise ZeroDivisionError("the model fell over")


class Project:
    """A project that opens such files."""

    def open(self, path: Path, text: str | None = None) -> Words:
        return Words(text)


if __name__ == "__main__":
    from learnsys.complete.lsp.server import serve

    print("what a library prints is not for the editor")
    sys.exit(0 if serve(lambda path: Project()) else 1)
