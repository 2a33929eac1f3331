"""Blocks of time: what the jackknife leaves out and cross-validation predicts."""

import numpy as np
from numpy.typing import NDArray

from learnsys.series.types import Samples


def block_of(samples: Samples, blocks: int) -> NDArray[np.int64]:
    """Number the block of each sample, shape (n,): equal parts of the time from the first to the last sample of all.

    Examples
    --------
    >>> block_of(Samples.of({"a": ([0.0, 5.0, 6.0], [1.0, 1.0, 1.0]), "b": ([10.0], [1.0])}), 2).tolist()
    [0, 1, 1, 1]
    """
    if blocks == 1 or not samples.t.size:
        return np.zeros(samples.t.size, np.int64)
    first, last = samples.t.min(), samples.t.max()
    part = (blocks * (samples.t - first) / max(last - first, 1e-300)).astype(np.int64)
    return np.asarray(np.minimum(part, blocks - 1), np.int64)
