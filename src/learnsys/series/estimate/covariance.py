"""Auto- and cross-covariances at lags: a ratio of sums over pairs of samples.

    C_ab(tau) = sum_ij K_h(t^b_j - t^a_i - tau) w_i x_i w_j y_j / sum_ij K_h(t^b_j - t^a_i - tau) w_i w_j

(Edelson & Krolik, ApJ 1988, for the box; Rehfeld et al., NPG 2011, for the Gaussian kernel.) The local-linear kernel
fits a line over the lags near tau instead of a constant: with S_p the moments of the weights and T_p of the products,
C = (S_2 T_0 - S_1 T_1) / (S_0 S_2 - S_1^2).

The ratio is then corrected and shrunk (``shrinkage``); its bandwidth is chosen by cross-validation (``bandwidth``), its
intervals are those of a jackknife (``intervals``) about the ratio, less what the kernel and the removed mean did to it.
"""

from typing import Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.bandwidth import chosen, ladder
from learnsys.series.estimate.intervals import bounds, influence, standard_error
from learnsys.series.estimate.shrinkage import shrink
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.waves import waves
from learnsys.series.estimate.weights import WEIGHTS, Weights
from learnsys.series.results.covariance import CrossCovariance
from learnsys.series.sums.cardinality import check_cardinality, count_pairs
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
SURE: Final = 2.0  # standard errors of a mean of products of noise by which a variance must exceed 0 to divide by
MOST_PAIRS: Final = 500  # of series that are shrunk, and that get intervals unasked: some 10 ms each
BLOCKS: Final = 24
Intervals = Literal["auto", "jackknife"]


