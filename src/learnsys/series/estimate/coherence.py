"""Coherence, phase, partial coherence and Granger's causality by frequency, from covariances at lags.

The covariances between -L and L, made positive semi-definite with Parzen's window, are transformed to a spectral matrix
S(w); the window leaves 3.71 T/L degrees of freedom [1]_. Then

    coherence |S_ab|^2/(S_aa S_bb),   phase -arg S_ab,   partial coherence |P_ab|^2/(P_aa P_bb) with P = S^-1,

and Granger's causality by factorisation (``factor``). Intervals come from a jackknife over blocks of time, of atanh of
the root of a coherence, of the phase around the circle, and of the causality itself. So does the threshold: samples at
random stamps add noise to a spectrum that depends on where they are, and the variance V_ab of S_ab over the blocks sees
all of it. With n = S_aa S_bb/V_ab, as if so many periodograms had been averaged, unrelated series have a coherence
above 1 - q^(1/(n - 1)) with probability q.

.. [1] M. B. Priestley, "Spectral Analysis and Time Series", 1981, sections 6.2 and 9.
"""

from typing import Any, Final, Literal, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate import positive
from learnsys.series.estimate.factor import granger
from learnsys.series.estimate.likelihood import gaps_s
from learnsys.series.estimate.parts import part_of_facts, part_of_sums, usable
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.weights import Weights
from learnsys.series.estimate.whittle import matrices
from learnsys.series.results.coherence import CrossSpectrum
from learnsys.series.sums.kernels import transform
from learnsys.series.types import Floats, Kernel, KernelSums, Lags, SumsSpec, signed_duration

Causes = Literal["none", "pairwise", "conditional"]
Complexes = NDArray[np.complex128]

CAUSES: Final[tuple[Causes, ...]] = ("none", "pairwise", "conditional")
BLOCKS: Final = 16
LAGS: Final = 32  # steps to the largest lag, where none is named
WIDE: Final = 0.3  # bandwidth in steps
DEGREES: Final = 3.71  # of Parzen's window, times T/L
LOST: Final = 2.0  # standard errors: a spectrum below so many is noise
NEAR: Final = 2  # frequencies on each side whose variances are averaged
NOTHING: Final = 1e-12  # of a series' mean power
RIDGE: Final = 0.01  # of a series' mean power: added before a matrix is inverted or factored


