"""Surprises spread to siblings: what was odd on a reference is to be expected on machines like it.

Models explain a new workload by known ones. What they miss of its runs on the references R is kriged to the machines
that are alike in configuration (regression kriging; Odeh, McBratney & Chittleborough, Geoderma 1995):

    mu_v += K_vR (K_RR + N)^-1 (y_R - mu_R),    K_uv = s_u s_v exp(-d_uv) (1 + [same vendor] + [same family]) / 3
    d_uv = |log2 c_u / c_v| / l_c + |log2 m_u / m_v| / l_m,    c cores, m memory

s_v is how far off the models are on machine v, N the noise of the runs. The kernel is not learned, so it says something
where no known workload told two machines apart.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from learnsys.core.machine import Machine

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

REACH: Final = (1.0, 2.0)  # l_c and l_m: doublings of cores and of memory over which machines stay alike
CLIP: Final = 0.3  # of log seconds: a larger surprise is a failed run rather than news
LEAST: Final = 1e-6  # of a standard deviation


def likeness(machines: Sequence[Machine], references: Indices) -> Floats:
    """Give K / (s_u s_v) between the references and all machines, shape (R, V)."""
    sizes = np.log2([[m.vcpus or 1.0, m.memory_bytes or 1] for m in machines])
    vendor = np.array([m.vendor for m in machines])
    family = np.array([f"{m.vendor} {m.family or m.key}" for m in machines])
    sized = np.array([m.vcpus > 0 and m.memory_bytes > 0 for m in machines])
    d = (np.abs(sizes[references, None] - sizes) / REACH).sum(axis=2)
    shared = 1.0 + (vendor[references, None] == vendor) + (family[references, None] == family)
    like: Floats = np.exp(-d) * shared / 3 * (sized[references, None] & sized)  # of unknown size: like none but itself
    like[np.arange(len(references)), references] = 1.0
    return like


def spread(alike: Floats, references: Indices, sd: Floats, noise: Floats) -> Floats:
    """Give what a surprise of 1 on each reference adds everywhere, (K_RR + N)^-1 K_R., shape (R, V).

    Parameters
    ----------
    alike : ndarray, shape (R, V)
        From ``likeness``.
    references : ndarray of int, shape (R,)
    sd : ndarray, shape (V,)
        s: how far off the models are on each machine.
    noise : ndarray, shape (R,)
        Variance of log seconds on the references, as measured.
    """
    K = alike * sd[references, None] * sd
    gain: Floats = np.asarray(np.linalg.solve(K[:, references] + np.diag(noise + LEAST**2), K), np.float64)
    return gain


def surprise(residuals: Floats) -> Floats:
    """Clip what was measured less what was predicted."""
    clipped: Floats = np.clip(residuals, -CLIP, CLIP)
    return clipped


def off_by(residuals: Floats, weights: Floats) -> Floats:
    """Root mean square of each machine's residuals, (W, V) with NaN, by the weights of workloads; of all where none."""
    known = np.isfinite(residuals)
    squares = np.where(known, surprise(residuals), 0.0) ** 2
    share = known * weights[:, None]
    overall = (share * squares).sum() / max(share.sum(), 1e-300)
    count = share.sum(axis=0)
    means = np.divide((share * squares).sum(axis=0), count, out=np.full(count.size, overall), where=count > 0)
    sd: Floats = np.sqrt(means)
    return sd
