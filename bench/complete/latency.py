"""How long one waits for five suggestions after a key, in process; how long a model takes from disk.

Files of unseen packages are opened in the middle of their text; the next characters are typed one by one, and after
each one the five likeliest tokens are asked for, as an editor does. What counts is CPU milliseconds of key and answer
together; `latency_lsp.py` has what an editor sees. ``--models FOLDER`` has js.safetensors and so on, in the place of
those that ship.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import texts

from _harness import Record, figure, finish, machine
from learnsys.complete import Session
from learnsys.complete.languages import LANGUAGES
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.shipped import FOLDER
from learnsys.complete.runtime.weights import load_weights

QUESTION = "latency of completion"
P99_MS, LOAD_S = 3.0, 0.5
WARM_UP = 30  # keys
LARGE, KEYS = 100_000, 300  # characters of a large file; keys in it


def main() -> None:
    """Type, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer keys, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=tuple(LANGUAGES))
    parser.add_argument("--models", type=Path, help="a folder of models, instead of those that ship")
    options = parser.parse_args()
    print(machine())
    folder = options.models or FOLDER
    models = {key: path for key in LANGUAGES if (path := folder / f"{key}.safetensors").exists()}
    records = []
    for key in options.language or models:
        files = texts(key, 4 if options.quick else 20, options.seed)
        spent = typed(key, files, models, keys=50 if options.quick else 150, seed=options.seed)
        records += [*_waits(f"{key}: key and five suggestions", spent, P99_MS), *_load(models[key], key)]
        records += _large(key, models, seed=options.seed)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{key}: {len(spent):,} keys, peak memory of this process {peak:.0f} MB", flush=True)
    for r in records:
        verdict = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
        print(f"{r.case}: {r.metric} {r.ours:.3g}{verdict}")
    finish(records, options.json)


def typed(key: str, files: list[str], models: dict[str, Path], *, keys: int, seed: int) -> list[float]:
    """Return CPU milliseconds of each key with its answer; the first of each file are not counted."""
    rng, spent = np.random.default_rng(seed), []
    session = Session(language=key, models=models)
    for i, text in enumerate(files):
        at = int(rng.integers(len(text) // 4, len(text) - keys - WARM_UP))
        file = session.open(f"file{i}{LANGUAGES[key].suffixes[0]}", text[:at] + "\n" + text[at + keys + WARM_UP :])
        file.suggest(at)  # reads the file: what opening costs, not a key
        for n, character in enumerate(text[at : at + keys + WARM_UP]):
            began = time.process_time()
            file.edit(at + n, at + n, character)
            file.suggest(at + n + 1)
            if n >= WARM_UP or i:
                spent.append(1000 * (time.process_time() - began))
        file.close()
    return spent


def _waits(case: str, spent: list[float], bar: float | None) -> list[Record]:
    p50, p99 = (float(np.quantile(spent, q)) for q in (0.5, 0.99))
    return [
        figure(QUESTION, case, "p50 CPU ms", p50, n=len(spent), better="lower"),
        figure(QUESTION, case, "p99 CPU ms", p99, n=len(spent), better="lower", bar=bar),
    ]


def _large(key: str, models: dict[str, Path], *, seed: int) -> list[Record]:
    """Open files of 100 kB at their middle, and type there."""
    text = "\n".join(texts(key, 20, seed))[:LARGE]
    at, opened = text.index("\n", LARGE // 2), []
    for _ in range(3):
        session = Session(language=key, models=models)
        began = time.process_time()
        file = session.open(f"large{LANGUAGES[key].suffixes[0]}", text[:at] + text[at + KEYS :])
        file.suggest(at)
        opened.append(1000 * (time.process_time() - began))
    spent = []
    for n, character in enumerate(text[at : at + KEYS]):
        began = time.process_time()
        file.edit(at + n, at + n, character)
        file.suggest(at + n + 1)
        spent.append(1000 * (time.process_time() - began))
    first = figure(
        QUESTION,
        f"{key}: 100 kB opened in its middle",
        "CPU ms",
        statistics.median(opened),
        n=len(opened),
        better="lower",
    )
    return [first, *_waits(f"{key}: key in the middle of 100 kB and five suggestions", spent, P99_MS)]


def _load(path: Path, key: str) -> list[Record]:
    """Load a model some times, arrays and all; imports and compilation are done by then."""
    times = []
    for _ in range(3):
        began = time.process_time()
        Model.of(load_weights(path))
        times.append(time.process_time() - began)
    case, median = f"{key}: model from disk", statistics.median(times)
    return [figure(QUESTION, case, "CPU s", median, n=len(times), better="lower", bar=LOAD_S)]


if __name__ == "__main__":
    main()
