"""Figures of a model on files: how often it is right, how many bits it needs, how well it knows when it is right.

Bits a character count a file as its tokens joined by one space each, since that is what models predict: white space and
comments of the text are neither asked for nor counted, and a token of k characters is k + 1.
"""

from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.data.encode import Encoded
from learnsys.complete.lexing.types import Kind
from learnsys.complete.score.types import SHOWN, Scored

BINS: Final = 10


@final
class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What happened at each of the n tokens of some files, one array each.

    Attributes
    ----------
    package : (n,) int32
        Number of the token's package.
    rank : (n,) uint8
        As in `Scored`.
    bits : (n,) float32
        Of the token.
    confidence : (n,) float32
        As in `Scored`.
    name : (n,) bool
        Whether it is an identifier.
    chars : (n,) int32
        Length of the token and the space behind it.
    """

    package: NDArray[np.int32]
    rank: NDArray[np.uint8]
    bits: NDArray[np.float32]
    confidence: NDArray[np.float32]
    name: NDArray[np.bool_]
    chars: NDArray[np.int32]


@final
class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of tokens whose first, or one of the first five, suggestions is right; bits; calibration error.

    Bits and calibration error are NaN where there were no probabilities.
    """

    tokens: int
    top1: float
    top5: float
    names_top1: float
    names_top5: float
    bits_token: float
    bits_char: float
    calibration: float


def outcome(files: Sequence[Encoded], scored: Sequence[Scored], packages: Sequence[str]) -> Outcome:
    """Put the answers for ``files``, of ``packages``, one after the other."""
    numbers = {package: i for i, package in enumerate(dict.fromkeys(packages))}
    owners = np.array([numbers[package] for package in packages], np.int32)
    return Outcome(
        package=np.repeat(owners, [len(file) for file in files]),
        rank=np.concatenate([one.rank for one in scored]),
        bits=-np.log2(np.concatenate([one.p for one in scored])),
        confidence=np.concatenate([one.confidence for one in scored]),
        name=np.concatenate([file.tokens.kinds == Kind.NAME for file in files]),
        chars=np.array([len(word) + 1 for file in files for word in file.tokens.words], np.int32),
    )


def figures(found: Outcome) -> Figures:
    """Sum an outcome up; without identifiers their shares are NaN."""
    first, shown = found.rank == 0, found.rank < SHOWN
    names = found.name
    return Figures(
        tokens=len(first), top1=float(first.mean()), top5=float(shown.mean()),
        names_top1=float(first[names].mean()) if names.any() else float("nan"),
        names_top5=float(shown[names].mean()) if names.any() else float("nan"),
        bits_token=float(found.bits.mean(dtype=np.float64)),
        bits_char=float(found.bits.sum(dtype=np.float64) / found.chars.sum()),
        calibration=calibration_error(found.confidence, first),
    )  # fmt: skip


def calibration_error(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: |confidence - share right|, the mean over bins of confidence by count.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", equation 3.
    """
    if np.isnan(confidence).any():
        return float("nan")
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    said = np.bincount(bins, confidence, BINS)
    was = np.bincount(bins, right, BINS)
    return float(np.abs(said - was).sum() / max(len(right), 1))
