"""Slow, obvious twins: every pair of samples, one by one."""

import numpy as np

from learnsys.series.sums.kernels import density, moments
from learnsys.series.types import KernelSums, Samples, SumsSpec


def block_of(samples: Samples, t, blocks):
    """The block of each stamp: ``blocks`` equal parts of the time from the first to the last sample of all."""
    first, last = samples.t.min(), samples.t.max()
    return np.minimum((blocks * (t - first) / max(last - first, 1e-300)).astype(int), blocks - 1)


def kernel_sums(samples: Samples, spec: SumsSpec, density=density) -> tuple[KernelSums, ...]:
    pairs = spec.numbered(len(samples))
    tau = spec.lags.values
    out = []
    for kernel in spec.kernels:
        q, r = moments(kernel)
        shape = (spec.blocks, len(pairs), tau.size)
        ww, xy, xw, wx = np.zeros((q, *shape)), *(np.zeros((r, *shape)) for _ in range(3))
        for n, (a, b) in enumerate(pairs):
            ta, xa, wa = samples.one(a)
            tb, xb, wb = samples.one(b)
            if not ta.size or not tb.size:
                continue
            u = tb[None, :] - ta[:, None]
            keep = np.ones_like(u, bool) if a != b else ~np.eye(ta.size, dtype=bool)
            for j in range(spec.blocks):
                inside = keep & (block_of(samples, ta, spec.blocks) == j)[:, None]
                for p in range(q):
                    for l, lag in enumerate(tau):
                        k = np.where(inside, density(kernel, u - lag, p), 0.0)
                        ww[p, j, n, l] = wa @ k @ wb
                        if p < r:
                            xy[p, j, n, l] = (wa * xa) @ k @ (wb * xb)
                            xw[p, j, n, l] = (wa * xa) @ k @ wb
                            wx[p, j, n, l] = wa @ k @ (wb * xb)
        more = {"xw": xw, "wx": wx} if spec.cross else {}
        out.append(KernelSums(kernel=kernel, lags=spec.lags, pairs=pairs, ww=ww, xy=xy, **more))
    return tuple(out)


def overlaps(starts, ends, others):
    """Lengths of the overlaps of all intervals with all others: the covariances of Brownian increments."""
    first, last = np.maximum(starts[:, None], others[0]), np.minimum(ends[:, None], others[1])
    return np.maximum(last - first, 0.0)
