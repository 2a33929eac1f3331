"""White space of packages never seen, and variables that were swapped.

White space: each gap without a comment, expected from what stands before it and the token behind. Ours has learned from
training, from the other files of the package (``project``) or not (``file``), and from the file so far; against the
commonest class of each token pair in training, and against what prettier, black or clang-format makes of the whole file
by their defaults (gaps between tokens that both texts have) from its tokens alone, and, for information, from the file
as it is: formatters keep blank lines and broken lists that they see. Swapped variables: each use asked about is judged
as it stands and with another variable that can be seen there; AUC of how unlikely
the name is (`unusual.evidence`). Formatters are looked
for on the path, or in ``$LEARNSYS_FORMATTERS``. Intervals are of packages drawn again.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from difflib import SequenceMatcher
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import corpora, shuffled

from _harness import Record, finish, machine
from learnsys.complete.corpus.stored import read
from learnsys.complete.data.encode import encode
from learnsys.complete.data.lexicon import Lexicon
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.types import Tokens
from learnsys.complete.runtime.shipped import model_of
from learnsys.complete.style.gaps import gaps, key, normal, start
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.shipped import shipped_counts
from learnsys.complete.style.spaces import Spaces, modal
from learnsys.complete.unusual.evidence import Evidence
from learnsys.complete.unusual.scope import uses
from learnsys.complete.unusual.surprise import Surprise

QUESTION = "style"
FORMATTERS = {
    "js": ("prettier", ["--stdin-filepath", "a.js"]), "py": ("black", ["-q", "-"]),
    "cpp": ("clang-format", ["--assume-filename", "a.cpp"]),
}  # fmt: skip
LARGEST, SMALLEST, LEARNT, USES, DRAWS = 20_000, 500, 300, 10, 1000
AUC_BAR = 0.85


def formatted(text: str, language: str) -> Tokens | None:
    """What the formatter makes of a text; None if it is not there or refuses."""
    name, options = FORMATTERS[language]
    found = shutil.which(name, path=os.environ.get("LEARNSYS_FORMATTERS", "") + os.pathsep + os.environ["PATH"])
    if found is None:
        return None
    done = subprocess.run([found, *options], input=text, capture_output=True, text=True, check=False)
    return tokens(done.stdout, language) if done.returncode == 0 and done.stdout else None


def bare(found: Tokens) -> str:
    """The tokens of a file with as little white space as they need: a formatter must not see what it decides."""
    for newline in (" ", "\n"):
        place, parts = start(found.language, "    "), []
        for i, (word, kind) in enumerate(zip(found.words, found.kinds.tolist(), strict=True)):
            gap = normal(found.gap(i))[0]
            column = len(gap) - gap.rfind("\n") - 1
            syntax = place.logical(gap) or "#" in (word[0], place.first[:1])
            white = "\n" + " " * column * place.indented if syntax and "\n" in gap else newline if "\n" in gap else " "
            parts += [white if gap and i else "", word]
            place = place.after(word, kind, gap)
        text = "".join(parts) + "\n"
        if tokens(text, found.language).words == found.words:
            return text
    return found.text


def theirs(found: Tokens, other: Tokens | None) -> dict[int, str]:
    """The gap that a formatter has before each token that both texts have behind the same one."""
    if other is None:
        return {}
    blocks = SequenceMatcher(None, found.words, other.words, autojunk=False).get_matching_blocks()
    return {a + i: normal(other.gap(b + i))[0] for a, b, size in blocks for i in range(1, size)}


def judged(found: Tokens, contenders: dict[str, list[str]], others: dict[str, dict[int, str]]) -> list[dict[str, bool]]:
    """For each gap of a file who is right; the formatter only where it has the gap."""
    rows = []
    for i, gap in enumerate(gaps(found, unit_of(found)), 1):
        if gap.name is not None:
            indent = len(gap.text) - gap.text.rfind("\n") - 1 if gap.place.logical(gap.text) else None
            row = {who: gap.place.written(names[i - 1], indent) == gap.text for who, names in contenders.items()}
            row |= {who: gaps_of[i] == gap.text for who, gaps_of in others.items() if i in gaps_of}
            rows.append(row)
    return rows


def chosen(language: str, split: str, most: int) -> dict[str, list[Tokens]]:
    """Files of middle size of each package."""
    packages: defaultdict[str, list[Tokens]] = defaultdict(list)
    for source in shuffled(read(corpora() / f"{language}.parquet", split)):
        if SMALLEST < len(source.text) < LARGEST and len(packages[source.package]) < most:
            packages[source.package].append(tokens(source.text, language))
    return packages


def white_space(language: str, packages: dict[str, list[Tokens]], asked: int) -> dict[str, list[dict[str, bool]]]:
    """Judge ``asked`` files of each package."""
    train = shuffled(read(corpora() / f"{language}.parquet", "train"))[:LEARNT]
    rule = modal([tokens(s.text, language) for s in train])
    alone = Spaces(shipped_counts(language))
    rows: dict[str, list[dict[str, bool]]] = {}
    for package, files in packages.items():
        project = Spaces(shipped_counts(language))
        for found in files:
            project.read(found)
        rows[package] = []
        for found in files[:asked]:
            project.read(found, -1)
            by_rule = [rule.get((g.place.last, key(g.word, g.kind)), "0") for g in gaps(found, unit_of(found))]
            contenders = {"project": project.names(found), "file": alone.names(found), "modal rule": by_rule}
            others = {
                "formatter": theirs(found, formatted(bare(found), language)),
                "formatter that sees the gaps": theirs(found, formatted(found.text, language)),
            }
            rows[package] += judged(found, contenders, others)
            project.read(found)
    return rows


def swaps(
    language: str, packages: dict[str, list[Tokens]], asked: int, rng: np.random.Generator, model: Path | None
) -> dict[str, tuple[list[float], list[float]]]:
    """How unlikely right and swapped names are, by package."""
    reader, lexicon = model_of(language, None if model is None else {language: model}), Lexicon()
    rows: dict[str, tuple[list[float], list[float]]] = {}
    for package, files in packages.items():
        right, wrong = rows[package] = ([], [])
        for found in files[:asked]:
            file = encode(found.text, reader.vocabulary, lexicon)
            places = [use for use in uses(found) if len(use.visible) > 1]
            evidence = Evidence(found.words, Surprise(reader, file, lexicon)) if places else None
            for i in rng.permutation(len(places))[:USES]:
                assert evidence is not None
                p = evidence.p(places[i])
                others = [word for word in p if word != places[i].word]
                right.append(-np.log(p[places[i].word]))
                wrong.append(-np.log(p[others[rng.integers(len(others))]]))
    return rows


def auc(right: list[float], wrong: list[float]) -> float:
    """Probability that a swapped name is less likely than a right one."""
    a, b = np.array(right)[None], np.array(wrong)[:, None]
    return float((b > a).mean() + (b == a).mean() / 2)


def style_records(language: str, rows: dict[str, list[dict[str, bool]]], rng: np.random.Generator) -> list[Record]:
    """Compare on the gaps that a peer has, with an interval of the difference."""
    made = []
    for setting, peer in (("project", "modal rule"), ("project", "formatter"), ("file", "modal rule"),
                          ("file", "formatter"), ("project", "formatter that sees the gaps")):  # fmt: skip
        sums = np.array(
            [[len(s), sum(r[setting] for r in s), sum(r[peer] for r in s)]
             for s in ([r for r in own if peer in r] for own in rows.values()) if s], np.float64,
        )  # fmt: skip
        if not len(sums):
            continue
        drawn = sums[rng.integers(0, len(sums), (DRAWS, len(sums)))].sum(1)
        low, high = np.quantile((drawn[:, 1] - drawn[:, 2]) / drawn[:, 0], [0.025, 0.975])
        n, ours, other = sums.sum(0)
        name = peer.replace("formatter", FORMATTERS[language][0])
        bar = 1.0 if setting == "project" and "sees" not in peer else None
        made.append(
            Record(
                question=QUESTION, case=f"{language} white space, {setting}", metric="accuracy", ours=ours / n,
                peer=name, theirs=other / n, ratio=ours / max(other, 1), better="higher", bar=bar,
                holds=None if bar is None else bool(ours > other), n=int(n), low=float(low), high=float(high),
            )
        )  # fmt: skip
    return made


def swap_record(
    language: str, rows: dict[str, tuple[list[float], list[float]]], rng: np.random.Generator
) -> Record:  # fmt: skip
    """AUC of all swaps; its interval is of packages."""
    rows = {package: pair for package, pair in rows.items() if pair[0]}
    pairs = list(rows.values())

    def whole(which: list[int]) -> float:
        return auc([x for i in which for x in pairs[i][0]], [x for i in which for x in pairs[i][1]])

    value = whole(list(range(len(pairs))))
    drawn = [whole(rng.integers(0, len(pairs), len(pairs)).tolist()) for _ in range(DRAWS // 10)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Record(
        question=QUESTION, case=f"{language} swapped variables", metric="AUC", ours=value, peer="chance", theirs=0.5,
        ratio=value / 0.5, better="higher", bar=AUC_BAR, holds=value >= AUC_BAR, n=sum(len(a) for a, _ in pairs),
        low=float(low), high=float(high),
    )  # fmt: skip


def main() -> None:
    """Ask and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer files, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", choices=tuple(FORMATTERS), default=list(FORMATTERS))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--models", type=Path, help="folder of other models than those that ship")
    options = parser.parse_args()
    print(machine())
    made: list[Record] = []
    for language in options.language:
        rng = np.random.default_rng(options.seed)
        packages = chosen(language, options.split, 6 if options.quick else 20)
        asked = 2 if options.quick else 8
        made += style_records(language, white_space(language, packages, asked), rng)
        model = None if options.models is None else options.models / f"{language}.safetensors"
        made.append(swap_record(language, swaps(language, packages, asked, rng, model), rng))
        for r in made[-6:]:
            print(f"{r.case}: {r.ours:.4f} against {r.theirs:.4f} ({r.peer}) [{r.low:.4f}, {r.high:.4f}, n={r.n}]"
                  f"{'' if r.bar is None else ': holds' if r.holds else ': MISSED'}", flush=True)  # fmt: skip
    finish(made, options.json)


if __name__ == "__main__":
    main()