@final
class Coherence(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted.

    Attributes
    ----------
    step : "auto" or str or float
        Of the lags: frequencies go up to 1/(2 step). ``"auto"``: the typical gap between samples.
    max_lag : "auto" or str or float
        Frequencies are told apart from about its inverse on. ``"auto"``: 32 steps.
    partial : bool
        Whether partial coherences are wanted.
    causes : {"none", "pairwise", "conditional"}
        Granger's causality of each two series alone, or given all others.
    weights : {"voronoi", "uniform"}
    level : float
        Of thresholds and intervals.
    """

    step: str | float = "auto"
    max_lag: str | float = "auto"
    partial: bool = False
    causes: Causes = "none"
    weights: Weights = "voronoi"
    level: float = 0.95

    def needs(self, facts: Facts) -> SumsSpec:
        """Ask for sums over pairs of all series, by blocks of time."""
        if self.causes not in CAUSES:
            raise UnknownName.of("kind of causes", self.causes, CAUSES)
        if not 0 < self.level < 1:
            raise InputError(f"the level is {self.level}, but must be between 0 and 1", value=self.level)
        kept, _ = usable(facts)
        if len(kept) < 2:
            raise InputError("coherence needs two series that can be used", value=len(kept), next="select more")
        step, count = self._lags(part_of_facts(facts, kept))
        return SumsSpec(
            pairs="all", kernels=(Kernel(name="gaussian", h=WIDE * step),), blocks=BLOCKS,
            lags=Lags(first_s=-count * step, step_s=step, count=2 * count + 1),
        )  # fmt: skip

    def finish(self, given: tuple[KernelSums, ...], facts: Facts) -> CrossSpectrum:
        """Transform, compare, and do so again without each block."""
        kept, notes = usable(facts)
        sums, facts = part_of_sums(given[0], kept), part_of_facts(facts, kept)
        s = spectral(sums, facts)
        step, last = sums.lags.step_s, len(s) - 1
        span = float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s))
        degrees = DEGREES * span / (last * step)
        others = np.array([spectral(sums, facts, leave_out=j) for j in range(sums.ww.shape[1])])
        scale = _scale(s)  # units of the series must not matter
        alike, others = np.asarray(s / scale, complex), np.asarray(others / scale, complex)
        behind = _averaged(alike, others, degrees)
        lost = (np.diagonal(behind, axis1=1, axis2=2) < LOST**2) | (_powers(alike) <= NOTHING)
        notes = (*notes, *_told(lost, facts))
        without = [self._measures(other) for other in others]
        limits = {name: self._limits(name, value, without) for name, value in self._measures(alike).items()}
        fields: dict[str, Any] = {}
        for name in ("coherence", "phase", "partial", "causes"):
            for end, value in zip(("_low", "", "_high"), limits.get(name, (None,) * 3), strict=True):
                fields[name + end] = value if value is None or name == "causes" else _masked(value, lost)
        return CrossSpectrum(
            ids=facts.ids, frequencies_hz=np.arange(last + 1) / (2 * last * step), spectrum=s, degrees=degrees,
            threshold=self._threshold(behind),
            partial_threshold=self._threshold(behind - (len(kept) - 2)) if self.partial else None,
            causes_are=None if self.causes == "none" else self.causes, level=self.level, notes=notes, **fields,
        )  # fmt: skip

    def _measures(self, s: Complexes) -> dict[str, Floats]:
        """What is compared, of series of mean power 1: roots of coherences, phases and causality."""
        power = _powers(s)
        both = np.minimum(np.abs(s) / np.sqrt(power[:, :, None] * power[:, None, :]), 1.0)
        out = {"coherence": both, "phase": -np.angle(s)}
        ridged: Complexes = s + RIDGE * np.eye(s.shape[1])
        if self.partial:
            p = np.asarray(np.linalg.inv(ridged), complex)
            root = np.sqrt(_powers(p))
            out["partial"] = np.minimum(np.abs(p) / (root[:, :, None] * root[:, None, :]), 1.0)
        if self.causes != "none":
            out["causes"] = _causes(ridged.conj(), self.causes)
        return out

    def _limits(self, name: str, value: Floats, without: list[dict[str, Floats]]) -> tuple[Floats, Floats, Floats]:
        """Low end, estimate and high end, from the estimates without each block."""
        j = len(without)
        reach = float(student.ppf(0.5 + self.level / 2, j - 1)) * np.sqrt((j - 1) / j)
        others = np.array([w[name] for w in without])
        if name == "phase":
            apart = np.angle(np.exp(1j * (others - value)))
            half = np.minimum(reach * np.sqrt(np.sum(apart**2, axis=0)), np.pi)
            return value - half, value, value + half
        if name == "causes":
            half = reach * np.sqrt(np.sum((others - others.mean(axis=0)) ** 2, axis=0))
            return np.maximum(value - half, 0.0), value, value + half
        z, others = (np.arctanh(np.minimum(v, 1 - 1e-9)) for v in (value, others))
        half = reach * np.sqrt(np.sum((others - others.mean(axis=0)) ** 2, axis=0))
        return np.tanh(np.maximum(z - half, 0)) ** 2, value**2, np.fmax(np.tanh(z + half), value) ** 2

    def _threshold(self, behind: Floats) -> Floats:
        """What squared coherence unrelated series seldom exceed."""
        return np.asarray(1 - (1 - self.level) ** (1 / np.maximum(behind - 1, 0.1)), float)

    def _lags(self, facts: Facts) -> tuple[float, int]:
        """Step, and number of lags above 0."""
        step = float(np.exp(np.mean(np.log(gaps_s(facts))))) if self.step == "auto" else signed_duration(self.step)
        if step <= 0:
            raise InputError(f"the step is {self.step!r}, but must be more than 0", value=self.step)
        span = float(np.nanmax(facts.last_s) - np.nanmin(facts.first_s))
        furthest = min(LAGS * step, span / 4) if self.max_lag == "auto" else signed_duration(self.max_lag)
        if not 2 * step <= furthest <= span / 2:
            raise InputError(
                f"the largest lag is {furthest:g} s, but must be between 2 steps of {step:g} s and half of {span:g} s",
                value=furthest, next="change max_lag or step",
            )  # fmt: skip
        return step, int(furthest / step)


def spectral(sums: KernelSums, facts: Facts, *, leave_out: int | None = None) -> Complexes:
    """Estimate the spectral matrix per Hz, two-sided, shape (L, D, D)."""
    values = positive.project(matrices(sums, facts, leave_out=leave_out))
    omega = np.pi * np.arange(len(values)) / ((len(values) - 1) * sums.lags.step_s)
    smooth = transform(sums.kernel, np.asarray(omega, float)).real
    return np.asarray(sums.lags.step_s * positive.spectra(values) / smooth[:, None, None], complex)


def _averaged(s: Complexes, others: Complexes, degrees: float) -> Floats:
    """Count the periodograms that might as well have been averaged, shape (F, D, D).

    Ratios of variances of neighbouring frequencies are averaged: those of few blocks are noise themselves.
    """
    j, power = len(others), _powers(s)
    variance = (j - 1) / j * np.sum(np.abs(others - others.mean(axis=0)) ** 2, axis=0)
    wide = np.pad(variance / (power[:, :, None] * power[:, None, :]), ((NEAR, NEAR), (0, 0), (0, 0)), mode="reflect")
    smooth = np.mean([wide[k : k + len(s)] for k in range(2 * NEAR + 1)], axis=0)
    return np.asarray(1 / np.maximum(smooth, 2 / degrees), float)


def _causes(s: Complexes, how: Causes) -> Floats:
    d = s.shape[1]
    out = np.zeros((len(s), d, d))
    for a in range(d):
        for b in range(d):
            if a != b and how == "conditional":
                out[:, a, b] = granger(s, a, b)
            elif a != b:
                out[:, a, b] = granger(s[:, [[a], [b]], [a, b]], 0, 1)
    return out


def _scale(s: Complexes) -> Floats:
    """Geometric means of each two series' mean powers, shape (D, D); 1 for a series of none."""
    power = np.diagonal(s, axis1=1, axis2=2).real.mean(axis=0)
    root = np.sqrt(np.where(power > 0, power, 1.0))
    return np.outer(root, root)


def _powers(s: Complexes) -> Floats:
    """The diagonals, shape (F, D), and never quite 0."""
    return np.asarray(np.maximum(np.diagonal(s, axis1=1, axis2=2).real, NOTHING), float)


def _masked(values: Floats, lost: NDArray[np.bool_]) -> Floats:
    return np.where(lost[:, :, None] | lost[:, None, :], np.nan, values)


def _told(lost: NDArray[np.bool_], facts: Facts) -> list[str]:
    """Say where spectra are lost in noise."""
    return [
        f"{facts.ids[d]}: its spectrum is lost in noise at {lost[:, d].sum()} of {len(lost)} frequencies: NaN"
        for d in np.flatnonzero(lost.any(axis=0))
    ]
