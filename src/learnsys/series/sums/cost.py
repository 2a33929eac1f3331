"""What a way to compute sums costs: counts of elementary operations times what each takes on this machine.

    direct     pairs of samples within reach, and for each the lags that its kernel touches
    grid       cells that samples are spread to, transforms of segments, a product of matrices per frequency
    spectral   the same spreading, one long transform a series and block, and products and a transform a pair and block

The counts follow from how many samples there are and how long they last, not from the samples, so that a plan can be
made before anything is read. The unit costs are measured once a machine by ``learnsys.series.graph.calibrate``.
"""

from functools import lru_cache
from typing import Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.sums.kernels import bandlimit, moments
from learnsys.series.types import Kernel, Pairs, SumsSpec

Way = Literal["direct", "spectral", "grid"]
WAYS: Final[tuple[Way, ...]] = ("direct", "spectral", "grid")
TOL: Final = 1e-6
REACH: Final = 9.0  # bandwidths after which a Gaussian kernel is nothing
LANES: Final = 8.0  # cells that a sample is spread to at once
SEGMENT: Final = 4.0  # halos: about the length of a segment
# What a way takes for each second that is counted, moving data and so on: the middle of 13 sets of 2 to 40 series of
# 500 to 100,000 samples, from which single ones are off by up to a factor of 2.
BESIDE: Final[dict[Way, float]] = {"direct": 0.75, "grid": 4.0, "spectral": 3.0}
RUNNING: Final = 4.0  # grids: four products instead of two, and transforms back for every few rows of cells
CALL_SHARE: Final = 0.1  # of a call: what a pair of series costs beside its products
LONG_S: Final = 20.0
MOST_BYTES: Final = 2**31  # of coefficients: more are not worth their memory
COLUMNS: Final = 3  # of a row that is read: stamp, name, value


@final
class UnitCosts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of CPU that an elementary operation takes.

    Attributes
    ----------
    pair, lag : float
        To meet a pair of samples, and to add it at one lag.
    cell : float
        To spread a sample to one cell.
    fft : float
        A point of a real transform of n points, for each of log2 n steps.
    flop : float
        A multiplication and addition of a product of matrices.
    product : float
        A product of two complex numbers with a factor, added up.
    read, sort : float
        A value of a column, read; a sample, put in order.
    call : float
        To start any way.
    """

    pair: float = 4e-8
    lag: float = 9e-9
    cell: float = 0.6e-9
    fft: float = 0.13e-9
    flop: float = 0.02e-9
    product: float = 3e-9
    read: float = 1e-8
    sort: float = 5e-9
    call: float = 2e-4


@final
class CostModel(msgspec.Struct, frozen=True, kw_only=True):
    """Predicts seconds of CPU."""

    units: UnitCosts = UnitCosts()

    def sums(self, facts: Facts, spec: SumsSpec, pairs: "SeriesPairs | None" = None) -> dict[Way, float]:
        """Predict each way's seconds for samples of which ``facts`` tells; ``pairs`` stand for those of ``spec``."""
        span = _span_s(facts)
        if pairs is None:
            pairs = SeriesPairs.of(facts, spec.pairs if isinstance(spec.pairs, str) else spec.numbered(0))
        counted: dict[Way, float] = {
            "direct": self.units.call + sum(self._direct(pairs, spec, kernel, span) for kernel in spec.kernels),
            "grid": self._grid(facts, pairs, spec, span),
            "spectral": self._spectral(facts, pairs, spec, span),
        }
        return {way: BESIDE[way] * seconds for way, seconds in counted.items()}

    def scan(self, rows: float, columns: int = COLUMNS) -> float:
        """Predict the seconds to read rows into samples."""
        return self.units.call + rows * (columns * self.units.read + self.units.sort)

    def running(self, facts: Facts, spec: SumsSpec) -> float:
        """Predict the seconds for sums of rows that come in chunks: read, spread, and multiplied at all lags."""
        return self.scan(float(facts.n.sum())) + RUNNING * self.sums(facts, spec)["grid"]

    def projection(self, facts: Facts, spec: CoefficientsSpec) -> float:
        """Predict the seconds to project all series."""
        points, u = 4.0 * spec.modes, self.units
        transforms = 2 * len(facts.ids) * points * np.log2(max(points, 2))
        return float(u.call + u.cell * 2 * LANES * facts.n.sum() + u.fft * transforms)

    def _direct(self, pairs: "SeriesPairs", spec: SumsSpec, kernel: Kernel, span: float) -> float:
        reach = REACH * kernel.h if kernel.name != "box" else kernel.h
        lags = spec.lags
        window = lags.step_s * (lags.count - 1) + 2 * reach
        met = pairs.samples * min(window / span, 1.0)
        each = min(2 * reach / lags.step_s + 1, lags.count) * sum(moments(kernel)) / 2
        return met * (self.units.pair + each * self.units.lag)

    def _grid(self, facts: Facts, pairs: "SeriesPairs", spec: SumsSpec, span: float) -> float:
        u, band = self.units, max(_band(kernel) for kernel in spec.kernels)
        cell = np.pi / (1.25 * band)
        halo = (spec.lags.reach_s + max(_extent_s(kernel) for kernel in spec.kernels)) / cell + 2 * LANES
        cells = span / cell + 2 * halo * spec.blocks
        size = min(SEGMENT * halo, 2 * cells) + 2 * halo
        rows = np.ceil(cells / max(size - 2 * halo, 1.0))
        frequencies = size / 2 / 1.25
        several = sum(sum(moments(kernel)) for kernel in spec.kernels) * spec.lags.count
        products = pairs.tiled * frequencies * (16 * rows + 8 * several * spec.blocks)
        transforms = 4 * len(facts.ids) * rows * size * np.log2(max(size, 2))
        return float(2 * u.call + u.cell * 2 * LANES * facts.n.sum() + u.fft * transforms + u.flop * products)

    def _spectral(self, facts: Facts, pairs: "SeriesPairs", spec: SumsSpec, span: float) -> float:
        u, band = self.units, max(_band(kernel) for kernel in spec.kernels)
        period = span + spec.lags.reach_s + REACH * max(kernel.h for kernel in spec.kernels)
        whole = CoefficientsSpec(period_s=period, modes=int(band * period / (2 * np.pi)) + 1)
        if 32 * whole.modes * len(facts.ids) > MOST_BYTES:
            return float("inf")
        projections = 1 if spec.blocks == 1 else 1 + spec.blocks
        channels = sum(sum(moments(kernel)) for kernel in spec.kernels)
        each = CALL_SHARE * u.call + channels * whole.modes * u.product
        return projections * self.projection(facts, whole) + pairs.count * spec.blocks * each


