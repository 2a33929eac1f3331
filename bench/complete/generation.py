"""Fragments at cursors of packages never seen, and samples of code.

At token boundaries of files the rest of the line is taken away, and the shipped model is asked for a fragment, the
other files of the package known. Where the line had ended, every fragment shown is wrong. Told are how often one is
shown where more came, in how many the first token, all tokens and the whole line are right, tokens until the first
edit, how honest the probability of the first token is, and whether the file has no more syntax errors with it; where
the file without the rest of the line parses, it must parse with the fragment. CPU time is that of a question in a file
that was asked before. Fragments are asked for with the lowest cut of `CUTS`, so that the precision of each cut is told:
the table of `fragments.cut` comes from validation packages. Samples go on from the first half of a file, its project
known.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.fragments.brackets import Brackets
from learnsys.complete.fragments.cut import CUTS, PRECISION, PRECISIONS, Cut
from learnsys.complete.fragments.veto import errors
from learnsys.complete.fragments.words import open_quote
from learnsys.complete.generate.sample import Sampling
from learnsys.complete.generate.text import generate
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.memory import ProjectMemory
from learnsys.complete.runtime.shipped import model_of

QUESTION = "generation"
SUFFIX = {"js": "a.js", "py": "a.py", "cpp": "a.cpp"}
LARGEST, SMALLEST = 20_000, 500
FILES = 12  # of a package, that are known
RESAMPLES = 1000


@dataclass(frozen=True)
class Asked:
    """A question: its package, whether the line had ended, tokens shown and right, the first one's p, and the rest."""

    package: int
    ended: bool
    shown: int
    right: int
    p: float
    text: bool
    line: bool
    errors: tuple[int, int]
    cpu_s: float


def asked(session: Session, language: str, found: Tokens, t: int) -> Asked:
    """Ask at token ``t``, or at the end of the line before if it begins one."""
    ended = "\n" in found.gap(t)
    begin = int(found.ends[t - 1] if ended else found.starts[t])
    end = found.text.find("\n", begin)
    end = len(found.text) if end < 0 else end
    true = [w for w, s in zip(found.words[t:], found.starts[t:].tolist(), strict=True) if s < end]
    text = found.text[:begin] + found.text[end:]
    document = session.open(SUFFIX[language], text)
    document.suggest(begin)
    lowest = PRECISIONS[language][0]
    document.fragment(begin, lowest)
    since = time.process_time()
    fragment = document.fragment(begin, lowest)
    cpu = time.process_time() - since
    pairs = zip(fragment.words, true, strict=False)
    right = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(fragment.words), len(true)))
    return Asked(
        package=0, ended=ended, shown=len(fragment.words), right=right, p=fragment.p[0] if fragment.p else 0.0,
        text=found.text.startswith(fragment.text, begin), line=right == len(true) == len(fragment.words),
        errors=(errors(text, language), errors(text[:begin] + fragment.text + text[begin:], language)), cpu_s=cpu,
    )  # fmt: skip


def packages(language: str, split: str) -> dict[str, list[Tokens]]:
    """Return some files of each package."""
    found: defaultdict[str, list[Tokens]] = defaultdict(list)
    for source in shuffled(read(corpora() / f"{language}.parquet", split)):
        if SMALLEST < len(source.text) < LARGEST and len(found[source.package]) < FILES:
            found[source.package].append(tokens(source.text, language))
    return found


def answers(language: str, options: argparse.Namespace) -> list[Asked]:
    """Ask at random places of some files of each package."""
    rng, rows = np.random.default_rng(options.seed), []
    files_asked, places = (2, 10) if options.quick else (8, 20)
    for number, files in enumerate(packages(language, options.split).values()):
        session = Session(language=language, models=models(language, options))
        memory = session.memory(language)
        learned = [memory.add(one) for one in files]
        for i, found in enumerate(files[:files_asked]):
            memory.remove(learned[i])
            for t in rng.integers(1, len(found), places).tolist():
                row = asked(session, language, found, t)
                rows.append(Asked(**{**row.__dict__, "package": number}))
            learned[i] = memory.add(found)
    return rows


def models(language: str, options: argparse.Namespace) -> dict[str, Path] | None:
    """Return the model file that was asked for, if one was."""
    return None if options.models is None else {language: options.models / f"{language}.safetensors"}


