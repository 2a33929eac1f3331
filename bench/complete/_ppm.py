"""Prediction by partial matching, the strongest model of plain text that only counts: PPMd var. H (Shkarin 2002).

What ``pyppmd`` writes for a file after all training files, and those of the project, is what the file costs; nothing
written in the file's own archive is counted. The model learns the training files once, in a process of its own; for
each file that process forks, so that no file is told of another. A file is its tokens joined by one space each.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from learnsys.complete.data.encode import Encoded
from learnsys.complete.score.types import SHOWN, Scored

ORDER = 10
MEMORY = 1 << 30  # bytes: 21 MB of training leave room; a model that runs full begins anew


class Ppm:
    """PPMd as the harness sees it; the bits of a file are spread over its characters, since it writes whole bytes."""

    name = f"PPMd, order {ORDER}"

    def __init__(self, train: Sequence[Encoded]) -> None:
        self._train = [written(file) for file in train]

    def score(self, files: Sequence[Encoded], known: Sequence[Sequence[Encoded]]) -> list[Scored]:
        """Answer for every token of ``files``: bits alone, it makes no list of suggestions."""
        different = {id(other): other for others in known for other in others}
        place = {key: i for i, key in enumerate(different)}
        task = {
            "train": self._train, "project": [written(other) for other in different.values()],
            "known": [[place[id(other)] for other in others] for others in known],
            "files": [written(file) for file in files],
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, __file__], input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True
        )
        return [_spread(file, 8 * size) for file, size in zip(files, json.loads(done.stdout), strict=True)]


def written(file: Encoded) -> str:
    """Join the tokens, a space behind each."""
    return "".join(word + " " for word in file.tokens.words)


def _spread(file: Encoded, bits: float) -> Scored:
    chars = np.array([len(word) + 1 for word in file.tokens.words], np.float64)
    n = len(file)
    return Scored(
        p=np.exp2(-bits * chars / chars.sum()).astype(np.float32).clip(1e-30), rank=np.full(n, SHOWN, np.uint8),
        confidence=np.zeros(n, np.float32),
    )  # fmt: skip


def _sizes(train: list[str], project: list[str], known: list[list[int]], files: list[str]) -> list[int]:
    """Return the bytes that each file adds to an archive of the training files and its project."""
    import pyppmd

    model = pyppmd.Ppmd7Encoder(max_order=ORDER, mem_size=MEMORY)
    for text in train:
        model.encode(text.encode())

    def archived(texts: list[str]) -> int:
        """Write texts after the training files in a copy of this process; return the bytes until its archive ends."""
        back, forth = os.pipe()
        if os.fork() == 0:
            size = sum(len(model.encode(text.encode())) for text in texts) + len(model.flush())
            os.write(forth, str(size).encode())
            os._exit(0)
        os.close(forth)
        with open(back, "rb") as answer:
            size = int(answer.read())
        os.wait()
        return size

    sizes = []
    for own, file in zip(known, files, strict=True):
        others = [project[i] for i in own]
        sizes.append(archived([*others, file]) - archived(others))
    return sizes


if __name__ == "__main__":
    json.dump(_sizes(**json.load(sys.stdin)), sys.stdout)
