"""How the series of a question relate to the samples that it shares with others, and its sums follow from theirs.

A question may see the shared samples through a selection, shifts, maps x -> a x + b and the removal of means. With
y = a x + b and stamps t + s, sums over pairs of centred samples are

    xy'(tau) = a_a a_b xy(tau - (s_b - s_a)),    ww'(tau) = ww(tau - (s_b - s_a)),

so neither needs the samples again.
"""

from collections.abc import Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.values import position
from learnsys.series.types import WHOLE, Floats, KernelSums, Lags, SumsSpec

FINEST: Final = 16  # a step of lags is cut into so many at most, to meet others


@final
class View(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Series of a question, shape (D,) each, in terms of those of the shared samples.

    Attributes
    ----------
    ids : tuple of str
    numbers : ndarray of int64
        Their numbers among the shared ones.
    a, b : ndarray
        Their values are a x + b.
    shift_s : ndarray
        Their stamps are so much later.
    """

    ids: tuple[str, ...]
    numbers: NDArray[np.int64]
    a: Floats
    b: Floats
    shift_s: Floats

    @classmethod
    def through(cls, after: Sequence[AbstractNode], facts: Facts) -> "View":
        """Look at shared samples, of which ``facts`` tells, through operations, the first one first."""
        d = len(facts.ids)
        view: View = cls(ids=facts.ids, numbers=np.arange(d), a=np.ones(d), b=np.zeros(d), shift_s=np.zeros(d))
        for op in after:
            view = view._then(op, facts)
        return view

    def facts(self, facts: Facts) -> Facts:
        """Tell what one pass over the question's own samples would."""
        of = {name: getattr(facts, name)[self.numbers] for name in ("n", "sum_w", "sum_w2")}
        return Facts(
            ids=self.ids, t0_ns=facts.t0_ns, **of,
            first_s=facts.first_s[self.numbers] + self.shift_s, last_s=facts.last_s[self.numbers] + self.shift_s,
            mean=self.a * facts.mean[self.numbers] + self.b, variance=self.a**2 * facts.variance[self.numbers],
        )  # fmt: skip

    def offsets_s(self, pairs: NDArray[np.int64]) -> Floats:
        """How much later b is than among the shared samples, against a, shape (P,)."""
        return np.asarray(self.shift_s[pairs[:, 1]] - self.shift_s[pairs[:, 0]], float)

    def take(self, shared: KernelSums, spec: SumsSpec, where: NDArray[np.int64]) -> KernelSums:
        """Make the question's sums, as ``spec`` wants them, of shared ones.

        Parameters
        ----------
        shared : KernelSums
            Of the right kernel.
        spec : SumsSpec
            What the question needs, by its own numbers.
        where : ndarray of int64, shape (P,)
            Where each of its pairs is among the shared ones.
        """
        pairs = spec.numbered(len(self.ids))
        first = spec.lags.first_s - self.offsets_s(pairs) - shared.lags.first_s
        columns = np.rint(first / shared.lags.step_s).astype(np.int64)[:, None] + round(
            spec.lags.step_s / shared.lags.step_s
        ) * np.arange(spec.lags.count)
        scale = (self.a[pairs[:, 0]] * self.a[pairs[:, 1]])[:, None]
        ww, xy = (_taken(part, spec.blocks, where, columns) for part in (shared.ww, shared.xy))
        return KernelSums(kernel=shared.kernel, lags=spec.lags, pairs=pairs, ww=ww, xy=xy * scale)

    def _then(self, op: AbstractNode, facts: Facts) -> "View":
        change = msgspec.structs.replace
        match op:
            case nodes.Select():
                kept = np.array([position(self.ids, name) for name in op.ids], np.int64)
                parts = {name: getattr(self, name)[kept] for name in ("numbers", "a", "b", "shift_s")}
                return change(self, ids=op.ids, **parts)
            case nodes.Demean():
                return change(self, b=-self.a * facts.mean[self.numbers])
            case nodes.Scale():
                on = self._chosen(op.ids)
                return change(self, a=np.where(on, op.a * self.a, self.a), b=np.where(on, op.a * self.b + op.b, self.b))
            case nodes.Shift():
                return change(self, shift_s=self.shift_s + np.where(self._chosen(op.ids), op.by_s, 0.0))
        raise TypeError(f"{op.label} does not commute with sums")

    def _chosen(self, ids: tuple[str, ...] | None) -> NDArray[np.bool_]:
        chosen = np.zeros(len(self.ids), bool)
        chosen[slice(None) if ids is None else [position(self.ids, name) for name in ids]] = True
        return chosen


def _taken(
    part: NDArray[np.floating], blocks: int, where: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.floating]:
    """Take pairs and lags, shape (moments, blocks, P, L), and add up blocks that are not wanted apart."""
    part = part[:, :, where[:, None], columns]
    if blocks > 1:
        return part
    return np.asarray(part.sum(axis=1, keepdims=True))


def common(grids: Sequence[Lags]) -> Lags | None:
    """Find lags that contain all of several grids; None if steps would have to be much finer.

    Examples
    --------
    >>> common([Lags(first_s=0.0, step_s=1.0, count=3), Lags(first_s=-1.5, step_s=0.5, count=2)])
    Lags(first_s=-1.5, step_s=0.5, count=8)
    """
    first = min(grid.first_s for grid in grids)
    last = max(grid.first_s + grid.step_s * (grid.count - 1) for grid in grids)
    finest = min(grid.step_s for grid in grids)
    distances = np.array([[grid.first_s - first, grid.step_s] for grid in grids]).ravel()
    for parts in range(1, FINEST + 1):
        steps = distances * (parts / finest)
        if np.all(np.abs(steps - np.rint(steps)) <= WHOLE * np.maximum(1.0, steps)):
            return Lags(first_s=float(first), step_s=finest / parts, count=round((last - first) * parts / finest) + 1)
    return None
