"""What each operator does to samples in memory, as written: a function a node."""

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError, UnknownName
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.types import Floats, Samples

if TYPE_CHECKING:
    from collections.abc import Callable


def apply(node: AbstractNode, samples: Samples) -> Samples:
    """Apply one operator on values, or a ``Between`` or ``Select``, to samples.

    Raises
    ------
    InputError, Incompatible, UnknownName
        If the samples do not suit it.
    """
    return _HOW[type(node)](node, samples)


def between(node: nodes.Between, samples: Samples) -> Samples:
    """Keep the samples of a time."""
    low, high = edges(node.start, node.end, samples.t0_ns)
    return kept(samples, (samples.t >= low) & (samples.t < high))


def edges(start: int | float | None, end: int | float | None, t0_ns: int) -> tuple[float, float]:
    """Turn a range of time, whole nanoseconds or seconds, into seconds since the origin."""
    low, high = ((e - t0_ns) / 1e9 if isinstance(e, int) else e for e in (start, end))
    return -np.inf if low is None else low, np.inf if high is None else high


def kept(samples: Samples, keep: NDArray[np.bool_]) -> Samples:
    """Keep some samples; a series that loses all stays, empty."""
    counts = np.bincount(samples.series[keep], minlength=len(samples))
    return msgspec.structs.replace(
        samples, t=samples.t[keep], x=samples.x[keep], w=samples.w[keep], starts=_starts(counts)
    )


def select(node: nodes.Select, samples: Samples) -> Samples:
    """Keep some series, in the order asked for.

    Examples
    --------
    >>> s = Samples.of({"a": ([1.0], [5.0]), "b": ([2.0], [6.0])})
    >>> select(nodes.Select(child=nodes.NOTHING, ids=("b",)), s).t.tolist()
    [2.0]
    """
    numbers = [position(samples.ids, name) for name in node.ids]
    if numbers == list(range(len(samples))):
        return samples
    parts = [samples.one(d) for d in numbers] or [(np.empty(0),) * 3]
    t, x, w = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Samples(
        ids=node.ids, t0_ns=samples.t0_ns, t=t, x=x, w=w, starts=_starts([samples.one(d)[0].size for d in numbers])
    )


def position(ids: tuple[str, ...], name: str) -> int:
    """Number a series.

    Raises
    ------
    UnknownName
        If there is none of that name.
    """
    try:
        return ids.index(name)
    except ValueError:
        raise UnknownName.of("series", name, ids) from None


def chosen(samples: Samples, ids: tuple[str, ...] | None) -> NDArray[np.bool_]:
    """Tell which samples belong to ``ids``; None: all, shape (n,)."""
    series = np.zeros(len(samples), bool)
    series[slice(None) if ids is None else [position(samples.ids, name) for name in ids]] = True
    return np.repeat(series, np.diff(samples.starts))


def log(node: nodes.Log, samples: Samples) -> Samples:
    """Take logarithms of values > 0."""
    x = logarithms(samples.x, lambda row: samples.ids[samples.series[row]])
    return msgspec.structs.replace(samples, x=x)


def logarithms(x: NDArray[np.floating], name_of: "Callable[[int], str]") -> Floats:
    """Take logarithms.

    Parameters
    ----------
    x : ndarray, shape (n,)
    name_of : callable
        Names the series of a value, by its number.

    Raises
    ------
    InputError
        If a value is not positive.
    """
    if (bad := np.flatnonzero(x <= 0)).size:
        raise InputError(
            f"{bad.size} of {x.size} values are not positive, the first one, {x[bad[0]]:g}, in series "
            f"{name_of(int(bad[0]))!r}, so they have no logarithm",
            value=float(x[bad[0]]), next="filter them first, or leave out log()",
        )  # fmt: skip
    return np.asarray(np.log(x), float)


def scale(node: nodes.Scale, samples: Samples) -> Samples:
    """Map values to a x + b."""
    if node.ids is None:
        return msgspec.structs.replace(samples, x=node.a * samples.x + node.b)
    return msgspec.structs.replace(
        samples, x=np.where(chosen(samples, node.ids), node.a * samples.x + node.b, samples.x)
    )


def shift(node: nodes.Shift, samples: Samples) -> Samples:
    """Move samples later."""
    if node.ids is None:
        return msgspec.structs.replace(samples, t=samples.t + node.by_s)
    return msgspec.structs.replace(samples, t=samples.t + np.where(chosen(samples, node.ids), node.by_s, 0.0))


def difference(node: nodes.Difference, samples: Samples) -> Samples:
    """Take increments at the middle of intervals; weights are 1."""
    inner = np.diff(samples.series) == 0
    t, x = 0.5 * (samples.t[1:] + samples.t[:-1])[inner], np.diff(samples.x)[inner]
    return msgspec.structs.replace(
        samples, t=t, x=x, w=np.ones_like(t), starts=_starts(np.maximum(np.diff(samples.starts) - 1, 0))
    )


