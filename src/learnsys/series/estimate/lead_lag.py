"""Who leads whom, of all pairs of series: lags with intervals, p-values, and what remains after so many looks.

Two kinds of series ask for two ways. **Values** that fluctuate around a mean (delays, temperatures): the correlation
is a ratio of sums over pairs of samples, from whichever lowering made them; intervals by the jackknife over blocks of
time. **Increments** of levels that wander (prices): the likelihood of a delay between Brownian motions, and
correlations that are calibrated for the stamps (``delay``); it walks along the levels themselves.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.covariance import centred
from learnsys.series.estimate.increments import merged
from learnsys.series.estimate.peaks import jackknifed_peak, peak_of, scaled
from learnsys.series.estimate.surrogates import Null, benjamini_hochberg, flipped, shifted
from learnsys.series.estimate.types import Facts
from learnsys.series.results.lead_lag import LeadLagResult
from learnsys.series.sums.cardinality import check_cardinality, count_pairs
from learnsys.series.types import Floats, Kernel, KernelSums, Lags, Pairs, Samples, SumsSpec, signed_duration

Test = Literal["shift", "flip"]
TESTS: Final[tuple[Test, ...]] = ("shift", "flip")
KINDS: Final = ("values", "increments")
BLOCKS: Final = 32  # of time: their signs tell 2^31 surrogates apart
LARGE: Final = 0.5  # a correlation that is not significant, yet is worth a word
FAR: Final = 8  # a record must be so many times longer than the largest lag, to shift one series along it
MOST_LAGS: Final = 4001
FEWEST: Final = 8  # lags on each side of 0, unless a step is given
CHUNK: Final = 2**22  # sums at far lags that are held at once


@final
class LeadLag(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look for leads, and how to judge them.

    Attributes
    ----------
    max_lag : str or float
        The largest lag, a duration or seconds.
    step : str or float, optional
        Between lags that are scanned; half the typical gap between samples if not given. Peaks are refined.
    of : {"values", "increments"}
        What moves together: values around a mean, or increments of levels that wander. Samples are given as values or
        as levels; increments are taken here.
    test : {"shift", "flip"}
        How chance is judged: by lags far away, from the samples; or by random signs of blocks of time, from sums over
        pairs that were merged (values only).
    n : int
        Surrogates.
    fdr : float
        False discovery rate over the pairs, in (0, 1).
    level : float
        Nominal coverage of the intervals of the lags.
    pairs : {"all"} or tuple of pairs of int
    bandwidth : str or float, optional
        Of the lag kernel for values; the step if not given.
    seed : int
        Of the random signs.
    """

    max_lag: str | float
    step: str | float | None = None
    of: Literal["values", "increments"] = "values"
    test: Test = "shift"
    n: int = 200
    fdr: float = 0.05
    level: float = 0.95
    pairs: Pairs = "all"
    bandwidth: str | float | None = None
    seed: int = 0

    @property
    def of_sums(self) -> bool:
        """Whether sums over pairs are what is needed, whatever the samples."""
        return self.test == "flip"

    def needs(self, facts: Facts) -> SumsSpec | None:
        """Ask for sums in blocks of time, or for the samples where these are shifted or wander."""
        lags = self.lags(facts)
        self._check(facts, lags)
        return self.spec(facts) if self.test == "flip" else None

    def finish(self, given: Any, facts: Facts) -> LeadLagResult:
        """Make the result of merged sums, or of samples."""
        if not isinstance(given, Samples):
            return self._of_sums(given[0], facts, None)
        if self.of == "increments":
            return self._of_levels(given, facts)
        from learnsys.series.sums.compute import sums

        samples = given.centred()
        return self._of_sums(sums(samples, self.spec(facts))[0], facts, samples)

    def spec(self, facts: Facts) -> SumsSpec:
        """Name the sums over pairs that a test by signs and the jackknife need."""
        lags = self.lags(facts)
        return SumsSpec(pairs=self._pairs(facts), kernels=(self._kernel(lags),), lags=lags, blocks=BLOCKS)

    def lags(self, facts: Facts) -> Lags:
        """The lags that are scanned."""
        reach = signed_duration(self.max_lag)
        gaps = (facts.last_s - facts.first_s)[facts.n > 1] / (facts.n[facts.n > 1] - 1)
        typical = float(np.median(gaps)) / 2 if gaps.size else reach
        typical = min(max(typical, 2 * reach / (MOST_LAGS - 1)), reach / FEWEST)
        step = signed_duration(self.step) if self.step is not None else typical
        if not 0 < step <= reach:
            raise InputError(
                f"the largest lag is {reach:g} s and the step {step:g} s, but 0 < step <= largest lag is needed",
                value=reach, next="give a larger max_lag, or a step",
            )  # fmt: skip
        half = int(np.ceil(reach / step * (1 - 1e-9)))
        return Lags(first_s=-reach, step_s=reach / half, count=2 * half + 1)

    def _kernel(self, lags: Lags) -> Kernel:
        return Kernel(name="gaussian", h=lags.step_s if self.bandwidth is None else signed_duration(self.bandwidth))

    def _pairs(self, facts: Facts) -> tuple[tuple[int, int], ...]:
        if self.pairs == "all":
            return tuple((a, b) for a in range(len(facts.ids)) for b in range(a + 1, len(facts.ids)))
        return tuple((a, b) for a, b in self.pairs if a != b) if not isinstance(self.pairs, str) else ()

    def _check(self, facts: Facts, lags: Lags) -> None:
        for what, name, known in (("test", self.test, TESTS), ("kind of movement", self.of, KINDS)):
            if name not in known:
                raise UnknownName.of(what, name, known)
        if self.of == "increments" and self.test == "flip":
            raise InputError("increments are tested from the samples", value=self.test, next='use test="shift"')
        if self.n < 1:
            raise InputError.below("n", self.n, 1)
        if self.pairs == "auto":
            raise InputError("no series leads itself", value=self.pairs, next='ask for pairs="all", or some pairs')
        check_cardinality(len(facts.ids), lags.count, pairs=count_pairs(self.pairs, len(facts.ids)), fields=2)
        if lags.reach_s * FAR > (span := facts.span_s()):
            raise InputError(
                f"a lag of {lags.reach_s:g} s is more than 1/{FAR} of the {span:g} s that were observed",
                value=lags.reach_s, next=f"look at lags up to {span / FAR:g} s",
            )  # fmt: skip

    def _of_levels(self, samples: Samples, facts: Facts) -> LeadLagResult:
        """Estimate the delay of each pair of wandering series."""
        from learnsys.series.estimate.delay import delay, wanderer

        lags, pairs, levels = self.lags(facts), self._pairs(facts), merged(samples)
        known = {}
        for d in sorted({d for pair in pairs for d in pair}):
            t, x, _ = levels.one(d)
            if t.size > 2 and np.any(np.diff(x)):
                known[d] = wanderer(t, x)
        rows = np.full((len(pairs), 5), np.nan)
        profile = np.full((len(pairs), lags.count), np.nan)
        for p, (a, b) in enumerate(pairs):
            if a in known and b in known:
                found = delay(known[a], known[b], lags, n=self.n, level=self.level)
                rows[p] = found.lag_s, found.low_s, found.high_s, found.correlation, found.p_value
                profile[p] = found.profile
        return self._result(facts, pairs, lags, rows, profile)

    def _of_sums(self, sums: KernelSums, facts: Facts, samples: Samples | None) -> LeadLagResult:
        """Find the peak of each pair; judge it by signs of blocks, or with samples by lags far away."""
        sums = msgspec.structs.replace(sums, xy=centred(sums, facts), xw=None, wx=None)
        profile, rng = scaled(sums, facts), np.random.default_rng(self.seed)
        rows = np.full((len(sums.pairs), 5), np.nan)
        nulls = self._flips(sums, rng) if samples is None else self._shifts(samples, sums)
        for p, (z, null) in enumerate(nulls):
            if np.isfinite(profile[p]).any():
                lag, top = peak_of(sums.lags.values, profile[p])
                low, high = jackknifed_peak(sums, p, self.level)
                rows[p] = lag, low, high, top, null.p_value(float(np.max(np.abs(z))))
        return self._result(facts, sums.pairs, sums.lags, rows, profile)

    def _flips(self, sums: KernelSums, rng: np.random.Generator) -> Iterator[tuple[Floats, Null]]:
        for p in range(len(sums.pairs)):
            blocks = np.asarray(sums.xy[0][:, p], float)
            size, null = flipped(blocks, self.n, rng)
            yield blocks.sum(axis=0) / np.where(size > 0, size, np.inf), null

    def _shifts(self, samples: Samples, sums: KernelSums) -> Iterator[tuple[Floats, Null]]:
        """Compare products per root of weight with those of far lags on both sides, some pairs at a time."""
        from learnsys.series.sums.compute import sums as compute

        lags, width = sums.lags, sums.lags.count
        span = float(samples.t.max() - samples.t.min())
        steps = max(min(int((span / 2 - 2 * lags.reach_s) / lags.step_s) + 1, self.n * width // 2), width)
        sides = [
            Lags(first_s=first, step_s=lags.step_s, count=steps)
            for first in (2 * lags.reach_s, -2 * lags.reach_s - (steps - 1) * lags.step_s)
        ]
        at_once = max(CHUNK // (2 * steps), 1)
        for start in range(0, len(sums.pairs), at_once):
            pairs = tuple((int(a), int(b)) for a, b in sums.pairs[start : start + at_once])
            specs = [SumsSpec(pairs=pairs, kernels=(sums.kernel,), lags=side) for side in sides]
            far = [_standard(compute(samples, spec)[0]) for spec in specs]
            here = _standard(sums)[start : start + at_once]
            for p in range(len(pairs)):
                size, null = shifted([part[p] for part in far], width, self.n)
                yield here[p] / (size or np.inf), null

    def _result(self, facts: Facts, pairs: Any, lags: Lags, rows: Floats, profile: Floats) -> LeadLagResult:
        numbered, q = np.array(pairs, np.int64).reshape(-1, 2), benjamini_hochberg(rows[:, 4])
        return LeadLagResult(
            ids=facts.ids, pairs=numbered, lags=lags, lag_s=rows[:, 0], low_s=rows[:, 1], high_s=rows[:, 2],
            correlation=rows[:, 3], ratio=_ratio(lags, profile), p_value=rows[:, 4],
            q_value=q, fdr=self.fdr, level=self.level, profile=profile,
            notes=_notes(facts, numbered, rows, lags, significant=q <= self.fdr),
        )  # fmt: skip


def _standard(sums: KernelSums) -> Floats:
    """Sums of products over the root of the sums of weights, shape (P, L): of one size whatever the lag."""
    weight = np.asarray(sums.ww[0].sum(axis=0), float)
    return np.asarray(sums.xy[0].sum(axis=0) / np.sqrt(np.where(weight > 0, weight, np.inf)), float)


def _ratio(lags: Lags, profile: Floats) -> Floats:
    """Squared correlations at positive lags over those at negative ones."""
    square, tau = np.nan_to_num(profile) ** 2, lags.values
    after, before = (square[:, side].sum(axis=1) for side in (tau > lags.step_s / 2, tau < -lags.step_s / 2))
    return np.asarray(np.divide(after, before, out=np.full(len(profile), np.nan), where=before > 0), float)


def _notes(
    facts: Facts, pairs: NDArray[np.int64], rows: Floats, lags: Lags, *, significant: NDArray[np.bool_]
) -> tuple[str, ...]:
    """Say which pairs have no lag, whose peaks may lie beyond the lags, and which correlate as much far beyond."""
    left_out = sorted({facts.ids[d] for d in pairs[np.isnan(rows[:, 4])].ravel()})
    edge = int(np.sum((np.abs(rows[:, 0]) > lags.reach_s - lags.step_s) & significant))
    common = int(np.sum((np.abs(rows[:, 3]) > LARGE) & ~significant))
    notes = []
    if left_out:
        notes.append(f"no lag is known for pairs among {', '.join(left_out[:8])}: too few samples, or constant")
    if edge:
        notes.append(f"{edge} of {int(significant.sum())} significant peaks are at the largest lag: look further")
    if common:
        notes.append(
            f"{common} of {len(pairs)} pairs correlate by more than {LARGE}, but no less at lags far beyond: remove a "
            "trend or a cycle that they share (detrend by linear or day)"
        )
    return tuple(notes)
