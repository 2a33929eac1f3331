"""How graphs are executed, and what was done."""

from typing import Any, final

import msgspec

from learnsys.series.sums.cost import WAYS, CostModel, Way
from learnsys.series.types import SumsSpec


@final
class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to execute.

    Attributes
    ----------
    model : CostModel
    ways : tuple of {"direct", "spectral", "grid"}
        What may be chosen from.
    merge : bool
        Whether one set of sums may serve several questions.
    memory_bytes : int
        Samples that would take more are read in chunks where that is possible.
    engine : Engine or None
        Where files are read in chunks, whatever their size, where that is possible.
    single : bool
        Whether sums may be computed in single precision where that is exact enough.
    """

    model: CostModel = CostModel()
    ways: tuple[Way, ...] = WAYS
    merge: bool = True
    single: bool = True
    memory_bytes: int = 256 << 20
    engine: Any = None


@final
class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done: what, for which questions, with how many rows, and the seconds expected and taken."""

    what: str
    serves: tuple[int, ...]
    rows: int
    estimate_s: float
    actual_s: float | None = None


def described(spec: SumsSpec, way: Way, d: int) -> str:
    """Write a request for people."""
    pairs, kernels = len(spec.numbered(d)), ", ".join(f"{k.name} {k.h:g} s" for k in spec.kernels)
    blocks = f", {spec.blocks} blocks" if spec.blocks > 1 else ""
    return f"{way} sums of {pairs:,} pairs at {spec.lags.count} lags for {kernels}{blocks}"
