# mypy: disable-error-code="untyped-decorator"
"""Sums over pairs of samples, pair by pair: best for few samples, or where kernel and lags reach only few neighbours.

Stamps are sorted, so the samples of b that a sample of a meets at any lag form a window that slides along. Per pair of
samples and lag it costs a multiplication, not an exponential: along equally spaced lags u - s, u - 2s, ... a Gaussian
is a product of ratios that themselves shrink by the constant exp(-s^2/h^2). One starts at the lag nearest to the pair,
where the kernel is largest, and goes outward, so that nothing small is ever multiplied up.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.series.sums.blocks import block_of
from learnsys.series.sums.compiled import jit
from learnsys.series.sums.kernels import moments, reach_s
from learnsys.series.types import Kernel, KernelSums, Samples, SumsSpec

BOX: Final = 0
GAUSSIAN: Final = 1
K4: Final = 2
SHAPES: Final = {"box": BOX, "gaussian": GAUSSIAN, "k4": K4, "local-linear": GAUSSIAN}


def sums(samples: Samples, spec: SumsSpec) -> tuple[KernelSums, ...]:
    """Add up the pairs of samples within reach of each lag.

    Parameters
    ----------
    samples : Samples
    spec : SumsSpec

    Returns
    -------
    tuple of KernelSums
        One for each kernel of ``spec``.

    Examples
    --------
    >>> from learnsys.series import types
    >>> s = types.Samples.of({"a": ([0.0, 1.0, 2.5], [1.0, 2.0, 4.0])})
    >>> box = types.Kernel(name="box", h=0.5)
    >>> spec = types.SumsSpec(pairs="auto", kernels=(box,), lags=types.lags(0, 2, 1))
    >>> sums(s, spec)[0].xy.tolist()
    [[[[0.0, 2.0, 0.0]]]]
    """
    pairs, block = spec.numbered(len(samples)), block_of(samples, spec.blocks)
    return tuple(_of_kernel(samples, spec, kernel, pairs, block) for kernel in spec.kernels)


def _of_kernel(
    samples: Samples, spec: SumsSpec, kernel: Kernel, pairs: NDArray[np.int64], block: NDArray[np.int64]
) -> KernelSums:
    q, r = moments(kernel)
    lags = spec.lags
    out = np.zeros((q + (3 if spec.cross else 1) * r, spec.blocks, len(pairs), lags.count))
    shape = (SHAPES[kernel.name], kernel.h, reach_s(kernel))
    data = (samples.t, samples.x, samples.w, samples.starts, block)
    _add_pairs(out, data, pairs, (lags.values, lags.step_s), shape, (q, r, spec.cross))
    cross = {"xw": out[q + r : q + 2 * r], "wx": out[q + 2 * r :]} if spec.cross else {}
    return KernelSums(kernel=kernel, lags=lags, pairs=pairs, ww=out[:q], xy=out[q : q + r], **cross)


@jit
def _add_pairs(  # type: ignore[no-untyped-def]
    out, data, pairs, grid, shape, wanted
):
    """Add all pairs of series to ``out``, shape (moments of ww, xy, and of xw and wx, blocks, P, L)."""
    t, x, w, starts, block = data
    tau, step = grid
    reach = shape[2]
    for n in range(pairs.shape[0]):
        a, b = pairs[n]
        low, end = starts[b], starts[b + 1]
        for i in range(starts[a], starts[a + 1]):
            while low < end and t[low] - t[i] < tau[0] - reach:
                low += 1
            here = out[:, block[i], n, :]
            j = low
            while j < end and t[j] - t[i] <= tau[-1] + reach:
                if a != b or i != j:
                    _add_pair(here, t[j] - t[i], (tau, step), shape, (w[i], x[i], w[j], x[j]), wanted)
                j += 1


@jit
def _add_pair(  # type: ignore[no-untyped-def]
    here, d, grid, shape, pair, wanted
):
    """Add one pair of samples, d seconds apart, at all lags within reach."""
    tau, step = grid
    kind, h, reach = shape
    last = tau.size - 1
    if kind == BOX:  # rounding decides on the edge, so one lag more is looked at on either side
        for l in range(max(int((d - h - tau[0]) / step) - 1, 0), min(int((d + h - tau[0]) / step) + 2, last + 1)):
            if abs(d - tau[l]) < h:
                _put(here, l, 0.5 / h, d - tau[l], pair, wanted)
        return
    near = min(max(int(np.rint((d - tau[0]) / step)), 0), last)
    u = d - tau[near]
    if abs(u) > reach:
        return
    top = np.exp(-0.5 * (u / h) ** 2) / (h * np.sqrt(2 * np.pi))
    shrink = np.exp(-((step / h) ** 2))
    _put(here, near, _k4(top, u, h) if kind == K4 else top, u, pair, wanted)
    for way in (-1, 1):
        l = near + way
        if l < 0 or l > last or abs(d - tau[l]) > reach:
            continue
        ratio = np.exp((way * u * step - 0.5 * step**2) / h**2)
        g = top * ratio
        while 0 <= l <= last and abs(d - tau[l]) <= reach:
            _put(here, l, _k4(g, d - tau[l], h) if kind == K4 else g, d - tau[l], pair, wanted)
            l += way
            ratio *= shrink
            g *= ratio


@jit
def _k4(g, u, h):  # type: ignore[no-untyped-def]
    return g * (1.5 - 0.5 * (u / h) ** 2)


@jit
def _put(  # type: ignore[no-untyped-def]
    here, l, k, u, pair, wanted
):
    """Add a pair of samples at lag number ``l``, where the kernel is ``k``."""
    wi, xi, wj, yj = pair
    q, r, cross = wanted
    ww = wi * wj * k
    for p in range(q):
        here[p, l] += ww
        if p < r:
            here[q + p, l] += ww * xi * yj
            if cross:
                here[q + r + p, l] += ww * xi
                here[q + 2 * r + p, l] += ww * yj
        ww *= u
