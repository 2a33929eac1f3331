# mypy: disable-error-code="no-any-return"
"""Sums over pairs of samples from Fourier coefficients: exact to a tolerance, for any number of pairs and any lags.

A sum over pairs of a kernel at a lag is a product of coefficients (Wiener & Khinchin). With g_p the transform of the
kernel's moment p and a period P >= T + L + reach of the kernel, so that nothing wraps around,

    sum_ij K_p(t^b_j - t^a_i - tau) c^a_i c^b_j = (1 / P) sum_k conj(g_p(w_k)) conj(C^a_k) C^b_k e^{i w_k tau},

over all k; coefficients of real samples need only k >= 0. It ends where g_p falls below the tolerance. The lags are
equally spaced, so the sum over k is itself a non-uniform transform (finufft's, type 1), whose "stamps" are the angles
w_k step: K log(1 / tol) operations and a small FFT, however few or many lags. A box has no band limit, and is replaced
by its truncated Fourier series.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import MissingExtra
from learnsys.series.estimate.types import CoefficientsSpec
from learnsys.series.sums.blocks import block_of
from learnsys.series.sums.cardinality import check_modes
from learnsys.series.sums.compiled import jit
from learnsys.series.sums.kernels import bandlimit, moments, transform
from learnsys.series.sums.nufft import Spectra
from learnsys.series.sums.projection import Coefficients, project
from learnsys.series.types import Floats, Kernel, KernelSums, Lags, Samples, SumsSpec

REACH: Final = 9.5  # bandwidths after which any kernel is below 1e-17 of its peak
ANGLE: Final = 0.25  # radians that a wave may turn, at the last lag, from the middle of a run to its end
RUN: Final = 128  # longest run
LESS: Final = 0.01  # of the tolerance is what the transform to lags may use up: it is cheap
# Which coefficients of a and of b a sum multiplies, and the sum over samples that holds its terms i = j.
FIELDS: Final = {"ww": ("W", "W"), "xy": ("X", "X"), "xw": ("X", "W"), "wx": ("W", "X")}
SELF: Final = {"ww": "sum_w2", "xy": "sum_w2x2", "xw": "sum_w2x", "wx": "sum_w2x"}

Channel = tuple[Kernel, int, str]  # kernel, moment, which sum


def frequencies(samples: Samples, spec: SumsSpec, tol: float) -> CoefficientsSpec:
    """Choose the period, so that nothing wraps around, and the highest frequency that any kernel lets through.

    Raises
    ------
    InputError
        If the bandwidth is so small, for so long a time, that the coefficients would not fit in memory.
    """
    span = float(np.ptp(samples.t)) if samples.t.size else 0.0
    period = span + spec.lags.reach_s + REACH * max(k.h for k in spec.kernels)
    modes = int(np.ceil(max(bandlimit(k, tol) for k in spec.kernels) * period / (2 * np.pi))) + 1
    check_modes(len(samples), modes, itemsize=16)
    return CoefficientsSpec(period_s=period, modes=modes)


def sums(samples: Samples, spec: SumsSpec, *, tol: float = 1e-9) -> tuple[KernelSums, ...]:
    """Compute the sums by projecting every series, and the samples of each block.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec
    tol : float
        Error relative to the sums of values that are all 1; from about 1e-4 on float32 does.

    Raises
    ------
    InputError
        If the bandwidth is so small, for so long a time, that the coefficients would not fit in memory.

    Examples
    --------
    >>> from learnsys.series import types
    >>> s = types.Samples.of({"a": ([0.0, 1.0, 2.5], [1.0, 2.0, 4.0])})
    >>> gaussian = types.Kernel(name="gaussian", h=0.5)
    >>> spec = types.SumsSpec(pairs="auto", kernels=(gaussian,), lags=types.lags(0, 2, 1))
    >>> sums(s, spec)[0].ww.round(6).tolist()
    [[[[0.233697, 1.29096, 1.075865]]]]
    """
    chosen = frequencies(samples, spec, tol)
    whole = project(samples, chosen, tol=tol)
    parts = (project(part, chosen, tol=tol) for part in _cut(samples, spec.blocks)) if spec.blocks > 1 else (whole,)
    return of_coefficients(parts, whole, spec, tol=tol)


def of_coefficients(
    parts: Iterable[Coefficients], whole: Coefficients, spec: SumsSpec, *, tol: float = 1e-9
) -> tuple[KernelSums, ...]:
    """Compute the sums from coefficients.

    Parameters
    ----------
    parts : iterable of Coefficients
        Of the samples in each block, ``spec.blocks`` of them; they are the samples of a.
    whole : Coefficients
        Of all samples; they are the samples of b. Their period must leave room for the lags.
    spec : SumsSpec
    tol : float
        Of the transform to lags; the frequencies decide how well a kernel is met.
    """
    pairs = spec.numbered(len(whole.ids))
    names = tuple(FIELDS) if spec.cross else ("ww", "xy")
    channels = [
        (k, p, name) for k in dict.fromkeys(spec.kernels) for name in names for p in range(moments(k)[name != "ww"])
    ]
    factors = {(k, p): _factor(k, p, whole, spec.lags) for k in spec.kernels for p in range(moments(k)[0])}
    to_lags = _ToLags(spec.lags, whole, len(channels), tol)
    alone = _alone(to_lags, channels, factors) if (pairs[:, 0] == pairs[:, 1]).any() else np.zeros(0)
    out = np.zeros((len(channels), spec.blocks, len(pairs), spec.lags.count))
    for j, part in enumerate(parts):
        for n, (a, b) in enumerate(pairs):
            for c, (kernel, p, name) in enumerate(channels):
                of_a, of_b = (getattr(given, field) for given, field in zip((part, whole), FIELDS[name], strict=True))
                to_lags.add(c, of_a[a], of_b[b], factors[kernel, p])
            out[:, j, n] = to_lags.at_lags()
            if a == b:
                out[:, j, n] -= np.array([getattr(part, SELF[name])[a] for _, _, name in channels])[:, None] * alone
    return tuple(_gather(kernel, spec, pairs, channels, out) for kernel in spec.kernels)


def _cut(samples: Samples, blocks: int) -> Iterator[Samples]:
    """Give the samples of each block of time."""
    block = block_of(samples, blocks)
    for j in range(blocks):
        here = block == j
        count = np.bincount(samples.series[here], minlength=len(samples))
        starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        yield msgspec.structs.replace(samples, t=samples.t[here], x=samples.x[here], w=samples.w[here], starts=starts)


def _factor(kernel: Kernel, p: int, whole: Coefficients, lags: Lags) -> Spectra:
    """Make what all products of coefficients are multiplied with, shape (K,): the kernel, and the phase of a lag.

    The lag is the one that finufft takes for number 0; all k < 0 are counted with their mirror images.
    """
    factor = np.conj(transform(kernel, whole.omega, p)) * (2 / whole.period_s)
    factor[0] /= 2
    if middle := lags.first_s + lags.step_s * (lags.count // 2):
        factor *= np.exp(2j * np.pi * _turns(whole, middle))
    return factor.astype(whole.X.dtype)


def _turns(whole: Coefficients, time_s: float) -> Floats:
    """Give the fraction of a turn, from -1/2 to 1/2, that each wave makes in a time, shape (K,)."""
    turns = np.arange(whole.modes) * (time_s / whole.period_s)
    return turns - np.rint(turns)


class _ToLags:
    """The sum over k >= 0 of given terms times e^{i w_k tau}, its real part, at all lags.

    Over a run of neighbouring k, e^{i w_k tau} is a polynomial to within the tolerance, so the terms of a run count by
    their first few moments only, and the transform to lags is one of moments, not of terms.
    """

    def __init__(self, lags: Lags, whole: Coefficients, many: int, tol: float) -> None:
        L, step = lags.count, lags.step_s / whole.period_s
        angle = np.pi * step * (L // 2 + 1)  # by which the wave at the last lag turns in half a step of k
        self.run = int(np.clip(ANGLE / angle, 1, RUN))
        self.powers = _powers(self.run, angle * self.run, LESS * tol).astype(whole.X.real.dtype)
        self.whole, self.many = whole, many
        self.moments = np.empty((many, len(self.powers), -(-whole.modes // self.run)), complex)
        settings: dict[str, Any] = {"eps": max(LESS * tol, 1e-14), "isign": 1, "dtype": complex, "nthreads": 1}
        self.plan = _finufft().Plan(1, (L,), n_trans=many * len(self.powers), **settings)
        turns = _turns(whole, lags.step_s)[:: self.run] + (self.run - 1) / 2 * step
        self.plan.setpts(2 * np.pi * (turns - np.rint(turns)))
        slope = 1j * np.pi * step * self.run * (np.arange(L) - L // 2)
        self.series = np.stack([slope**p / math.factorial(p) for p in range(len(self.powers))])

    def add(self, c: int, a: Spectra, b: Spectra, factor: Spectra) -> None:
        """Take conj(a) b factor, each of shape (K,), as the terms of channel ``c``."""
        _moments(a, b, factor, self.powers, self.moments[c])

    def at_lags(self) -> Floats:
        """Give the sums of all channels, shape (many, L)."""
        shape = (-1, self.moments.shape[-1])
        found = self.plan.execute(self.moments.reshape(shape).squeeze())
        return (found.reshape(self.many, len(self.powers), -1) * self.series).sum(axis=1).real.astype(float)


def _powers(run: int, angle: float, tol: float) -> Floats:
    """Give powers of the place of each k in its run, from -1 to 1, shape (q, run).

    There are as many as the tolerance needs where the wave turns by ``angle`` from the middle of the run to its end.
    """
    q, left = 1, angle * (run > 1)
    while left > tol / 4:
        q += 1
        left *= angle / q
    place: Floats = (2 * np.arange(run) - (run - 1)) / run
    return np.asarray(place ** np.arange(q)[:, None], float)


def _alone(to_lags: _ToLags, channels: list[Channel], factors: dict[tuple[Kernel, int], Spectra]) -> Floats:
    """Compute the kernel of each channel at the distance 0 from each lag, shape (channels, L)."""
    one = np.ones(to_lags.whole.modes, to_lags.whole.X.dtype)
    for c, (kernel, p, _) in enumerate(channels):
        to_lags.add(c, one, one, factors[kernel, p])
    return to_lags.at_lags()


def _finufft() -> Any:
    try:
        import finufft
    except ImportError as error:
        raise MissingExtra.of("finufft", "series") from error
    return finufft


def _gather(
    kernel: Kernel,
    spec: SumsSpec,
    pairs: NDArray[np.int64],
    channels: list[Channel],
    out: Floats,
) -> KernelSums:
    """Put the sums of one kernel together."""
    fields = {
        name: np.stack([out[c] for c, (k, _, field) in enumerate(channels) if k == kernel and field == name])
        for name in (FIELDS if spec.cross else ("ww", "xy"))
    }
    return KernelSums(kernel=kernel, lags=spec.lags, pairs=pairs, **fields)


@jit
def _moments(a: Any, b: Any, factor: Any, powers: Any, out: Any) -> None:
    """Add up conj(a) b factor times each power over each run, shape (q, runs)."""
    q, run = powers.shape
    out[:] = 0
    for r in range(out.shape[1]):
        first = r * run
        for k in range(first, min(first + run, a.size)):
            term = np.conj(a[k]) * b[k] * factor[k]
            for p in range(q):
                out[p, r] += term * powers[p, k - first]