def allowed(facts: Facts, spec: SumsSpec, ways: tuple[Way, ...], pairs: "SeriesPairs | None" = None) -> tuple[Way, ...]:
    """Tell by which ways sums may be computed.

    A box is cut off where nothing else is, and only pair by pair are its sums those of a box: that is the way, unless
    it would take more than ``LONG_S`` on the machine that the defaults of ``UnitCosts`` describe.
    """
    if all(kernel.name != "box" for kernel in spec.kernels) or CostModel().sums(facts, spec, pairs)["direct"] > LONG_S:
        return ways
    return ("direct",)


@final
class SeriesPairs(msgspec.Struct, frozen=True, kw_only=True):
    """How many pairs of series, of samples of them, and of series in the tiles that hold them."""

    count: int
    samples: float
    tiled: float

    @classmethod
    def of(cls, facts: Facts, pairs: Pairs | NDArray[np.int64]) -> "SeriesPairs":
        """Count ``pairs`` of the series of which ``facts`` tells: by name, or numbers of shape (P, 2)."""
        n, d = facts.n.astype(float), len(facts.ids)
        if isinstance(pairs, str) and pairs == "all":
            return cls(count=d * (d + 1) // 2, samples=float(n.sum() ** 2 + (n**2).sum()) / 2, tiled=d**2 / 2 + d)
        a, b = (np.arange(d), np.arange(d)) if isinstance(pairs, str) else np.asarray(pairs, np.int64).T
        return cls(
            count=len(a),
            samples=float((n[a] * n[b]).sum()),
            tiled=min(4.0 * len(a), d**2 / 2 + d),
        )


def _span_s(facts: Facts) -> float:
    some = facts.n > 0
    return max(float(facts.last_s[some].max() - facts.first_s[some].min()), 1e-9) if some.any() else 1e-9


@lru_cache(maxsize=256)
def _band(kernel: Kernel) -> float:
    return bandlimit(kernel, TOL)


def _extent_s(kernel: Kernel) -> float:
    return kernel.h * (8.0 if kernel.name == "box" else kernel.h * _band(kernel))
