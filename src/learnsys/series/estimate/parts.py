"""Leave out series that no model can be fitted to, and keep the others' facts, samples and sums."""

from typing import Any, Final

import msgspec
import numpy as np

from learnsys.core.errors import InputError
from learnsys.series.estimate.types import Facts
from learnsys.series.types import KernelSums, Samples

FEWEST: Final = 16  # samples of a series
FLAT: Final = 1e-20  # of the mean's square: a variance below it is rounding


def usable(facts: Facts) -> tuple[list[int], tuple[str, ...]]:
    """Number the series with enough samples and a variance, and say what is left out.

    Raises
    ------
    InputError
        If none is left.
    """
    few = facts.n < FEWEST
    flat = ~few & ~(facts.variance > FLAT * facts.mean**2)
    notes = [f"left out {facts.ids[d]}: it has {facts.n[d]} samples, under {FEWEST}" for d in np.flatnonzero(few)]
    notes += [f"left out {facts.ids[d]}: it is constant" for d in np.flatnonzero(flat)]
    kept = np.flatnonzero(~few & ~flat).tolist()
    if not kept:
        raise InputError(
            f"of {len(facts.ids)} series none has {FEWEST} samples that differ", value=len(facts.ids),
            next="take a longer time",
        )  # fmt: skip
    return kept, tuple(notes)


def part_of_facts(facts: Facts, kept: list[int]) -> Facts:
    """Keep the facts of some series."""
    fields: dict[str, Any] = {
        f: getattr(facts, f)[kept]
        for f in ("n", "first_s", "last_s", "sum_w", "sum_w2", "mean", "variance")
    }  # fmt: skip
    return Facts(ids=tuple(facts.ids[d] for d in kept), t0_ns=facts.t0_ns, **fields)


def part_of_samples(samples: Samples, kept: list[int]) -> Samples:
    """Keep the samples of some series."""
    where = np.concatenate([np.arange(samples.starts[d], samples.starts[d + 1]) for d in kept])
    sizes = np.diff(samples.starts)[kept]
    return Samples(
        ids=tuple(samples.ids[d] for d in kept), t0_ns=samples.t0_ns, t=samples.t[where], x=samples.x[where],
        w=samples.w[where], starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
    )  # fmt: skip


def part_of_sums(sums: KernelSums, kept: list[int]) -> KernelSums:
    """Keep the sums of pairs of some series, numbered anew."""
    new = np.full(int(sums.pairs.max()) + 1, -1)
    new[kept] = np.arange(len(kept))
    pairs = new[sums.pairs]
    rows = (pairs >= 0).all(axis=1)
    parts = {f: getattr(sums, f) for f in ("ww", "xy", "xw", "wx")}
    cut = {f: None if part is None else part[:, :, rows] for f, part in parts.items()}
    return msgspec.structs.replace(sums, pairs=pairs[rows], **cut)