def records(language: str, rows: list[Asked], options: argparse.Namespace) -> Iterator[Record]:
    """Figures of the fragments that are shown at the precision asked for."""
    case, first = f"{language} fragments", Cut.of(language, options.precision).first

    def shown(row: Asked) -> bool:
        return row.shown > 0 and row.p >= first

    def mean(metric: str, of: Callable[[Asked], float], among: Callable[[Asked], bool], bar: float | None) -> Record:
        taken = [row for row in rows if among(row)]
        values = np.array([float(of(row)) for row in taken])
        low, high = spread(values, np.array([row.package for row in taken]), options.seed)
        return record(case, metric, float(values.mean()) if len(values) else 1.0, (low, high), len(values), bar)

    yield mean("coverage", shown, lambda row: not row.ended, 0.30)
    yield mean("first token right", lambda row: row.right > 0, shown, 0.85)
    yield mean("first token right, as it said", lambda row: row.p, shown, None)
    yield mean("all tokens right", lambda row: row.right == row.shown, shown, None)
    yield mean("all characters right", lambda row: row.text, shown, None)
    yield mean("whole line right", lambda row: row.line, shown, None)
    yield mean("tokens shown", lambda row: row.shown, shown, None)
    yield mean("tokens until the first edit", lambda row: row.right, shown, None)
    yield mean("shown where the line had ended", shown, lambda row: row.ended, None)
    yield mean("no more errors", lambda row: row.errors[1] <= row.errors[0], shown, None)
    yield mean("files that still parse", lambda row: row.errors[1] == 0, lambda r: shown(r) and not r.errors[0], 0.98)
    times = np.array([row.cpu_s for row in rows]) * 1000
    for name, value in (("median", np.median(times)), ("p99", np.quantile(times, 0.99))):
        yield record(case, f"CPU ms, {name}", float(value), (float(value), float(value)), len(times), None, "lower")
    for cut in CUTS:
        yield mean(f"first token right where p >= {cut:g}", lambda row: row.right > 0, lambda r: r.p >= cut, None)  # noqa: B023  # used at once


def spread(values: NDArray[np.float64], groups: NDArray[np.intp], seed: int) -> tuple[float, float]:
    """Return the middle 95 % of means when packages are drawn with replacement."""
    if not len(values):
        return 1.0, 1.0
    rng, each = np.random.default_rng(seed), np.unique(groups)
    sums = np.array([[values[groups == g].sum(), (groups == g).sum()] for g in each])
    drawn = sums[rng.integers(0, len(each), (RESAMPLES, len(each)))].sum(1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    return float(low), float(high)


def samples(language: str, options: argparse.Namespace) -> Iterator[Record]:
    """Sample code behind the first half of files, and tell what parses and how many lines come again."""
    model, rows = model_of(language, models(language, options)), []
    for files in packages(language, options.split).values():
        for i, found in enumerate(files[: 1 if options.quick else 4]):
            memory = ProjectMemory(Lexicon(), language)
            for other in files[:i] + files[i + 1 :]:
                memory.add(other)
            half = between_statements(found, len(found) // 2)
            if errors(found.text, language):  # macros that a parser does not know
                continue
            sampling = Sampling(tokens=100, seed=options.seed + i, temperature=0.8, top_p=0.9)
            made = generate(model, sampling, found.text[:half], memory=memory)
            rows.append([made.errors == 0, again(made.text), again(found.text[half : half + len(made.text)])])
    parse, ours, theirs = np.array(rows, np.float64).mean(0).tolist()
    case, n = f"{language} samples", len(rows)
    yield record(case, "samples that parse", parse, (parse, parse), n, 0.98)
    yield Record(
        question=QUESTION, case=case, metric="lines that come again", ours=ours, peer="the file's own second half",
        theirs=theirs, ratio=theirs / ours if ours else 1.0, better="lower", bar=None, holds=None, n=n, low=ours,
        high=ours,
    )  # fmt: skip


def between_statements(found: Tokens, t: int) -> int:
    """Return the last place up to token ``t`` at which a line begins, and a statement with it."""
    for i in range(t, 0, -1):
        if "\n" not in found.gap(i):
            continue
        begin = found.text.rfind("\n", 0, int(found.starts[i])) + 1
        before = tokens(found.text[:begin], found.language)
        around = Brackets.at(before, len(before)).around
        fits = not around if found.language == "py" else found.words[i - 1] in {";", "{", "}"} and around[-1:] != ("(",)
        if fits and not open_quote(found, i):
            return begin
    return 0


def again(text: str) -> float:
    """Return the share of lines with a name or a number that stood before in the same text."""
    lines = [line.strip() for line in text.split("\n") if any(sign.isalnum() for sign in line)]
    return 1 - len(set(lines)) / len(lines) if lines else 0.0


def record(
    case: str, metric: str, value: float, ends: tuple[float, float], n: int, bar: float | None, better: str = "higher"
) -> Record:
    """Return one figure beside its bar."""
    return Record(
        question=QUESTION, case=case, metric=metric, ours=value, peer="bar", theirs=bar or 0.0,
        ratio=value / bar if bar else 1.0, better=better, bar=bar, holds=None if bar is None else value >= bar, n=n,
        low=ends[0], high=ends[1],
    )  # fmt: skip


def main() -> None:
    """Ask and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer files, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", choices=tuple(SUFFIX), default=list(SUFFIX))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--precision", type=float, default=PRECISION, help="that fragments are shown with")
    parser.add_argument("--models", type=Path, help="folder of other models than those that ship")
    options = parser.parse_args()
    print(machine())
    made: list[Record] = []
    for language in options.language:
        for r in (*records(language, answers(language, options), options), *samples(language, options)):
            told = "" if r.bar is None else f", bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}"
            print(f"{r.case}, {r.metric}: {r.ours:.3f} [{r.low:.3f}, {r.high:.3f}] (n={r.n}){told}", flush=True)
            made.append(r)
    finish(made, options.json)


if __name__ == "__main__":
    main()
