"""What is kept of samples, so that statistics can be asked later, and parts of the data be put together.

A state is the sums of a projection onto global frequencies with what they mean: it is as large for a year as for a day,
states of disjoint data add, and every second-order statistic follows from it. Appending a day to a year is projecting
the day, and adding.
"""

from pathlib import Path
from typing import Any, Final, Self, cast, final

import msgspec
import numpy as np

from learnsys.core.errors import Incompatible, InputError
from learnsys.core.result import Result
from learnsys.core.units import format_duration, parse_duration
from learnsys.series import state_file
from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.sums.kernels import bandlimit
from learnsys.series.sums.projection import Coefficients, project
from learnsys.series.types import Kernel, Samples

ROOM: Final = 9.5  # bandwidths beyond the last lag that the period leaves free: spectral.REACH

ROUNDED: Final = 100.0  # a variance less than so many times the rounding of the mean's square is not to be trusted


@final
class State(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Coefficients of some samples, and what they are of.

    Attributes
    ----------
    coefficients : Coefficients
        Of values as they are, no mean removed.
    bandwidth_s : float
        The least bandwidth that the frequencies serve.
    tol : float
        Error of the coefficients, relative.
    values : str
        What the values are: operations such as "log, difference", and their unit.
    weights : str
        How samples were weighed.
    sources : tuple of str
        Fingerprints of the data in it.
    """

    coefficients: Coefficients
    bandwidth_s: float
    tol: float
    values: str = ""
    weights: str = "uniform"
    sources: tuple[str, ...] = ()

    def __add__(self, other: Self) -> Self:
        """Put together the states of disjoint data.

        Raises
        ------
        Incompatible
            If they are of the same data, or differ in what their numbers mean; both sides are named.
        """
        for name in ("bandwidth_s", "tol", "values", "weights"):
            if (ours := getattr(self, name)) != (theirs := getattr(other, name)):
                raise Incompatible(
                    f"a state with {name} {ours!r} does not add to one with {theirs!r}",
                    value=theirs,
                    next=f"make both with the same {name}",
                )
        if twice := set(self.sources) & set(other.sources):
            raise Incompatible(
                f"both states have the data {min(twice)}", value=sorted(twice), next="leave one of them out"
            )
        ours = self.coefficients
        periods = (ours.t0_ns - other.coefficients.t0_ns) / (ours.period_s * 1e9)
        if ours.period_s == other.coefficients.period_s and periods == round(periods):
            other = other.moved(ours.t0_ns)  # nothing but the stamps in it change
        both = ours + other.coefficients
        made = msgspec.structs.replace(self, coefficients=both, sources=(*self.sources, *other.sources))
        made.check_span()
        return made

    @property
    def span_s(self) -> float:
        """Time from the first to the last sample of all series."""
        c = self.coefficients
        return float(np.nanmax(c.last_s) - np.nanmin(c.first_s)) if c.n.any() else 0.0

    def check_span(self) -> None:
        """Refuse samples that span more than the period: frequencies would mistake the end for the beginning.

        Raises
        ------
        Incompatible
            Naming both.
        """
        if self.span_s + ROOM * self.bandwidth_s > (period_s := self.coefficients.period_s):
            raise Incompatible(
                f"samples span {format_duration(self.span_s)}, and the period is {format_duration(period_s)}",
                value=self.span_s,
                next=f"give a period of {format_duration(2 * self.span_s + ROOM * self.bandwidth_s)}",
            )

    def moved(self, t0_ns: int) -> Self:
        """Count stamps from another origin: exact, by a phase."""
        c = self.coefficients
        by_s = (c.t0_ns - t0_ns) / 1e9
        turn = np.exp(-1j * c.omega * by_s).astype(c.X.dtype)
        moved = msgspec.structs.replace(
            c, t0_ns=t0_ns, X=c.X * turn, W=c.W * turn, first_s=c.first_s + by_s, last_s=c.last_s + by_s
        )
        return msgspec.structs.replace(self, coefficients=moved)

    def of(self, ids: tuple[str, ...]) -> Self:
        """Take other series, in their order: those that this state does not have are empty in it."""
        c = self.coefficients
        place = {name: d for d, name in enumerate(c.ids)}
        rows = np.array([place.get(name, -1) for name in ids], int)
        parts: dict[str, Any] = {"ids": ids}
        for field in msgspec.structs.fields(c):
            if isinstance(value := getattr(c, field.name), np.ndarray):
                nothing = np.nan if field.name in ("first_s", "last_s") else 0
                known = (rows >= 0).reshape(-1, *[1] * (value.ndim - 1))
                taken = value[rows] if len(value) else np.zeros((len(rows), *value.shape[1:]), value.dtype)
                parts[field.name] = np.where(known, taken, np.asarray(nothing, value.dtype))
        return msgspec.structs.replace(self, coefficients=msgspec.structs.replace(c, **parts))

    def facts(self) -> Facts:
        """What the samples were like."""
        c = self.coefficients
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = c.sum_wx / c.sum_w
            variance = np.maximum(c.sum_wx2 / c.sum_w - mean**2, 0.0)
        return Facts(
            ids=c.ids, t0_ns=c.t0_ns, n=c.n, first_s=c.first_s, last_s=c.last_s, sum_w=c.sum_w, sum_w2=c.sum_w2,
            mean=mean, variance=variance,
        )  # fmt: skip

    def ask(self, statistic: Any) -> Result:
        """Compute a statistic of all that was put together.

        Raises
        ------
        Incompatible
            If it needs what a state does not keep: samples, blocks of time, or a smaller bandwidth.
        """
        from learnsys.series.sums.spectral import of_coefficients

        facts = self.facts()
        needed = statistic.needs(facts)
        centred = self.coefficients.centred()
        if isinstance(needed, CoefficientsSpec):
            if (needed.period_s, needed.modes) != (centred.period_s, centred.modes):
                raise self._cannot("other frequencies", needed.period_s, "ask for the period and modes of the state")
            result: Any = statistic.finish(centred, facts)
            return self._noted(result, facts)
        if needed is None or needed.blocks > 1:
            raise self._cannot("the samples or blocks of time", 0, "ask without intervals (ci=None), or of the source")
        least = min(kernel.h for kernel in needed.kernels)
        if least < self.bandwidth_s * (1 - 1e-9):
            raise self._cannot(f"a bandwidth of {least:g} s", least, f"give bandwidth={self.bandwidth_s:g} or more")
        self._check_room(needed.lags.reach_s + ROOM * max(kernel.h for kernel in needed.kernels))
        result = statistic.finish(of_coefficients((centred,), centred, needed, tol=self.tol), facts)
        return self._noted(result, facts)

    def xcov(self, **options: Any) -> Result:
        """Estimate covariances of pairs of series at lags; options as of ``estimate.covariance.XCov``."""
        from learnsys.series.estimate.covariance import XCov

        how = {"bandwidth": self.bandwidth_s, "ci": None, "shrink": False, "weights": self.weights} | options
        return self.ask(XCov(**how))

    def save(self, path: Path | str) -> Path:
        """Keep it in one file, whole or not at all."""
        return state_file.write(path, self)

    def _check_room(self, reach_s: float) -> None:
        if self.span_s + reach_s > (period_s := self.coefficients.period_s):
            room = format_duration(max(period_s - self.span_s, 0.0))
            raise self._cannot(f"lags up to {reach_s:g} s", reach_s, f"its period leaves {room}: ask for fewer lags")

    def _noted(self, result: Any, facts: Facts) -> Result:
        """Say which means are so large that rounding, once they are taken out, is of the size of what is left."""
        rounding = np.finfo(self.coefficients.X.dtype).eps * facts.mean**2
        lost = [name for name, bad in zip(facts.ids, ROUNDED * rounding > facts.variance, strict=True) if bad]
        if not lost or not hasattr(result, "notes"):
            return cast("Result", result)
        note = (
            f"constant, or lost in rounding beside the mean: {', '.join(lost[:8])}; take a constant off: scale(1, -c)"
        )
        return cast("Result", msgspec.structs.replace(result, notes=(*result.notes, note)))

    def _cannot(self, what: str, value: float, next: str) -> Incompatible:
        return Incompatible(f"a state of frequencies up to those of bandwidth {self.bandwidth_s:g} s "
                            f"has not {what}", value=value, next=next)  # fmt: skip


def make_state(
    samples: Samples,
    *,
    bandwidth: str | float,
    period: str | float,
    origin_ns: int | None = None,
    tol: float = 1e-6,
    **about: Any,
) -> State:
    """Project samples onto frequencies that other data can be projected onto as well.

    Parameters
    ----------
    samples : Samples
        Not centred.
    bandwidth : str or float
        The least bandwidth that statistics will be asked with, a duration or seconds.
    period : str or float
        More than the time from the first to the last sample of all the data that will be put together, and the lags.
    origin_ns : int, optional
        The origin of stamps for all that data, nanoseconds since 1970. If it is not given, it is the last whole number
        of periods since 1970 before the samples': states of one period then always add.
    tol : float
        Error of the coefficients, relative; from about 1e-4 on they are kept in single precision.
    **about
        ``values``, ``weights`` and ``sources`` of the state.

    Raises
    ------
    InputError
        If the bandwidth is not positive, or not less than the period.
    Incompatible
        If samples span more than the period.

    Examples
    --------
    >>> jan = Samples.of({"a": ([0.0, 1.0], [1.0, 2.0])})
    >>> feb = Samples.of({"a": ([4.0, 5.0], [1.0, 3.0])})
    >>> both = make_state(jan, bandwidth=1.0, period=100.0) + make_state(feb, bandwidth=1.0, period=100.0)
    >>> both.facts().n.tolist(), both.facts().mean.tolist()
    ([4], [1.75])
    """
    h, period_s = parse_duration(bandwidth), parse_duration(period)
    spec = coefficients_for(h, period_s, tol)
    origin = origin_for(samples.t0_ns, period_s) if origin_ns is None else origin_ns
    samples = msgspec.structs.replace(samples, t0_ns=origin, t=samples.t + (samples.t0_ns - origin) / 1e9)
    made = State(coefficients=project(samples, spec, tol=tol), bandwidth_s=h, tol=tol, **about)
    made.check_span()
    return made


def origin_for(first_ns: int, period_s: float) -> int:
    """Find the last whole number of periods since 1970 before a stamp: frequencies are the same from any of these."""
    period_ns = round(period_s * 1e9)
    return first_ns // period_ns * period_ns


def coefficients_for(bandwidth_s: float, period_s: float, tol: float) -> CoefficientsSpec:
    """Find the frequencies that any kernel of at least a bandwidth needs.

    Raises
    ------
    InputError
        If the bandwidth is not positive, or not less than the period.
    """
    if not 0 < bandwidth_s < period_s:
        raise InputError(
            f"the bandwidth is {bandwidth_s:g} s, but must be more than 0 and less than the period, {period_s:g} s",
            value=bandwidth_s,
            next="try 1s",
        )
    modes = int(np.ceil(bandlimit(Kernel(name="k4", h=bandwidth_s), tol) * period_s / (2 * np.pi))) + 1
    return CoefficientsSpec(period_s=period_s, modes=modes)


def load_state(path: Path | str) -> State:
    """Read a state that was saved.

    Raises
    ------
    BadFile
        If the file is missing, was cut short or changed, or is no state.
    """
    state: State = state_file.read(path)
    return state
