"""Records of accuracy: a mean over workloads with its bootstrapped spread, against a bar or against a peer."""

import numpy as np
from _decisions import Record, bootstrap


def figure(
    question: str, case: str, metric: str, values: np.ndarray, groups: list[str], rng: np.random.Generator,
    *, bar: float | None = None,
) -> Record:  # fmt: skip
    """Give the mean of ``values``, lower is better, with an upper bar."""
    low, high = bootstrap(groups, values, rng)
    ours = float(values.mean())
    return Record(
        question=question, case=case, metric=metric, ours=ours, peer="", theirs=float("nan"), ratio=float("nan"),
        better="lower", bar=bar, holds=None if bar is None else ours <= bar, n=len(values), low=low, high=high,
    )  # fmt: skip


def against(
    question: str, case: str, metric: str, ours: np.ndarray, peer: str, theirs: np.ndarray, groups: list[str],
    rng: np.random.Generator, *, bar: float | None = None,
) -> Record:  # fmt: skip
    """Give ours as a share of a peer's on the same workloads, with an upper bar on that share."""
    low, high = bootstrap(groups, ours, rng, over=theirs)
    ratio = float(ours.mean() / theirs.mean())
    return Record(
        question=question, case=case, metric=metric, ours=float(ours.mean()), peer=peer, theirs=float(theirs.mean()),
        ratio=ratio, better="lower", bar=bar, holds=None if bar is None else ratio <= bar, n=len(ours), low=low,
        high=high,
    )  # fmt: skip


def coverage(
    question: str, case: str, level: float, shares: np.ndarray, groups: list[str], rng: np.random.Generator,
    *, within: float = 3.0,
) -> Record:  # fmt: skip
    """Give the share of truths inside intervals of a nominal level, in per cent, and hold if it is ``within`` of it."""
    low, high = bootstrap(groups, shares, rng)
    ours, nominal = float(shares.mean()), 100 * level
    return Record(
        question=question, case=case, metric=f"coverage of {nominal:g} % intervals, %", ours=ours, peer="nominal",
        theirs=nominal, ratio=ours / nominal, better="nearer", bar=within, holds=abs(ours - nominal) <= within,
        n=len(shares), low=low, high=high,
    )  # fmt: skip