def demean(node: nodes.Demean, samples: Samples) -> Samples:
    """Subtract the weighted mean of each series."""
    return samples.centred()


def detrend(node: nodes.Detrend, samples: Samples) -> Samples:
    """Subtract a trend and seasons."""
    from learnsys.series.estimate.seasonal import remove

    return remove(samples, node.season)


def duplicates(node: nodes.Duplicates, samples: Samples) -> Samples:
    """Make one sample of those of a series with one stamp.

    Examples
    --------
    >>> s = Samples.of({"a": ([1.0, 1.0, 2.0], [4.0, 6.0, 9.0])})
    >>> duplicates(nodes.Duplicates(child=nodes.NOTHING), s).x.tolist()
    [5.0, 9.0]
    """
    if node.policy == "keep" or not samples.t.size:
        return samples
    series = samples.series
    new = np.concatenate([[True], (np.diff(samples.t) != 0) | (np.diff(series) != 0)])
    first = np.flatnonzero(new)
    if first.size == samples.t.size:
        return samples
    last = np.append(first[1:], samples.t.size) - 1
    if node.policy == "mean":
        x = np.add.reduceat(samples.x, first) / (last - first + 1)
    else:
        x = samples.x[first if node.policy == "first" else last]
    counts = np.bincount(series[first], minlength=len(samples))
    return msgspec.structs.replace(samples, t=samples.t[first], x=x, w=samples.w[first], starts=_starts(counts))


def weights(node: nodes.Weights, samples: Samples) -> Samples:
    """Weigh the samples anew."""
    from learnsys.series.estimate.weights import weighted

    return weighted(samples, node.rule)


def combine(node: nodes.Combine, samples: Samples) -> Samples:
    """Add a series that is a sum of others times numbers.

    Raises
    ------
    Incompatible
        If the others do not share their stamps.
    """
    if node.name in samples.ids:
        raise InputError(f"there is a series {node.name!r} already", value=node.name, next="choose another name")
    parts = [samples.one(position(samples.ids, name)) for name, _ in node.terms]
    t, _, w = parts[0]
    for (name, _), (other, _, _) in zip(node.terms, parts, strict=True):
        if not np.array_equal(other, t):
            raise Incompatible(
                f"series {name!r} and {node.terms[0][0]!r} have different stamps, so their values cannot be added",
                value=name, next="ask for their covariances instead",
            )  # fmt: skip
    x = sum((c * part[1] for (_, c), part in zip(node.terms, parts, strict=True)), np.zeros_like(t))
    return Samples(
        ids=(*samples.ids, node.name), t0_ns=samples.t0_ns, t=np.concatenate([samples.t, t]),
        x=np.concatenate([samples.x, x]), w=np.concatenate([samples.w, w]),
        starts=np.append(samples.starts, samples.starts[-1] + t.size),
    )  # fmt: skip


def resample(node: nodes.Resample, samples: Samples) -> Samples:
    """Interpolate linearly every ``step_s`` seconds, at whole steps since 1970 or 0, within each series' samples.

    Raises
    ------
    InputError
        If a step is less than the nanosecond in which stamps count.
    """
    if (step_ns := round(node.step_s * 1e9)) < 1:
        raise InputError(
            f"the step is {node.step_s:g} s, less than the nanosecond in which stamps count", value=node.step_s,
            next="give a longer step",
        )  # fmt: skip
    after = (samples.t0_ns % step_ns) / 1e9
    parts = [_on_grid(samples.one(d), node.step_s, after) for d in range(len(samples))] or [(np.empty(0), np.empty(0))]
    t, x = (np.concatenate(column) for column in zip(*parts, strict=True))
    counts = [part[0].size for part in parts][: len(samples)]
    return msgspec.structs.replace(samples, t=t, x=x, w=np.ones_like(t), starts=_starts(counts))


def _on_grid(one: tuple[Floats, Floats, Floats], step_s: float, after_s: float) -> tuple[Floats, Floats]:
    """Interpolate one series; the origin is ``after_s`` later than a whole step."""
    t, x, _ = one
    if not t.size:
        return t, x
    first, last = np.ceil((t[0] + after_s) / step_s), np.floor((t[-1] + after_s) / step_s)
    grid = step_s * np.arange(first, last + 1) - after_s
    return grid, np.interp(grid, t, x)


def _starts(counts: "NDArray[np.int64] | list[int]") -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


_HOW: Final["dict[type[AbstractNode], Callable[..., Samples]]"] = {
    nodes.Between: between, nodes.Select: select, nodes.Log: log, nodes.Scale: scale, nodes.Shift: shift,
    nodes.Difference: difference, nodes.Demean: demean, nodes.Detrend: detrend, nodes.Duplicates: duplicates,
    nodes.Weights: weights, nodes.Combine: combine, nodes.Resample: resample,
}  # fmt: skip