@final
class XCov(msgspec.Struct, frozen=True, kw_only=True):
    """Which covariances are wanted, and how they are estimated.

    Attributes
    ----------
    lags : Lags
    kernel : {"k4", "gaussian", "box", "local-linear"}
    bandwidth : "auto" or str or float
        Of the kernel, a duration or seconds; ``"auto"``: by cross-validation for each pair.
    weights : {"voronoi", "uniform"}
        How samples are to be weighted before they are summed.
    pairs : {"all", "auto"} or tuple of pairs of int
    ci : {"auto", "jackknife"} or None
        Intervals; ``"auto"``: of up to 500 pairs.
    level : float
        Nominal coverage of the intervals.
    shrink : bool
        Whether covariances are shrunk towards those of simple processes. It takes intervals, which tell how large noise
        is, and is done for up to 500 pairs.
    """

    lags: Lags
    kernel: KernelName = "k4"
    bandwidth: str | float = "auto"
    weights: Weights = "voronoi"
    pairs: Pairs = "all"
    ci: Intervals | None = "auto"
    level: float = 0.95
    shrink: bool = True

    def needs(self, facts: Facts) -> SumsSpec:
        """Ask for sums over pairs, of blocks of time where intervals are wanted.

        The lags asked for reach to 0, whose covariances are the variances.
        """
        self._check(facts)
        d = len(facts.ids)
        count_pairs(self.pairs, d)
        spec = SumsSpec(pairs=self._pairs(facts), kernels=(), lags=_with_zero(self.lags), blocks=1)
        count = count_pairs(spec.pairs, d)
        few = count <= MOST_PAIRS
        blocks = BLOCKS if self.ci == "jackknife" or (few and self.ci) else 1
        steps = (
            (signed_duration(self.bandwidth),)
            if self.bandwidth != "auto"
            else ladder(facts, self.lags, shrink=self.shrink and blocks > 1)
        )
        if blocks == 1 or not few:
            steps = steps[len(steps) // 2 :][:1]
        kernels = tuple(Kernel(name=self.kernel, h=h) for h in steps)
        check_cardinality(d, spec.lags.count, pairs=count, blocks=blocks, fields=2 * len(kernels))
        return msgspec.structs.replace(spec, kernels=kernels, blocks=blocks)

    def finish(self, given: tuple[KernelSums, ...], facts: Facts) -> CrossCovariance:
        """Divide the sums, choose bandwidths, correct, shrink, and add intervals.

        Sums that come with ``xw`` and ``wx`` are of samples whose mean was not removed: it is removed here.
        """
        facts.span_s()  # refuses to tell of no samples, which could be planned for
        parts = [fraction(sums, facts) for sums in given]
        best = np.zeros(len(given[0].pairs), np.int64)
        if len(given) > 1:
            best = chosen([above for above, _ in parts], [below for _, below in parts])
        pick = (best, np.arange(best.size))
        above, below = (np.stack([p[side] for p in parts], axis=1)[:, *pick] for side in (0, 1))
        behind = np.stack([effective_pairs(sums, facts) for sums in given])[pick]
        with np.errstate(invalid="ignore", divide="ignore"):
            y = np.where(behind >= MIN_PAIRS, above.sum(axis=0) / below.sum(axis=0), np.nan)
        estimate = _Estimate(y=y, moved=influence(above, below) if len(above) > 1 else None)
        estimate = estimate.shrunk(self.shrink, tuple(given[k] for k in best), facts)
        return self._result(estimate, behind, given, best, facts)

    def _result(
        self,
        estimate: "_Estimate",
        behind: Floats,
        given: tuple[KernelSums, ...],
        best: NDArray[np.int64],
        facts: Facts,
    ) -> CrossCovariance:
        sums, keep = given[0], _inside(given[0].lags, self.lags)
        variance = _variances(sums, estimate.filled, facts.variance)
        count = _variances(sums, behind, facts.variance)
        noise = np.where(count >= MIN_PAIRS, SURE * facts.variance / np.sqrt(np.maximum(count, MIN_PAIRS)), 0.0)
        scale = np.sqrt(np.where(variance > noise, variance, np.nan))
        correlation = estimate.values / (scale[sums.pairs[:, 0]] * scale[sums.pairs[:, 1]])[:, None]
        error, low, high = estimate.interval(self.level if self.ci else None)
        values = estimate.values[:, keep]
        return CrossCovariance(
            ids=facts.ids, pairs=sums.pairs, lags=self.lags, values=values, raw=estimate.raw[:, keep],
            correlation=correlation[:, keep], standard_error=error[:, keep], low=low[:, keep], high=high[:, keep],
            effective_pairs=behind[:, keep], variance=variance, nugget=facts.variance - variance,
            level=self.level if self.ci and estimate.moved is not None else None, kernel=self.kernel,
            bandwidth_s=np.array([given[k].kernel.h for k in best]),
            notes=(*self._notes(values, facts, sums.pairs), *_unsure(scale, variance, facts.ids)),
        )  # fmt: skip

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
            raise InputError(
                f"the bandwidth is {self.bandwidth!r}, but must be more than 0", value=self.bandwidth, next='try "auto"'
            )
        if not 0 < self.level < 1:
            raise InputError(f"the level of the intervals is {self.level}, but must be between 0 and 1",
                             value=self.level, next="try 0.95")  # fmt: skip
        if np.any(facts.n) and self.lags.reach_s > (span := facts.span_s()) / 2:
            raise InputError(
                f"a lag of {self.lags.reach_s:g} s is more than half of the {span:g} s that were observed",
                value=self.lags.reach_s, next=f"ask for lags up to {span / 2:g} s",
            )  # fmt: skip

    def _notes(self, values: Floats, facts: Facts, pairs: NDArray[np.int64]) -> tuple[str, ...]:
        """Say where values are missing, and why, and what was not done."""
        ids = facts.ids
        told = [
            f"{ids[a]} with {ids[b]}: {k} of {values.shape[1]} lags NaN: under {MIN_PAIRS:g} effective pairs"
            for (a, b), k in zip(pairs, np.isnan(values).sum(axis=1), strict=True)
            if k
        ]
        more = [f"and so for {len(told) - 5} more pairs"] if len(told) > 5 else []
        common = np.fmin(*facts.last_s[pairs.T]) - np.fmax(*facts.first_s[pairs.T])
        if (short := np.flatnonzero(common < 2 * self.lags.reach_s)).size:
            a, b = pairs[short[0]]
            more.append(
                f"{ids[a]} with {ids[b]}: lags are longer than half of the {max(common[short[0]], 0):g} s in which "
                f"both were observed; {short.size} such pairs"
            )
        if _holes(values):
            more.append("lags are NaN between known ones: the bandwidth is below the quantum or the gaps of the stamps")
        if len(pairs) > MOST_PAIRS and self.shrink and self.ci:
            more.append(f"not shrunk: more than {MOST_PAIRS} pairs")
        return (*told[:5], *more)


@final
class _Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Ratios y (P, L) on their way to covariances: the influence of blocks on them, and what was done to them."""

    y: Floats
    moved: Floats | None
    values: Floats = msgspec.field(default_factory=lambda: np.empty(0))
    filled: Floats = msgspec.field(default_factory=lambda: np.empty(0))
    raw: Floats = msgspec.field(default_factory=lambda: np.empty(0))
    bias: Floats = msgspec.field(default_factory=lambda: np.empty(0))

    def shrunk(self, keep: bool, chosen_sums: tuple[KernelSums, ...], facts: Facts) -> "_Estimate":
        """Correct for kernel and mean, and shrink if ``keep``; as they are where pairs are many or blocks one."""
        if self.moved is None or len(self.y) > MOST_PAIRS:
            return msgspec.structs.replace(self, values=self.y, raw=self.y, filled=self.y, bias=np.zeros_like(self.y))
        values, raw, filled, bias = self.y.copy(), self.y.copy(), self.y.copy(), np.zeros_like(self.y)
        pairs, lags = chosen_sums[0].pairs, chosen_sums[0].lags
        size = np.nan_to_num(np.abs(_variances(chosen_sums[0], self.y, facts.variance)))
        for p in np.flatnonzero(np.isfinite(self.y).any(axis=1)):
            (a, b), sums = pairs[p], chosen_sums[p]
            # samples of one series share the errors of its mean with themselves
            own = float(facts.variance[a] * facts.sum_w2[a] / facts.sum_w[a] ** 2) if a == b else 0.0
            found = shrink(
                self.y[p] + own, self.moved[:, p], waves(lags, sums.kernel, even=bool(a == b)), lags,
                scale=float(size[a] * size[b]),
                rate=float(np.mean(sums.ww[0, :, p].sum(axis=0)) / (facts.sum_w[a] * facts.sum_w[b])),
            )  # fmt: skip
            raw[p] = self.y[p] + own + found.loss
            known = np.isfinite(self.y[p])
            values[p] = np.where(known, found.values, np.nan) if keep else raw[p]
            filled[p], bias[p] = np.where(known, values[p], found.values), found.bias
        return msgspec.structs.replace(self, values=values, raw=raw, bias=bias, filled=filled)

    def interval(self, level: float | None) -> tuple[Floats, Floats, Floats]:
        """Standard errors and intervals about the corrected ratios; NaN without blocks or level."""
        if self.moved is None or level is None:
            nothing = np.full_like(self.y, np.nan)
            return nothing, nothing, nothing
        error = np.where(np.isfinite(self.y), standard_error(self.moved), np.nan)
        low, high = bounds(self.raw - self.bias, error, level=level, blocks=len(self.moved))
        return error, low, high


def fraction(sums: KernelSums, facts: Facts) -> tuple[Floats, Floats]:
    """Numerators and denominators of the ratio by blocks, each of shape (B, P, L).

    The local-linear estimate is such a ratio too, with weights S_2 and S_1 of all blocks together.
    """
    t, s = centred(sums, facts), np.asarray(sums.ww, float)
    if len(s) == 1:
        return t[0], s[0]
    first, second = s[1].sum(axis=0), s[2].sum(axis=0)
    below = second * s[0] - first * s[1]
    enough = below.sum(axis=0) > 1e-9 * s[0].sum(axis=0) * second
    return second * t[0] - first * t[1], np.where(enough, below, np.nan)


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
    parts = fraction(sums, facts)
    above, below = (part.sum(axis=0) - (0 if leave_out is None else part[leave_out]) for part in parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.nan), float)


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


def _holes(values: Floats) -> bool:
    """Tell whether any row has a NaN between numbers."""
    known = np.isfinite(values)
    before, after = (np.logical_or.accumulate(known[:, ::way], axis=1)[:, ::way] for way in (1, -1))
    return bool((~known & before & after).any())


def _with_zero(lags: Lags) -> Lags:
    """Lengthen the lags to reach 0, or to within half a step of it."""
    last = lags.first_s + lags.step_s * (lags.count - 1)
    before, after = (max(0, round(end / lags.step_s)) for end in (lags.first_s, -last))
    return Lags(first_s=lags.first_s - before * lags.step_s, step_s=lags.step_s, count=lags.count + before + after)


def _inside(wide: Lags, lags: Lags) -> slice:
    start = round((lags.first_s - wide.first_s) / lags.step_s)
    return slice(start, start + lags.count)


def _unsure(scale: Floats, variance: Floats, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Say which series are noise of single samples as far as can be told, so that nothing correlates with them."""
    unsure = [name for name, s, v in zip(ids, scale, variance, strict=True) if np.isnan(s) and np.isfinite(v) and v]
    if not unsure:
        return ()
    more = f" and {len(unsure) - 5} more" if len(unsure) > 5 else ""
    return (
        f"no correlations of {', '.join(unsure[:5])}{more}: different samples near each other do not vary together. "
        "Prices and other levels that wander are compared by leadlag --increments (lead_lag(of='increments'))",
    )


def _variances(sums: KernelSums, values: Floats, total: Floats) -> Floats:
    """C(0) of each series from its pair with itself, at the lag nearest to 0; NaN without such a pair.

    Where it is unknown, as between the stamps of a clock, it is the variance of the samples, noise and all.
    """
    variance = np.full_like(total, np.nan)
    alone = sums.pairs[:, 0] == sums.pairs[:, 1]
    at_zero = values[alone, int(np.argmin(np.abs(sums.lags.values)))]
    series = sums.pairs[alone, 0]
    variance[series] = np.where(np.isfinite(at_zero), at_zero, total[series])
    return variance
