"""Where identifiers come from, and how many of each sort a model gets right with its first suggestion."""

from collections.abc import Mapping

import numpy as np
from _data import Data
from numpy.typing import NDArray

from _harness import Record
from learnsys.complete.score.measures import Outcome
from learnsys.complete.score.origins import ORIGINS, origins
from learnsys.core.table import Column, Table

QUESTION = "where names come from"


def sources(data: Data) -> NDArray[np.uint8]:
    """Say of every held token where it could have been known from."""
    trained = {data.lexicon.words[name] for name in np.unique(np.concatenate([file.names for file in data.train]))}
    return np.concatenate([
        origins(file, known, trained) for file, known in zip(data.held.files, data.held.known, strict=True)
    ])  # fmt: skip


def told(data: Data, origin: NDArray[np.uint8], found: Mapping[str, Outcome]) -> tuple[Table, list[Record]]:
    """Return a row a model and a column a sort, and the same as records."""
    name = next(iter(found.values())).name
    shares = [float((origin[name] == i).mean()) for i in range(len(ORIGINS))]
    rows, records = [("share of all", *shares)], []
    for model, outcome in found.items():
        if not outcome.confidence.any():
            continue  # makes no list
        right = [float((outcome.rank[name & (origin == i)] == 0).mean()) for i in range(len(ORIGINS))]
        rows.append((model, *right))
        records += [
            Record(
                question=f"{QUESTION}, {data.split} packages", case=f"{data.key}: {model}",
                metric=f"top-1 of {sort}", ours=one, peer="share of all",
                theirs=share, ratio=1.0, better="higher", bar=None, holds=None, n=int((origin[name] == i).sum()),
                low=1.0, high=1.0,
            )
            for i, (sort, one, share) in enumerate(zip(ORIGINS, right, shares, strict=True))
        ]  # fmt: skip
    columns = (Column(name="identifiers seen first in"), *(Column(name=sort, kind="percent") for sort in ORIGINS))
    return Table(columns=columns, rows=tuple(rows), notes=(f"{data.key}, {int(name.sum()):,} identifiers",)), records
