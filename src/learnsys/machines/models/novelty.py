"""How unlike everything known a workload is, and whom to trust then.

A model that compares workloads wins while a relative of the new one is known, kriging over machines when there is none.
Leaving out one group shows the first case. For the second, groups are joined to a few clusters (average linkage), and
whole clusters are left out. With near the distance to the nearest known workload, a and c its medians in the two cases,

    lambda = clip((near - a) / (c - a), 0, 1),      weights = (1 - lambda) w_group + lambda w_cluster
"""

from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

CLUSTERS: Final = 4
LEAST: Final = 1e-6  # of a distance: below it nothing is strange


@final
class Novelty(msgspec.Struct, frozen=True, kw_only=True):
    """Distance to the nearest known workload: ``usual`` with a group left out, ``strange`` with a cluster left out."""

    usual: float
    strange: float

    def share(self, distance: Floats) -> Floats:
        """Give lambda for distances to all known workloads, shape (n, W), infinite where one must not be used."""
        nearest = distance.min(axis=1)
        if not self.strange > self.usual + LEAST:
            return np.zeros(len(nearest))
        out: Floats = np.clip((nearest - self.usual) / (self.strange - self.usual), 0, 1)
        return out


def novelty(distance: Floats, groups: NDArray[np.str_], clusters: Indices) -> Novelty:
    """Learn what is usual from distances of each workload, seen anew, to all, shape (W, W)."""
    a, c = (_median_nearest(distance, labels[:, None] != labels) for labels in (groups, clusters))
    return Novelty(usual=a, strange=c)


def clusters_of(distance: Floats, groups: NDArray[np.str_]) -> Indices:
    """Join groups to clusters by the mean distance between their workloads, shape (W,); a group stays whole."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    names, of = np.unique(groups, return_inverse=True)
    if names.size < 2:
        return np.zeros(len(groups), np.intp)
    member = np.eye(names.size)[of] / np.bincount(of)
    between = member.T @ distance @ member
    np.fill_diagonal(between, 0.0)
    tree = linkage(squareform((between + between.T) / 2, checks=False), "average")
    return np.asarray(fcluster(tree, CLUSTERS, "maxclust"), np.intp)[of]


def _median_nearest(distance: Floats, usable: NDArray[np.bool_]) -> float:
    nearest = np.where(usable, distance, np.inf).min(axis=1)
    known = nearest[np.isfinite(nearest)]
    return float(np.median(known)) if known.size else 0.0
