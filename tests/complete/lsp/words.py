"""A project whose suggestions are the words of the file: tests of the protocol need no model.

As a script it is a language server with such a project.
"""

import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from learnsys.complete.names.suggest import NamedSymbol, NameSuggestions, Proposal
from learnsys.complete.types import Suggestion, Suggestions
from learnsys.core.errors import InputError, Interrupted


class Words:
    """A file: it suggests its words that begin with what is typed, the most frequent first, then its neighbours'."""

    def __init__(self, text: str, others: dict[Path, str] | None = None) -> None:
        self.text = text
        self.others = {} if others is None else others

    def edit(self, start: int, end: int, new: str) -> None:
        assert 0 <= start <= end <= len(self.text)
        self.text = self.text[:start] + new + self.text[end:]

    def suggest(self, offset: int, n: int = 5, *, cancel=None) -> Suggestions:
        assert 0 <= offset <= len(self.text)
        self._obey(cancel)
        prefix = re.search(r"\w*$", self.text[:offset]).group()
        words = re.findall(r"\w+", self.text[: offset - len(prefix)] + " " + self.text[offset:])
        fits = sorted({w for w in words if w.startswith(prefix)}, key=lambda w: (-words.count(w), w))
        others = {w for text in self.others.values() for w in re.findall(r"\w+", text)} - set(words)
        found = ((w, self.text[: self.text.index(w)].count("\n") + 1) for w in fits)
        items = [Suggestion(text=w, p=words.count(w) / len(words), origin="file", line=line) for w, line in found]
        items += [
            Suggestion(text=w, p=0.0, origin="project") for w in sorted(others) if prefix and w.startswith(prefix)
        ]
        return Suggestions(items=(*items, Suggestion(text=")", p=0.0, origin="model"))[:n], prefix=prefix)

    def fragment(self, offset: int, *, cancel=None):
        line = self.text[:offset].rpartition("\n")[2]
        return SimpleNamespace(text="w(x, y);" if line.endswith("dra") else "")

    def close(self) -> None:
        self.text = ""

    def _obey(self, cancel) -> None:
        """Think for a minute, or fail, where the text says so."""
        for _ in range(6000 if "// forever" in self.text else 0):
            time.sleep(0.01)
            if cancel.is_set():
                raise Interrupted("the question was taken back")
        if "// refuse" in self.text:
            raise InputError("this text is refused", next="write another")
        if "// fail" in self.text:
            raise ZeroDivisionError("the model fell over")


class Project:
    """A project that opens such files and knows the words of those it read."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.read: dict[Path, str] = {}

    def open(self, path: Path, text: str | None = None) -> Words:
        print("what a library prints is not for the editor")
        return Words(text, self.read)

    def index(self, advance) -> str:
        paths = sorted(self.folder.glob("*.js"))
        for done, path in enumerate(paths):
            if not advance(done, len(paths)):
                return f"ended after {done} files"
            self.refresh(path)
            time.sleep(0.05)
        return f"{len(paths)} files"

    def refresh(self, path: Path) -> None:
        self.read.pop(path, None)
        if path.exists():
            self.read[path] = path.read_text()


def naming(text: str, language: str):
    """Return what returns names at a place for the words of which the text says ``// word: better, good``."""
    items = []
    for word, told in re.findall(r"// (\w+): (.*)", text):
        proposals = [
            Proposal(name=name, p=0.01 if name == "rare" else 0.5, reason=language)
            for name in (*told.split(", "), word)
        ]
        spans = tuple(m.span() for m in re.finditer(rf"\b{word}\b(?!:)", text))
        items.append(
            NamedSymbol(
                name=word, sort="variable", how="let", line=1, column=1, spans=spans, sure=word != "unsure", p=0.01,
                proposals=tuple(proposals), rename=word != "fine",
            )
        )  # fmt: skip
    return NameSuggestions(items=tuple(items)).at


def surprises(text: str, language: str):
    """Return each ``odd``; ``even`` would be usual. A text that says so is looked at for a minute."""
    time.sleep(60 if "// thorough" in text else 0)
    spans = [m.span() for m in re.finditer(r"\bodd\b", text)]
    return [SimpleNamespace(start=a, end=b, p=0.001, usual="even", times=40.0) for a, b in spans]


if __name__ == "__main__":
    from learnsys.complete.lsp.server import serve

    sys.exit(0 if serve(Project, naming, surprises) else 1)
