"""How long a key takes where a model of code is served: ``learnsys serve run`` with the models that ship, over HTTP.

In files of unseen packages characters are typed one by one; after each the text before the cursor is sent and the
suggestions are awaited. Counted are the CPU milliseconds of all threads of the server from one to the other, and which
share of the keys was answered within the SLO on the clock, which says little on a busy machine. The first question
about a file has it read, and is told apart.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import texts
from latency_lsp import cpu_ms

from _harness import Record, figure, finish, machine
from learnsys.complete import CodeModel
from learnsys.complete.languages import LANGUAGES

QUESTION = "latency of served completion"
SLO_MS = 10.0


def main() -> None:
    """Serve, type, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer keys, the same bar")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=tuple(LANGUAGES), choices=tuple(LANGUAGES))
    options = parser.parse_args()
    print(machine())
    files, keys = (3, 80) if options.quick else (12, 150)
    records: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        for key in options.language:
            CodeModel.shipped(key, key).save(Path(folder) / key)
        with served(Path(folder), options.language) as (pid, port):
            for key in options.language:
                first, spent = typed((pid, port), key, texts(key, files, options.seed), keys)
                records += told(key, first, spent)
    for r in records:
        verdict = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.metric} {r.ours:.3g}{verdict}")
    finish(records, options.json)


@contextmanager
def served(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Start a server of the models in ``folder``; give its process and port."""
    announced, models = folder / "url", [str(folder / name) for name in names]
    command = [sys.executable, "-m", "learnsys", "serve", "run", *models, "--slo", f"{SLO_MS:g}ms", "--port", "0"]
    server = subprocess.Popen([*command, "--announce", str(announced)])
    try:
        while not announced.exists():
            assert server.poll() is None, "the server did not start"
            time.sleep(0.1)
        yield server.pid, int(announced.read_text().rpartition(":")[2])
    finally:
        server.terminate()
        server.wait()


def typed(server: tuple[int, int], key: str, files: list[str], keys: int) -> tuple[np.ndarray, np.ndarray]:
    """Return CPU and clock milliseconds and status (n, 3) of the first question of each file, and of the others."""
    pid, port = server
    connection = http.client.HTTPConnection("127.0.0.1", port)
    asked = []
    for text in files:
        for n in range(keys):
            tensor = {"name": "text", "datatype": "BYTES", "shape": [1], "data": [text[: len(text) // 2 + n]]}
            spent, began = cpu_ms(pid), time.perf_counter()
            connection.request("POST", f"/v2/models/{key}/infer", json.dumps({"inputs": [tensor]}))
            answer = connection.getresponse()
            answer.read()
            waited = 1000 * (time.perf_counter() - began)
            time.sleep(0.2 if n == 0 else 0.005)  # what goes on after an answer that was given up is its cost too
            asked.append((cpu_ms(pid) - spent, waited, answer.status))
    found = np.array(asked).reshape(len(files), keys, 3)
    return found[:, 0], found[:, 1:].reshape(-1, 3)


def told(key: str, first: np.ndarray, spent: np.ndarray) -> list[Record]:
    """Say what a first question and a key cost; the highest CPU time of a key has the bar."""
    within = float(((spent[:, 2] == 200) & (spent[:, 1] <= SLO_MS)).mean())
    n = len(spent)
    return [
        figure(QUESTION, f"{key}: first question of a file", "p50 CPU ms", float(np.median(first[:, 0])),
               n=len(first), better="lower"),
        figure(QUESTION, f"{key}: key", "p50 CPU ms", float(np.median(spent[:, 0])), n=n, better="lower"),
        figure(QUESTION, f"{key}: key", "p99 CPU ms", float(np.quantile(spent[:, 0], 0.99)), n=n, better="lower",
               bar=SLO_MS),
        figure(QUESTION, f"{key}: key", "answered within 10 ms on the clock", within, n=n),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
