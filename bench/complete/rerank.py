"""What ranking adds to a server that knows which members there are: jedi, typescript-language-server, clangd.

In files of unseen packages the cursor stands behind a dot, the member that stands there is taken out, and the rest of
the file stays. The peer, which has the whole package on the disk, is asked for its list; the model, which has read the
package's other files, for its own; and then to put the peer's list in order. Four orders are compared: the peer's, the
model's, the peer's list in the model's order, and that with what only the model offers behind it. ``1 / place`` is the
mean over all positions, 0 where the member is not in the list. Each peer runs in a process of its own:

    pip install jedi-language-server
    npm install -g typescript-language-server typescript@5
    apt-get install clangd

    python bench/complete/rerank.py --quick
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import numpy as np
from _data import corpora, shuffled
from _lsp import Server

from _harness import Record, finish, machine
from learnsys.complete import Session
from learnsys.complete.corpus.stored import read
from learnsys.complete.corpus.types import Source
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.positions import Positions
from learnsys.complete.lexing.types import Kind
from learnsys.complete.runtime.shipped import FOLDER
from learnsys.complete.score.paired import paired
from learnsys.core.table import Column, Table

QUESTION = "order of members"
PEERS = {
    "js": ("typescript-language-server", "--stdio"),
    "py": ("jedi-language-server",),
    "cpp": ("clangd", "--limit-results=0", "--log=error"),
}
HOW = {
    "js": "npm install -g typescript-language-server typescript@5", "py": "pip install jedi-language-server",
    "cpp": "apt-get install clangd",
}  # fmt: skip
IDS = {"js": "javascript", "py": "python", "cpp": "cpp"}
MARKS = {"js": (".", "?."), "py": (".",), "cpp": (".", "->")}
DEPTH = 1000  # of the model's own list
FILE = 6  # positions of a file, at most
LONGEST = 60_000  # characters of a file
WORD = re.compile(r"[^\W\d]\w*|\$[\w$]*")
ORDERS = ("peer", "model", "peer, in the model's order", "and the model's behind")


@dataclass(frozen=True)
class Place:
    """A cursor behind a dot: the text without the member that stands there."""

    source: Source
    text: str
    offset: int
    member: str


def main() -> None:
    """Ask, put in order, compare."""
    options = _options()
    print(machine())
    there = [key for key in options.language if shutil.which(PEERS[key][0])]
    for key in options.language:
        if key not in there:
            print(f"{key} is left out: {PEERS[key][0]} is not on the path; {HOW[key]}", file=sys.stderr)
    if not there:
        sys.exit("no peer is on the path")
    records: list[Record] = []
    for key in there:
        places = chosen(key, options)
        found = ranks(key, places, options)
        packages = {place.source.package: i for i, place in enumerate(places)}
        package = np.array([packages[place.source.package] for place in places], np.int32)
        print(table(key, found, options.split).markdown(), flush=True)
        records += compared(key, found, package)
    finish(records, options.json)


def chosen(key: str, options: argparse.Namespace) -> list[Place]:
    """Take files of each package in turn, some members of each, until there are so many."""
    rng, turns = np.random.default_rng(options.seed), {}
    for source in shuffled(read(corpora() / f"{key}.parquet", options.split)):
        if len(source.text) <= LONGEST:
            turns.setdefault(source.package, []).append(source)
    places: list[Place] = []
    for turn in range(max(map(len, turns.values()))):
        for own in turns.values():
            if turn < len(own) and len(places) < options.positions:
                places += _members(key, own[turn], rng)
    return sorted(places[: options.positions], key=lambda place: (place.source.package, place.source.path))


def _members(key: str, source: Source, rng: np.random.Generator) -> list[Place]:
    found = tokens(source.text, key)
    at = [t for t in range(1, len(found)) if found.kinds[t] == Kind.NAME and found.words[t - 1] in MARKS[key]]
    few = rng.permutation(at)[:FILE].tolist()
    return [
        Place(
            source, source.text[: found.starts[t]] + source.text[found.ends[t] :], int(found.starts[t]), found.words[t]
        )
        for t in sorted(few)
    ]


def ranks(key: str, places: Sequence[Place], options: argparse.Namespace) -> dict[str, np.ndarray]:
    """Return the place of the member in each order, from 1; infinity where it is not."""
    found: dict[str, list[float]] = {order: [] for order in ORDERS}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        packages = dict.fromkeys(place.source.package for place in places)
        for source in read(corpora() / f"{key}.parquet", options.split):
            if source.package in packages:
                _write(root, source)
        _configure(key, root)
        for package in packages:
            own = [place for place in places if place.source.package == package]
            for place, theirs, ours, ordered in answers(key, root / _safe(package), own, options.weights):
                lists = (theirs, ours, ordered, [*ordered, *(word for word in ours if word not in set(ordered))])
                for order, one in zip(ORDERS, lists, strict=True):
                    found[order].append(one.index(place.member) + 1 if place.member in one else float("inf"))
            print(f"  {key}: {package}, {len(own)} positions", file=sys.stderr, flush=True)
    return {order: np.array(values) for order, values in found.items()}


def answers(
    key: str, root: Path, places: Sequence[Place], weights: Path
) -> Iterator[tuple[Place, list[str], list[str], list[str]]]:
    """Give the peer's list at each place, the model's, and the peer's in the model's order."""
    peer = Server(PEERS[key], root=root, more=_more(key))
    session = Session(root, models={key: weights / f"{key}.safetensors"})
    session.index()
    for i, place in enumerate(places):
        path = root / _safe(place.source.path)
        theirs = _offered(peer, key, path, place, i)
        document = session.open(path, place.text)
        ours = [item.text for item in document.suggest(place.offset, DEPTH).items]
        yield place, theirs, ours, [item.text for item in document.rerank(place.offset, theirs).items]
        document.close()
    peer.server.kill()
    peer.server.wait()


def _offered(peer: Server, key: str, path: Path, place: Place, version: int) -> list[str]:
    """Open a text and ask for the list at its cursor, in the order in which editors show it, each name once."""
    document = {"uri": path.as_uri()}
    item = {**document, "languageId": IDS[key], "version": version, "text": place.text}
    peer.tell("textDocument/didOpen", {"textDocument": item})
    peer.ask("textDocument/documentSymbol", {"textDocument": document})  # until it has read the file
    line, column = Positions(place.text, "utf-16").position(place.offset)
    position = {"line": line, "character": column}
    answer = peer.ask("textDocument/completion", {"textDocument": document, "position": position}).get("result") or []
    peer.tell("textDocument/didClose", {"textDocument": document})
    items = answer["items"] if isinstance(answer, dict) else answer
    items = sorted(items, key=lambda one: (one.get("sortText") or one["label"], one["label"]))
    names = (WORD.search(one.get("filterText") or one["label"]) for one in items)
    return list(dict.fromkeys(name.group() for name in names if name))


def _write(root: Path, source: Source) -> None:
    path = root / _safe(source.package) / _safe(source.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.text)


def _safe(path: str) -> Path:
    """A path that stays in its folder."""
    return Path(*(part for part in Path(path).parts if part not in ("/", "..")))


def _configure(key: str, root: Path) -> None:
    """Say what a project would say: scripts are JavaScript, headers are in these folders."""
    for package in (folder for folder in root.iterdir() if folder.is_dir()):
        if key == "js":
            (package / "jsconfig.json").write_text('{"compilerOptions": {"allowJs": true, "module": "commonjs"}}')
        if key == "cpp":
            folders = sorted({package, *(p for p in package.rglob("*") if p.is_dir())})
            (package / "compile_flags.txt").write_text("\n".join(["-xc++", "-std=c++17", *(f"-I{p}" for p in folders)]))


def _more(key: str) -> dict:
    """What an editor can do, and no downloads."""
    options = {"disableAutomaticTypingAcquisition": True} if key == "js" else {}
    return {"initializationOptions": options, "capabilities": {"textDocument": {"completion": {}}}}


def table(key: str, found: dict[str, np.ndarray], split: str) -> Table:
    """A row an order."""
    columns = [Column(name=name, kind="percent") for name in ("offered", "first", "among five")]
    rows = tuple(
        (order, float(np.mean(1 / rank)), *(float(np.mean(rank <= n)) for n in (1e9, 1, 5)))
        for order, rank in found.items()
    )
    return Table(
        columns=(Column(name="order"), Column(name="1 / place", kind="number"), *columns), rows=rows,
        notes=(f"{key}: {PEERS[key][0]}, {len(found['peer']):,} members of {split} packages",),
    )  # fmt: skip


def compared(key: str, found: dict[str, np.ndarray], package: np.ndarray) -> list[Record]:
    """Compare each order with the peer's."""
    records, theirs = [], found["peer"]
    for order in ORDERS[1:]:
        ours = found[order]
        for metric, own, other in (
            ("MRR", 1 / ours, 1 / theirs), ("top-1", ours <= 1, theirs <= 1), ("top-5", ours <= 5, theirs <= 5),
        ):  # fmt: skip
            difference = paired(own, other, package)
            base = max(float(np.mean(other)), 1e-9)
            records.append(Record(
                question=QUESTION, case=f"{key}: {order}", metric=metric, ours=float(np.mean(own)), peer=PEERS[key][0],
                theirs=float(np.mean(other)), ratio=float(np.mean(own)) / base, better="higher", bar=None, holds=None,
                n=len(own), low=1 + difference.low / base, high=1 + difference.high / base,
            ))  # fmt: skip
            print(f"{records[-1].case}, {metric}: {100 * difference.mean:+.1f} points "
                  f"[{100 * difference.low:+.1f}, {100 * difference.high:+.1f}]", flush=True)  # fmt: skip
    return records


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="12 positions of each language")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=list(PEERS), choices=tuple(PEERS))
    parser.add_argument("--split", default="valid", choices=("valid", "test"))
    parser.add_argument("--positions", type=int, help="of each language; 300")
    parser.add_argument("--weights", type=Path, default=FOLDER, help="a folder of models, instead of those that ship")
    options = parser.parse_args()
    options.positions = options.positions or (12 if options.quick else 300)
    return options


if __name__ == "__main__":
    main()
