"""Correlations of one window of time after the other, from samples that come without end, in bounded memory.

Windows begin at multiples of their length and do not overlap. What is held is the samples of the open window and one
profile of correlations a window for as many as are asked for. A window closes when a sample comes that is later than
its end by the patience; what comes for it after that is late, and counted.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError
from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.types import Facts
from learnsys.series.types import Floats, Lags, Samples

FEWEST: Final = 8  # samples of a series in a window
_NS: Final = 1_000_000_000

Pair = tuple[str, str]


@final
class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What one window tells.

    Attributes
    ----------
    start_ns : int
        Its beginning, nanoseconds since 1970.
    n : int
        Samples in it.
    correlation : dict of (str, str) to ndarray, shape (L,)
        By pair of series and lag; a pair is absent where one of them has too few samples.
    """

    start_ns: int
    n: int
    correlation: dict[Pair, Floats]


@final
class Rolling:
    """Windows of a stream.

    Parameters
    ----------
    lags : Lags
    window_s : float
        Length of a window; at least four times the largest lag.
    bandwidth_s : float
        Of the lag kernel.
    pairs : sequence of (str, str), optional
        Which series; all that come if not given.
    patience_s : float
        For how long a window waits for samples that are late.
    keep : int
        Windows that are kept.

    Raises
    ------
    InputError
        If the window is too short for the lags.
    """

    def __init__(
        self, lags: Lags, *, window_s: float, bandwidth_s: float, pairs: tuple[Pair, ...] | None = None,
        patience_s: float = 0.0, keep: int = 64,
    ) -> None:  # fmt: skip
        if window_s < 4 * lags.reach_s:
            raise InputError(
                f"a window of {window_s:g} s is too short for lags up to {lags.reach_s:g} s", value=window_s,
                next=f"give at least {4 * lags.reach_s:g} s",
            )  # fmt: skip
        self.lags, self.window_ns, self.bandwidth_s = lags, round(window_s * _NS), bandwidth_s
        self.pairs, self.patience_ns = pairs, round(patience_s * _NS)
        self.kept: deque[Window] = deque(maxlen=keep)
        self.late = 0
        self._open: dict[int, list[tuple[tuple[str, ...], NDArray[np.int32], NDArray[Any], NDArray[Any]]]] = {}
        self._closed: int | None = None  # the last window that is

    def add(self, chunk: Any) -> Iterator[Window]:
        """Take a chunk of samples, and give the windows that close by it, in their order."""
        stamps = np.asarray(chunk.t)
        t = stamps if stamps.dtype.kind == "i" else np.round(stamps * _NS).astype(np.int64)
        number = t // self.window_ns
        fresh = np.ones(len(t), bool) if self._closed is None else number > self._closed
        self.late += int((~fresh).sum())
        for w in np.unique(number[fresh]):
            here = fresh & (number == w)
            part = (chunk.ids, np.asarray(chunk.codes)[here], t[here], np.asarray(chunk.x, float)[here])
            self._open.setdefault(int(w), []).append(part)
        if len(t):
            yield from self._close((int(t.max()) - self.patience_ns) // self.window_ns)

    def finish(self) -> Iterator[Window]:
        """Close what is open: the stream has ended."""
        yield from self._close(max(self._open, default=-1) + 1)

    def mean(self, pair: Pair) -> Floats | None:
        """Average the kept windows of a pair; None if there are none."""
        seen = [w.correlation[pair] for w in self.kept if pair in w.correlation]
        return np.asarray(np.mean(seen, axis=0)) if seen else None

    def _close(self, before: int) -> Iterator[Window]:
        for w in sorted(w for w in self._open if w < before):
            made = self._window(w)
            self.kept.append(made)
            self._closed = w
            yield made

    def _window(self, w: int) -> Window:
        start, parts = w * self.window_ns, self._open.pop(w)
        ids = parts[-1][0]
        codes, t, x = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
        enough = np.flatnonzero(np.bincount(codes, minlength=len(ids)) >= FEWEST)
        series = {ids[d]: ((t[codes == d] - start) / _NS, x[codes == d]) for d in enough}
        return Window(start_ns=start, n=len(t), correlation=self._profiles(Samples.of(series, t0_ns=start)))

    def _profiles(self, samples: Samples) -> dict[Pair, Floats]:
        from learnsys.series.sums.compute import sums

        place = {name: d for d, name in enumerate(samples.ids)}
        names = self.pairs or tuple((a, b) for i, a in enumerate(samples.ids) for b in samples.ids[i + 1 :])
        numbered = tuple((place[a], place[b]) for a, b in names if a in place and b in place)
        if not numbered:
            return {}
        facts = Facts.of(samples)
        asked = XCov(
            lags=self.lags, bandwidth=self.bandwidth_s, weights="uniform", pairs=numbered, ci=None, shrink=False
        )
        made = asked.finish(sums(samples.centred(), asked.needs(facts)), facts)
        # by the variances of the samples: those without noise are too uncertain in one window to divide by
        scale = np.sqrt(np.where(facts.variance > 0, facts.variance, np.nan))
        by = {(int(a), int(b)): y / (scale[a] * scale[b]) for (a, b), y in zip(made.pairs, made.values, strict=True)}
        return {(samples.ids[a], samples.ids[b]): by[a, b] for a, b in numbered if np.isfinite(by[a, b]).any()}
