"""What a project costs: memory of the server that an editor starts in a folder of 2,000 files, and how fast it reads.

The folder is made of files of the training packages of a corpus, drawn by the hash of their path, since no other source
of so many real files is at hand; nothing of what is measured depends on whether a model has seen them. The server is
``learnsys complete lsp``; it reads the folder, then a file is opened and completed in its middle. Peak memory is that
of the whole process, megabytes a second are of CPU time of all its threads.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from _data import corpora, shuffled
from latency_lsp import Editor

from _harness import Record, figure, finish, machine
from learnsys.complete.corpus.stored import read
from learnsys.complete.languages import LANGUAGES

QUESTION = "completion in a project"
PEAK_MB, PACE_MB_S = 300.0, 1.0


def main() -> None:
    """Make folders, let them be read, look at the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 files instead of 2,000; the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--language", nargs="+", default=tuple(LANGUAGES), choices=tuple(LANGUAGES))
    options = parser.parse_args()
    print(machine())
    records: list[Record] = []
    for key in options.language:
        with tempfile.TemporaryDirectory() as folder:
            files = written(Path(folder), key, 200 if options.quick else 2000, options.seed)
            records += measured(Path(folder), key, files)
    for r in records:
        print(f"{r.case}: {r.metric} {r.ours:.3g}, bar {r.bar:g}: {'holds' if r.holds else 'MISSED'}")
    finish(records, options.json)


def written(folder: Path, key: str, count: int, seed: int) -> list[Path]:
    """Write ``count`` files of the training packages into a folder, under their own names."""
    sources = shuffled(read(corpora() / f"{key}.parquet", "train"), str(seed))
    paths = []
    for source in sources[:count]:
        path = folder / source.package.replace("/", "_") / source.path
        path = path if path.suffix in LANGUAGES[key].suffixes else path.with_suffix(LANGUAGES[key].suffixes[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text)
        paths.append(path)
    return paths


def measured(folder: Path, key: str, files: list[Path]) -> list[Record]:
    """Let a server read the folder and complete in one of its files."""
    size = sum(path.stat().st_size for path in files) / 1e6
    editor = Editor(None, folder)
    began = editor.cpu_ms()
    told = editor.wait_until_read()
    spent = (editor.cpu_ms() - began) / 1000
    text = files[0].read_text()
    editor.open(files[0].as_uri(), key, text[: len(text) // 2])
    peak = editor.peak_mb()
    editor.leave()
    print(f"{key}: {size:.1f} MB in {len(files):,} files, {told}", flush=True)
    case = f"{key}: {len(files):,} files"
    return [
        figure(QUESTION, case, "peak MB of the server", peak, n=len(files), better="lower", bar=PEAK_MB),
        figure(QUESTION, case, "MB/CPU s read", size / spent, n=len(files), bar=PACE_MB_S),
    ]


if __name__ == "__main__":
    main()
