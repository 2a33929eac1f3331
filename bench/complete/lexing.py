"""How quickly is code read: tokens, encoding, and again after each key that is typed; and does reading on agree?

Sources are those of packages that are installed here (or the validation packages of a corpus, --corpus FILE), so that
nothing is fetched. Peers are Pygments, which colours what tree-sitter parses, and the standard library's tokenize.
CPU seconds of one process, contenders in turns, medians.
"""

import argparse
import importlib.util
import io
import random
import statistics
import sys
import time
import tokenize
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _harness import Record, finish, machine
from learnsys.complete.corpus.folder import read_folder
from learnsys.complete.corpus.stored import read, read_manifest
from learnsys.complete.data.encode import Encoded, Lexicon, encode_tokens
from learnsys.complete.data.vocabulary import Vocabulary, learn_vocabulary
from learnsys.complete.languages import parser
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.leaves import tokens, utf8
from learnsys.complete.lexing.types import Tokens

QUESTION = "reading code"
INSTALLED = {"js": ("playwright", "driver/package/lib"), "py": ("numpy", "lib"), "cpp": ("torch", "include/c10")}
LARGE = 100_000  # characters of the file that is edited


def sources(key: str, most: int) -> list[str]:
    """Texts of installed packages, up to ``most`` characters."""
    package, inside = INSTALLED[key]
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    found, _ = read_folder(Path(spec.origin).parent / inside, key)
    return _up_to([source.text for source in found], most)


def _up_to(texts: list[str], most: int) -> list[str]:
    kept: list[str] = []
    for text in texts:
        if sum(map(len, kept)) + len(text) <= most:
            kept.append(text)
    return kept


def in_turns(jobs: dict[str, Callable[[], object]], repeat: int) -> dict[str, list[float]]:
    """CPU seconds of each job, ``repeat`` times, one after the other, warm."""
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeat + 1):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            if turn:
                took[name].append(time.process_time() - start)
    return took


def pace(key: str, texts: list[str], repeat: int) -> list[Record]:
    """MB of text that are read in a CPU second, against the peers."""
    from pygments.lexers import get_lexer_by_name

    size = sum(map(len, texts)) / 1e6
    found = [tokens(text, key) for text in texts]
    vocabulary = learn_vocabulary([("p", one) for one in found])
    lexer = get_lexer_by_name({"js": "javascript", "py": "python", "cpp": "cpp"}[key])
    jobs: dict[str, Callable[[], object]] = {
        "tokens": lambda: [tokens(text, key) for text in texts],
        "encoding": lambda: encoded(found, vocabulary),
        "pygments": lambda: [list(lexer.get_tokens(text)) for text in texts],
    }
    if key == "py":
        jobs["tokenize"] = lambda: [list(tokenize.generate_tokens(io.StringIO(text).readline)) for text in texts]
    took = in_turns(jobs, repeat)
    ours, peers = took["tokens"], [name for name in ("pygments", "tokenize") if name in took]
    records = [compared(f"{key}: tokens", "MB/CPU s", size, ours, name, took[name]) for name in peers]
    return [*records, compared(f"{key}: encoding", "MB/CPU s", size, took["encoding"], "tokens", ours)]


def encoded(found: list[Tokens], vocabulary: Vocabulary) -> list[Encoded]:
    """Encode files with a lexicon that knows no word yet."""
    lexicon = Lexicon()
    return [encode_tokens(one, vocabulary, lexicon) for one in found]


def compared(case: str, metric: str, size: float, ours: list[float], peer: str, theirs: list[float]) -> Record:
    """A record of ``size`` over time, of ours and of a peer."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Record(
        question=QUESTION, case=case, metric=metric, ours=size / statistics.median(ours), peer=peer,
        theirs=size / statistics.median(theirs), ratio=statistics.median(ratios), better="higher", bar=None, holds=None,
        n=len(ratios), low=min(ratios), high=max(ratios),
    )  # fmt: skip


def typing(key: str, texts: list[str], edits: int, seed: int) -> list[Record]:
    """Time after a key in a large file until the tokens before it are there, against reading all; do both agree?"""
    draw = random.Random(seed)
    text = "\n".join(_up_to(texts, LARGE))
    document, ours, theirs, agree, whole = Document(text, key), [], [], 0, 0
    for _ in range(edits):
        place = draw.randrange(len(document.text))
        for i, character in enumerate(draw.choice(("name", "f(x)", "\n  ", ".a", "= 1;"))):
            document.edit(place + i, place + i, character)
            start = time.process_time()
            found = document.leading(place + i + 1)
            ours.append(time.process_time() - start)
        start = time.process_time()
        fresh = tokens(document.text, key)
        theirs.append(time.process_time() - start)
        agree += _before(found, place + i + 1) == _before(fresh, place + i + 1)
        whole += not parser(key).parse(utf8(document.text)).root_node.has_error
        document.edit(place, place + i + 1, "")
        assert document.tokens.text == document.text  # read, so that the next key is one edit
    print(f"  {key}: {len(text):,} characters, {whole} of {edits} texts without errors")
    timed = [
        after_a_key(f"{key}: after a key in {len(text) // 1000} kB, {name}", ours, theirs, share)
        for name, share in (("median", 0.5), ("99th percentile", 0.99))
    ]
    same = Record(
        question=QUESTION, case=f"{key}: words before the cursor are those of the text", metric="share",
        ours=agree / edits, peer="all again", theirs=1.0, ratio=agree / edits, better="higher", bar=None, holds=None,
        n=edits, low=agree / edits, high=agree / edits,
    )  # fmt: skip
    return [*timed, same]


def _before(found: Tokens, offset: int) -> list[str]:
    """Return the words that end before a cursor."""
    return found.words[: int((found.ends < offset).sum())]


def after_a_key(case: str, ours: list[float], theirs: list[float], share: float) -> Record:
    """A record of the time that a ``share`` of readings stays below, against the median of reading all."""
    ours, whole = sorted(ours), statistics.median(theirs)
    mine = ours[int(share * len(ours))]
    return Record(
        question=QUESTION, case=case, metric="CPU ms", ours=1e3 * mine, peer="all again", theirs=1e3 * whole,
        ratio=whole / mine, better="lower", bar=None, holds=None, n=len(ours),
        low=min(theirs) / mine, high=max(theirs) / mine,
    )  # fmt: skip


def main() -> None:
    """Measure, print, write."""
    options = argparse.ArgumentParser(description=QUESTION)
    options.add_argument("--quick", action="store_true", help="fewer repetitions")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--json", type=Path, help="write the records here")
    options.add_argument(
        "--corpus", type=Path, action="append", default=[], help="read its validation packages instead"
    )
    given = options.parse_args()
    print(machine())
    most, repeat, edits = (400_000, 3, 40) if given.quick else (2_000_000, 9, 300)
    files = {read_manifest(path).language: [s.text for s in read(path, "valid")] for path in given.corpus}
    records = []
    for key in INSTALLED:
        texts = _up_to(files[key], most) if key in files else sources(key, most)
        records += pace(key, texts, repeat) + typing(key, texts, edits, given.seed)
    for r in records:
        spread = f"{r.ratio:.2f} [{r.low:.2f}-{r.high:.2f}]"
        print(f"{r.case}: {r.ours:.3g} {r.metric}, {r.peer} {r.theirs:.3g}, ratio {spread}")
    finish(records, given.json)


if __name__ == "__main__":
    main()
