"""Auto- and cross-covariances at lags: a ratio of sums over pairs of samples.

    C_ab(tau) = sum_ij K_h(t^b_j - t^a_i - tau) w_i x_i w_j y_j / sum_ij K_h(t^b_j - t^a_i - tau) w_i w_j

(Edelson & Krolik, ApJ 1988, for the box; Rehfeld et al., NPG 2011, for the Gaussian kernel.) The local-linear kernel
fits a line over the lags near tau instead of a constant: with S_p the moments of the weights and T_p of the products,
C = (S_2 T_0 - S_1 T_1) / (S_0 S_2 - S_1^2).
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.weights import WEIGHTS, Weights
from learnsys.series.results.covariance import CrossCovariance
from learnsys.series.sums.kernels import density
from learnsys.series.types import (
    KERNELS,
    Floats,
    Kernel,
    KernelName,
    KernelSums,
    Lags,
    Pairs,
    SumsSpec,
    signed_duration,
)

MIN_PAIRS: Final = 8.0  # effective pairs of samples under which a lag is NaN: the ratio is noise there
MOST_BYTES: Final = 8e9  # of sums over pairs that a request may need
BLOCKS: Final = 24


@final
class XCov(msgspec.Struct, frozen=True, kw_only=True):
    """Which covariances are wanted, and how they are estimated.

    Attributes
    ----------
    lags : Lags
    kernel : {"k4", "gaussian", "box", "local-linear"}
    bandwidth : "auto" or str or float
        Of the kernel, a duration or seconds.
    weights : {"voronoi", "uniform"}
        How samples are to be weighted before they are summed.
    pairs : {"all", "auto"} or tuple of pairs of int
    ci : {"jackknife"} or None
    level : float
        Nominal coverage of the intervals.
    """

    lags: Lags
    kernel: KernelName = "k4"
    bandwidth: str | float = "auto"
    weights: Weights = "voronoi"
    pairs: Pairs = "all"
    ci: str | None = "jackknife"
    level: float = 0.95

    def needs(self, facts: Facts) -> SumsSpec:
        """Ask for sums over pairs, of blocks of time where intervals are wanted."""
        self._check(facts)
        kernel = Kernel(name=self.kernel, h=self.bandwidth_s(facts))
        spec = SumsSpec(pairs=self._pairs(facts), kernels=(kernel,), lags=self.lags, blocks=BLOCKS if self.ci else 1)
        size = 8.0 * len(spec.numbered(len(facts.ids))) * spec.lags.count * spec.blocks * 2
        if size > MOST_BYTES:
            raise InputError(
                f"the covariances of so many pairs and lags need {size / 1e9:.0f} GB", value=size,
                next="choose pairs, take fewer lags, or set ci=None",
            )  # fmt: skip
        return spec

    def finish(self, given: tuple[KernelSums, ...], facts: Facts) -> CrossCovariance:
        """Divide the sums.

        Sums that come with ``xw`` and ``wx`` are of samples whose mean was not removed: it is removed here.
        """
        sums = given[0]
        values, pairs_behind = ratio(sums, facts), effective_pairs(sums, facts)
        values = np.where(pairs_behind >= MIN_PAIRS, values, np.nan)
        variance = _variances(sums, values, len(facts.ids))
        nothing = np.full_like(values, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt(np.where(variance > 0, variance, np.nan))
            correlation = values / (scale[sums.pairs[:, 0]] * scale[sums.pairs[:, 1]])[:, None]
        return CrossCovariance(
            ids=facts.ids, pairs=sums.pairs, lags=sums.lags, values=values, raw=values, correlation=correlation,
            standard_error=nothing, low=nothing, high=nothing, effective_pairs=pairs_behind, variance=variance,
            nugget=facts.variance - variance, level=self.level if self.ci else None, kernel=self.kernel,
            bandwidth_s=np.full(len(sums.pairs), sums.kernel.h), notes=_masked(values, facts, sums.pairs),
        )  # fmt: skip

    def bandwidth_s(self, facts: Facts) -> float:
        """The bandwidth in seconds; ``"auto"``: 0.6 of the lags' step or of the typical gap between samples."""
        if self.bandwidth != "auto":
            return signed_duration(self.bandwidth)
        gaps = (facts.last_s - facts.first_s)[facts.n > 1] / (facts.n[facts.n > 1] - 1)
        return 0.6 * max(self.lags.step_s, float(np.exp(np.mean(np.log(gaps)))) if gaps.size else 0.0)

    def _pairs(self, facts: Facts) -> Pairs:
        """The pairs, and each of their series with itself: correlations need its variance."""
        if isinstance(self.pairs, str):
            return self.pairs
        alone = {(d, d) for pair in self.pairs for d in pair} - set(self.pairs)
        return (*self.pairs, *sorted(alone))

    def _check(self, facts: Facts) -> None:
        if self.kernel not in KERNELS:
            raise UnknownName.of("kernel", self.kernel, KERNELS)
        if self.weights not in WEIGHTS:
            raise UnknownName.of("way to weigh samples", self.weights, WEIGHTS)
        if self.bandwidth != "auto" and signed_duration(self.bandwidth) <= 0:
            raise InputError(f"the bandwidth is {self.bandwidth!r}, but must be more than 0", value=self.bandwidth)
        if not 0 < self.level < 1:
            raise InputError(f"the level of the intervals is {self.level}, but must be between 0 and 1",
                             value=self.level, next="try 0.95")  # fmt: skip
        span = float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s)) if np.any(facts.n) else 0.0
        if np.any(facts.n) and self.lags.reach_s > span / 2:
            raise InputError(
                f"a lag of {self.lags.reach_s:g} s is more than half of the {span:g} s that were observed",
                value=self.lags.reach_s, next=f"ask for lags up to {span / 2:g} s",
            )  # fmt: skip


