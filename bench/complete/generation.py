"""Fragments at cursors of packages never seen, and samples of code.

The rest of a line is taken away at a token boundary in the middle of it, and the shipped model is asked for a fragment,
the other files of the package known. Told are how often one is shown, how often its first token is right, tokens until
the first edit, whole lines that are right, and whether the file has no more syntax errors with it. Where the file
without the rest of the line still parses, it must parse with the fragment. Samples are drawn from nothing.
"""

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import corpora, shuffled
from numpy.typing import NDArray

from _harness import Record, finish, machine
from learnsys.complete import Session
from learnsys.complete.corpus.stored import read
from learnsys.complete.fragments.veto import errors
from learnsys.complete.generate.sample import Sampling
from learnsys.complete.generate.text import generate
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.shipped import model_of

QUESTION = "generation"
SUFFIX = {"js": "a.js", "py": "a.py", "cpp": "a.cpp"}
BARS = {"files that still parse": 0.98, "first token right": 0.85, "coverage": 0.30}
LARGEST, SMALLEST = 20_000, 500
Answers = NDArray[np.float64]


def asked(session: Session, language: str, found: Tokens, t: int) -> list[float] | None:
    """Ask at token ``t``: tokens shown and right, whether the line is, errors before and after; None at line starts."""
    begin = int(found.starts[t])
    end = found.text.find("\n", begin)
    end = len(found.text) if end < 0 else end
    if "\n" in found.gap(t) or t == 0:
        return None
    true = [w for w, s in zip(found.words[t:], found.starts[t:].tolist(), strict=True) if s < end]
    text = found.text[:begin] + found.text[end:]
    fragment = session.open(SUFFIX[language], text).fragment(begin)
    pairs = zip(fragment.words, true, strict=False)
    right = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(fragment.words), len(true)))
    before, after = errors(text, language), errors(text[:begin] + fragment.text + text[begin:], language)
    line = right == len(true) == len(fragment.words)
    return [len(fragment.words), right, line, before == 0, after <= before, after == 0]


def answers(language: str, options: argparse.Namespace) -> Answers:
    """Ask at random places of some files of each package."""
    models = None if options.models is None else {language: options.models / f"{language}.safetensors"}
    packages: defaultdict[str, list[Tokens]] = defaultdict(list)
    for source in shuffled(read(corpora() / f"{language}.parquet", options.split)):
        if SMALLEST < len(source.text) < LARGEST and len(packages[source.package]) < 12:
            packages[source.package].append(tokens(source.text, language))
    rng, rows = np.random.default_rng(options.seed), []
    for files in packages.values():
        for i, found in enumerate(files[: 2 if options.quick else 6]):
            session = Session(language=language, models=models)
            memory = session.memory(language)
            for other in files[:i] + files[i + 1 :]:
                memory.add(other)
            for t in rng.integers(1, len(found), 10 if options.quick else 30).tolist():
                row = asked(session, language, found, t)
                if row is not None:
                    rows.append(row)
    return np.array(rows, np.float64)


def records(language: str, rows: Answers) -> list[Record]:
    """Figures of the fragments that were shown."""
    shown = rows[rows[:, 0] > 0]
    clean = shown[shown[:, 3] == 1]
    figures = {
        "coverage": (len(shown) / len(rows), len(rows)),
        "first token right": (float((shown[:, 1] > 0).mean()), len(shown)),
        "all tokens right": (float((shown[:, 1] == shown[:, 0]).mean()), len(shown)),
        "whole line right": (float(shown[:, 2].mean()), len(shown)),
        "tokens shown": (float(shown[:, 0].mean()), len(shown)),
        "tokens until the first edit": (float(shown[:, 1].mean()), len(shown)),
        "no more errors": (float(shown[:, 4].mean()), len(shown)),
        "files that still parse": (float(clean[:, 5].mean()) if len(clean) else 1.0, len(clean)),
    }
    return [
        _record(f"{language} fragments", metric, value, n, BARS.get(metric)) for metric, (value, n) in figures.items()
    ]


def samples(language: str, options: argparse.Namespace) -> Record:
    """Sample code and count what parses."""
    model = model_of(
        language, None if options.models is None else {language: options.models / f"{language}.safetensors"}
    )
    n = 3 if options.quick else 20
    made = [generate(model, Sampling(tokens=100, seed=options.seed + i)) for i in range(n)]
    return _record(f"{language} samples", "samples that parse", sum(one.errors == 0 for one in made) / n, n, 0.98)


def _record(case: str, metric: str, value: float, n: int, bar: float | None) -> Record:
    return Record(
        question=QUESTION, case=case, metric=metric, ours=value, peer="bar", theirs=bar or 0.0,
        ratio=value / bar if bar else 1.0, better="higher", bar=bar, holds=None if bar is None else value >= bar, n=n,
        low=value, high=value,
    )  # fmt: skip


def main() -> None:
    """Ask and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer files, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", choices=tuple(SUFFIX), default=list(SUFFIX))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--models", type=Path, help="folder of other models than those that ship")
    options = parser.parse_args()
    print(machine())
    made: list[Record] = []
    for language in options.language:
        made += [*records(language, answers(language, options)), samples(language, options)]
        for r in made[-9:]:
            told = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
            print(f"{r.case}, {r.metric}: {r.ours:.3f} (n={r.n}){told}", flush=True)
    finish(made, options.json)


if __name__ == "__main__":
    main()
