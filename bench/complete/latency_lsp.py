"""How long one waits in an editor: a key and the list after it, through ``learnsys complete lsp``.

The server is started as editors start it. In files of unseen packages characters are typed one by one; after each the
edit and a request for completions are sent, and the answer is awaited. Counted are the CPU milliseconds of all threads
of the server from one to the other; the time on the clock, with the client's share, is told beside it, since it says
little on a busy machine. One of the texts is repeated to 100 kB, half of it broken off: what that costs is told
without a bar. ``--model js=FILE`` asks another model than the one that ships.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import texts
from _lsp import Server

from _harness import Record, figure, finish, machine
from learnsys.complete.languages import LANGUAGES

QUESTION = "latency of completion in an editor"
P99_MS = 10.0
WARM_UP = 30  # keys of each file
IDS = {"js": "javascript", "py": "python", "cpp": "cpp"}


def cpu_ms(pid: int) -> float:
    """CPU milliseconds of all threads of a process so far."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e6


class Editor(Server):
    """Our server, in a folder if there is one, and the messages of an editor that types at the end of a text."""

    def __init__(self, models: Path | None, folder: Path | None = None) -> None:
        more = () if models is None else ("--models", str(models))
        able = {"capabilities": {"window": {"workDoneProgress": True}}}
        super().__init__([sys.executable, "-m", "learnsys", "complete", "lsp", *more], root=folder, more=able)

    def wait_until_read(self) -> str:
        """Wait until the folder is read; return what the server says of that."""
        while True:
            message = self._message()
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
            elif message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end":
                return message["params"]["value"]["message"]

    def peak_mb(self) -> float:
        """Peak memory of the server so far."""
        told = Path(f"/proc/{self.server.pid}/status").read_text()
        return int(told.split("VmHWM:")[1].split()[0]) / 1024

    def cpu_ms(self) -> float:
        """CPU milliseconds of all threads so far."""
        return cpu_ms(self.server.pid)

    def type(self, uri: str, version: int, line: int, column: int, key: str) -> tuple[float, float]:
        """Type a key and ask for the list; return CPU and clock milliseconds."""
        place = {"line": line, "character": column}
        change = {"range": {"start": place, "end": place}, "text": key}
        spent, began = self.cpu_ms(), time.perf_counter()
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
        )
        after = {"line": line, "character": column + 1}
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": after})
        waited = 1000 * (time.perf_counter() - began)
        assert "result" in answer, answer
        time.sleep(0.002)  # what the server does after its answer is its cost too
        return self.cpu_ms() - spent, waited

    def open(self, uri: str, key: str, text: str) -> None:
        """Open a text and wait until it is read."""
        item = {"uri": uri, "languageId": IDS[key], "version": 0, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        end = {"line": text.count("\n"), "character": 0}
        self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": end})


def main() -> None:
    """Type, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer keys, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=tuple(LANGUAGES))
    parser.add_argument("--model", action="append", default=[], metavar="LANGUAGE=FILE")
    options = parser.parse_args()
    print(machine())
    models = dict(given.split("=", 1) for given in options.model)
    count, keys = (3, 80) if options.quick else (12, 150)
    records = []
    with tempfile.TemporaryDirectory() as folder:
        for key, path in models.items():
            shutil.copy(path, Path(folder) / f"{key}.safetensors")
        editor = Editor(Path(folder) if models else None)
        for key in options.language or models or tuple(LANGUAGES):
            files = texts(key, count, options.seed)
            records += _told(f"{key}: files of 5 to 40 kB", typed(editor, key, files, keys), bar=P99_MS)
            large = (files[0] * (100_000 // len(files[0]) + 1))[:100_000]
            records += _told(f"{key}: a file of 100 kB", typed(editor, key, [large], 2 * keys), bar=None)
        editor.leave()
    for r in records:
        verdict = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.metric} {r.ours:.3g}{verdict}")
    finish(records, options.json)


def typed(editor: Editor, key: str, files: list[str], keys: int) -> np.ndarray:
    """Return CPU and clock milliseconds (n, 2) of each key; the first of each file are not counted."""
    spent = []
    for i, text in enumerate(files):
        lines = text.splitlines()
        half = "\n".join(lines[: len(lines) // 2]) + "\n"
        uri, line, column = f"file:///bench/{i}-{len(text)}{LANGUAGES[key].suffixes[0]}", half.count("\n"), 0
        editor.open(uri, key, half if len(text) < 100_000 else text[: text.rindex("\n") + 1])
        line = line if len(text) < 100_000 else text.count("\n")
        for n, character in enumerate("\n".join(lines[len(lines) // 2 :])[: keys + WARM_UP]):
            one = editor.type(uri, n + 1, line, column, character)
            line, column = (line + 1, 0) if character == "\n" else (line, column + 1 + (ord(character) > 0xFFFF))
            if n >= WARM_UP:
                spent.append(one)
        editor.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    return np.array(spent)


def _told(case: str, spent: np.ndarray, *, bar: float | None) -> list[Record]:
    """Four figures, of which the highest CPU time has the bar."""
    figures = (
        (0, 0.5, "p50 CPU ms", None),
        (0, 0.99, "p99 CPU ms", bar),
        (1, 0.5, "p50 ms", None),
        (1, 0.99, "p99 ms", None),
    )
    return [
        figure(QUESTION, case, metric, float(np.quantile(spent[:, i], q)), n=len(spent), better="lower", bar=least)
        for i, q, metric, least in figures
    ]


if __name__ == "__main__":
    main()
