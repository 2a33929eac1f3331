"""Increments of irregularly sampled levels, as samples at the mid-points of the intervals between them.

An increment x_{i+1} - x_i belongs to its interval: the value is the increment a second and the weight the interval's
length, so that weight times value is the increment itself, mid-point and weight give the interval back, and weighted
sums over pairs are sums of products of increments over sums of products of lengths,

    C_ab(tau) = sum_ij K_h(..) dx_i dy_j / sum_ij K_h(..) dt_i dt_j,

which does not depend on the sampling. (Levels times (i w)^d in the frequency domain would be the same for regular
samples; for irregular ones it fails outright: the jumps between the levels and 0 drown everything.)
"""

import numpy as np

from learnsys.series.types import Samples


def merged(samples: Samples) -> Samples:
    """Replace samples with one stamp by one of their mean value and total weight.

    Examples
    --------
    >>> merged(Samples.of({"a": ([0.0, 1.0, 1.0], [5.0, 2.0, 4.0])})).x.tolist()
    [5.0, 3.0]
    """
    new = np.ones(samples.t.size, bool)
    new[1:] = (np.diff(samples.t) > 0) | (np.diff(samples.series) > 0)
    if new.all():
        return samples
    group = np.cumsum(new) - 1
    w = np.bincount(group, samples.w).astype(float)
    plain = np.bincount(group, samples.x) / np.bincount(group)  # where all weights are 0
    x = np.divide(np.bincount(group, samples.w * samples.x), w, out=plain, where=w > 0)
    starts = np.concatenate([[0], np.cumsum(np.bincount(samples.series[new], minlength=len(samples)))])
    return Samples(ids=samples.ids, t0_ns=samples.t0_ns, t=samples.t[new], x=x, w=w, starts=starts.astype(np.int64))


def increments(samples: Samples) -> Samples:
    """Take the differences of consecutive levels of each series.

    Parameters
    ----------
    samples : Samples
        Levels; of samples with one stamp the mean is taken. Their weights are not used.

    Returns
    -------
    Samples
        At mid-points; values in units a second; weights are lengths of the intervals in seconds. A series with fewer
        than two stamps has none.

    Examples
    --------
    >>> d = increments(Samples.of({"a": ([0.0, 2.0, 3.0], [1.0, 5.0, 4.0])}))
    >>> d.t.tolist(), d.x.tolist(), d.w.tolist()
    ([1.0, 2.5], [2.0, -1.0], [2.0, 1.0])
    """
    levels = merged(samples)
    within = np.diff(levels.series) == 0
    w = np.diff(levels.t)[within]
    counts = np.maximum(np.diff(levels.starts) - 1, 0)
    return Samples(
        ids=levels.ids, t0_ns=levels.t0_ns, t=(levels.t[:-1] + 0.5 * np.diff(levels.t))[within],
        x=np.diff(levels.x)[within] / w, w=w, starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )  # fmt: skip
