"""Samples and specifications for sums on a grid, and how near they must come."""

import numpy as np

from learnsys.series.sums.kernels import density
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

FIELDS = ("ww", "xy", "xw", "wx")
SMOOTH = ("gaussian", "k4", "local-linear")


def assert_close(ours, theirs, samples, tol):
    """Compare to ``tol`` of what the pairs of samples could add up to: the peak of the kernel times |w x| |w y|."""
    for a, b in zip(ours, theirs, strict=True):
        reach = np.linspace(-4 * a.kernel.h, 4 * a.kernel.h, 401)
        for name in FIELDS:
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None)
            if x is None:
                continue
            assert x.shape == y.shape
            size = [np.sqrt(samples.sums((samples.w * v) ** 2)) for v in (samples.x, np.ones_like(samples.x))]
            left, right = size[name[0] == "w"], size[name[1] == "w"]
            most = left[a.pairs[:, 0]] * right[a.pairs[:, 1]]
            for p in range(len(x)):
                peak = np.abs(density(a.kernel, reach, p)).max()
                assert np.all(np.abs(x[p] - y[p]) <= tol * peak * most[:, None] + 1e-300)


def many(seed, series=3, n=400, span_s=400.0, quantum=None):
    rng = np.random.default_rng(seed)
    stamps = [rng.uniform(0, span_s, n) for _ in range(series)]
    if quantum:
        stamps = [quantum * np.round(t / quantum) for t in stamps]
    return Samples.of({str(d): (t, rng.normal(size=n)) for d, t in enumerate(stamps)})


def spec_of(*names, h=0.6, pairs="all", blocks=1, cross=False):
    return SumsSpec(
        pairs=pairs, kernels=tuple(Kernel(name=name, h=h) for name in names), blocks=blocks, cross=cross,
        lags=Lags(first_s=-7.1, step_s=0.37, count=40),
    )  # fmt: skip