def ratio(sums: KernelSums, facts: Facts, *, leave_out: int | None = None) -> Floats:
    """Divide sums over pairs, all blocks together or all but one, shape (P, L); NaN where nothing is known.

    Parameters
    ----------
    sums : KernelSums
        Of centred samples, or with ``xw`` and ``wx`` of uncentred ones.
    facts : Facts
    leave_out : int, optional
        A block.
    """
    s, t = (_total(part, leave_out) for part in (sums.ww, centred(sums, facts)))
    with np.errstate(invalid="ignore", divide="ignore"):
        if len(s) == 1:
            return np.where(s[0] > 0, t[0] / s[0], np.nan)
        determinant = s[0] * s[2] - s[1] ** 2
        return np.where(determinant > 1e-9 * s[0] * s[2], (s[2] * t[0] - s[1] * t[1]) / determinant, np.nan)


def centred(sums: KernelSums, facts: Facts) -> NDArray[np.float64]:
    """Take the means out of sums of products after the fact, in the shape of ``sums.xy``."""
    if sums.xw is None or sums.wx is None:
        return np.asarray(sums.xy, float)
    mean = np.nan_to_num(facts.mean)
    a, b = (mean[sums.pairs[:, side]][:, None] for side in (0, 1))
    return np.asarray(sums.xy - b * sums.xw - a * sums.wx + a * b * sums.ww[: len(sums.xy)], float)


def effective_pairs(sums: KernelSums, facts: Facts) -> Floats:
    """Count the pairs of samples behind each lag, shape (P, L): sum w_i w_j K_h / (K_h(0) w_a w_b).

    w_a and w_b are the mean weights seen by a weighted sample, sum w^2 / sum w, so that a pair of samples at the lag
    itself counts 1, less if it weighs less.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        typical = np.nan_to_num(facts.sum_w2 / facts.sum_w, nan=1.0)
    top = float(density(sums.kernel, np.zeros(1))[0])
    unit = top * typical[sums.pairs[:, 0]] * typical[sums.pairs[:, 1]]
    return np.asarray(np.maximum(sums.ww[0].sum(axis=0) / unit[:, None], 0.0), float)


def _total(part: NDArray[np.floating], leave_out: int | None) -> Floats:
    total = part.sum(axis=1)
    return np.asarray(total if leave_out is None else total - part[:, leave_out], float)


def _variances(sums: KernelSums, values: Floats, d: int) -> Floats:
    """C(0) of each series from its pair with itself, at the lag nearest to 0 if that is within half a step."""
    variance = np.full(d, np.nan)
    nearest = int(np.argmin(np.abs(sums.lags.values)))
    if abs(sums.lags.values[nearest]) <= 0.5 * sums.lags.step_s:
        alone = sums.pairs[:, 0] == sums.pairs[:, 1]
        variance[sums.pairs[alone, 0]] = values[alone, nearest]
    return variance


def _masked(values: Floats, facts: Facts, pairs: NDArray[np.int64]) -> tuple[str, ...]:
    """Say where values are missing, and why."""
    missing = np.isnan(values).sum(axis=1)
    told = [
        f"{facts.ids[a]} with {facts.ids[b]}: under {MIN_PAIRS:g} effective pairs at {k} of {values.shape[1]} lags: NaN"
        for (a, b), k in zip(pairs, missing, strict=True)
        if k
    ]
    return (*told[:5], *([f"and so for {len(told) - 5} more pairs"] if len(told) > 5 else []))
