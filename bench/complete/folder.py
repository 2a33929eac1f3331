"""What a model of one's own folder is worth, and what the gate of the model that ships adds to it.

The folder is a package of the training split, drawn by the seed among those of 100 files or more: neither gate nor
ranker learned on those. Four fifths of its files are trained on as ``learnsys complete train FOLDER`` does, the others
asked for as ``learnsys complete evaluate`` does: each alone, and with the other files that are asked for known, which a
model without a gate cannot use.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import msgspec
from _data import corpora

from _harness import Record, figure, finish, machine
from learnsys.complete.corpus.stored import read
from learnsys.complete.corpus.types import Source
from learnsys.complete.languages import LANGUAGES
from learnsys.complete.runtime.model import Model
from learnsys.complete.runtime.weights import load_weights
from learnsys.complete.score.evaluate import evaluate
from learnsys.complete.train.fit import Schedule
from learnsys.complete.train.training import prepare, train

QUESTION = "a model of one's own folder"
LEAST = 100  # files of a package
PART = 5  # one file in so many is asked for
FIGURES = {"top1": "top-1", "top5": "top-5", "names_top1": "names top-1", "bits_token": "bits/token",
           "calibration": "calibration"}  # fmt: skip


def main() -> None:
    """Train, ask with and without the gate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="JavaScript, 10 s of training, 5,000 tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=None, choices=tuple(LANGUAGES))
    parser.add_argument("--package", help="instead of one that is drawn")
    options = parser.parse_args()
    print(machine())
    cpu_s, tokens = (10.0, 5_000) if options.quick else (120.0, 25_000)
    records: list[Record] = []
    for key in options.language or (("js",) if options.quick else tuple(LANGUAGES)):
        learned, asked = parted(key, options.package, options.seed)
        with tempfile.TemporaryDirectory() as folder:
            schedule = Schedule(cpu_s=cpu_s, seed=options.seed)
            made = train(prepare(learned, key), schedule, out=Path(folder) / "m.safetensors", name=asked[0].package)
            model = Model.of(load_weights(made.path))
        print(made.table().markdown(), flush=True)
        for name, one in (("without a gate", msgspec.structs.replace(model, gate=None)), (made.gate, model)):
            records += told(key, name, asked, one, tokens)
    finish(records, options.json)


def parted(key: str, package: str | None, seed: int) -> tuple[list[Source], list[Source]]:
    """Return the files of a package to learn from, and those that are asked for."""
    sources = read(corpora() / f"{key}.parquet", "train")
    files = Counter(s.package for s in sources)
    drawn = sorted(name for name, count in files.items() if count >= LEAST)
    package = package or min(drawn, key=lambda name: sha256(f"{seed}{name}".encode()).digest())
    own = [s for s in sources if s.package == package]
    sides: tuple[list[Source], list[Source]] = ([], [])
    for s in own:
        sides[sha256(s.path.encode()).digest()[0] % PART == 0].append(s)
    return sides


def told(key: str, gate: str, asked: list[Source], model: Model, tokens: int) -> list[Record]:
    """Ask for files of the package; keep what was right."""
    package = asked[0].package
    found = evaluate(asked, model, name=package, tokens=tokens)
    print(f"{key}, gate: {gate}\n{found.table().markdown()}", flush=True)
    return [
        figure(
            QUESTION, f"{key}: {package}, gate {gate}, known: {known}", metric, getattr(figures, field),
            n=figures.tokens, better="higher" if "top" in metric else "lower",
        )
        for known, figures in found.settings
        for field, metric in FIGURES.items()
    ]  # fmt: skip


if __name__ == "__main__":
    main()
