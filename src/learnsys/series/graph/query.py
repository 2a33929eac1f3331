"""What a user writes: a lazy query, each method a node; nothing is read before ``collect``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self, final

import msgspec

from learnsys.core.errors import InputError, UnknownName
from learnsys.core.result import Result
from learnsys.core.units import parse_duration
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import AbstractNode, Policy, walk
from learnsys.series.graph.spec import check
from learnsys.series.sources.types import OPS, Condition, Op
from learnsys.series.types import Samples, signed_duration

if TYPE_CHECKING:
    from learnsys.series.estimate.types import Statistic
    from learnsys.series.state import State

STATISTICS: Final[Mapping[str, tuple[str, str]]] = {
    "xcov": ("learnsys.series.estimate.covariance", "XCov"),
    "lead_lag": ("learnsys.series.estimate.lead_lag", "LeadLag"),
    "long_memory": ("learnsys.series.estimate.long_memory", "LongMemory"),
    "psd": ("learnsys.series.estimate.spectrum", "Psd"),
    "coherence": ("learnsys.series.estimate.coherence", "Coherence"),
    "var": ("learnsys.series.estimate.var", "Var"),
    "forecast": ("learnsys.series.estimate.forecast", "Forecast"),
    "describe": ("learnsys.series.estimate.describe", "Describe"),
}


@final
class Asked(msgspec.Struct, frozen=True):
    """A statistic that was asked for, not yet computed."""

    node: nodes.Ask

    def collect(self, **options: Any) -> Result:
        """Compute it; see ``learnsys.series.collect`` for the options."""
        from learnsys.series.graph.collect import collect

        return collect(self, **options).results[0]

    def explain(self, **options: Any) -> str:
        """Show how it would be computed; see ``learnsys.series.explain`` for the options."""
        from learnsys.series.graph.explain import explain

        return explain(self, **options)


@final
class Query(msgspec.Struct, frozen=True):
    """Samples that were not read yet, and what is to be done to them.

    Every method gives a new query; equal queries share their work.

    Examples
    --------
    >>> from learnsys import series
    >>> from learnsys.series.types import Samples
    >>> made = Samples.of({"a": ([0, 1, 2], [1.0, 2.0, 4.0]), "b": ([0.5, 1.5], [3.0, 5.0])})
    >>> series.scan(made).filter("value", "<", 4).select(["a"]).scale(10).samples().x.tolist()
    [10.0, 20.0]
    """

    node: AbstractNode

    def filter(self, column: str | None = None, op: Op = "==", value: Any = None, **equal: Any) -> Self:
        """Keep rows whose column compares so, and whose other columns equal what is given.

        Parameters
        ----------
        column : str, optional
        op : {"==", "!=", "<", "<=", ">", ">=", "in"}
        value : object
            What to compare with; for ``"in"`` several.
        **equal
            ``column=value``: keep rows where they are equal.
        """
        if op not in OPS:
            raise UnknownName.of("comparison", op, OPS)
        wanted = [Condition(column=name, op="==", value=v) for name, v in equal.items()]
        if column is not None:
            wanted.append(Condition(column=column, op=op, value=tuple(value) if op == "in" else value))
        return self._on(nodes.Filter, where=tuple(wanted))

    def between(self, start: str | date | float | None = None, end: str | date | float | None = None) -> Self:
        """Keep samples from ``start`` to before ``end``.

        Parameters
        ----------
        start, end : str, date, datetime or number, optional
            ISO text or a date in the time zone of the source, or nanoseconds since 1970; where stamps are plain
            numbers, seconds.
        """
        source = next(n.source for n in walk(self.node) if isinstance(n, nodes.Scan))
        low, high = (None if edge is None else source.bound(edge) for edge in (start, end))
        return self._on(nodes.Between, start=low, end=high)

    def select(self, ids: Iterable[str]) -> Self:
        """Keep the series of these names, in this order."""
        return self._on(nodes.Select, ids=(ids,) if isinstance(ids, str) else tuple(ids))

    def log(self) -> Self:
        """Take logarithms of the values, which must be positive."""
        return self._on(nodes.Log)

    def scale(self, a: float = 1.0, b: float = 0.0, *, ids: Iterable[str] | None = None) -> Self:
        """Map values x to a x + b; those of some series if ``ids`` are given."""
        return self._on(nodes.Scale, a=float(a), b=float(b), ids=_ids(ids))

    def shift(self, by: str | float, *, ids: Iterable[str] | None = None) -> Self:
        """Move samples later by a duration such as ``"2s"`` or ``"-1m"``; those of some series if ``ids`` are given."""
        return self._on(nodes.Shift, by_s=signed_duration(by), ids=_ids(ids))

    def difference(self, *, duplicates: Policy = "mean") -> Self:
        """Take increments from one sample to the next, at the middle of the interval; each weighs 1.

        A covariance of increments is therefore one per pair of increments, however long their intervals: it depends on
        how often samples come, and is what is wanted where each is an event, as a trade. Where levels move in
        continuous time and are only seen now and then, ask for ``lead_lag(of="increments")``: there an increment is a
        rate that weighs as its interval (``estimate.increments``), and the sums over pairs are those of the movements
        of the levels in common time.

        Parameters
        ----------
        duplicates : {"mean", "first", "last"}
            What to do before with samples of a series at one stamp.
        """
        return self.duplicates(duplicates)._on(nodes.Difference)

    def duplicates(self, policy: Policy = "mean") -> Self:
        """Make one sample of those of a series at one stamp: their mean, the first or the last; or keep them."""
        if policy not in ("keep", "mean", "first", "last"):
            raise UnknownName.of("policy for duplicates", policy, ("keep", "mean", "first", "last"))
        return self._on(nodes.Duplicates, policy=policy)

    def demean(self) -> Self:
        """Subtract from each series its mean."""
        return self._on(nodes.Demean)

    def detrend(self, *names: str, harmonics: int | None = None) -> Self:
        """Subtract trends and seasons: ``"linear"``, ``"day"``, ``"week"``; see ``estimate.seasonal.season``."""
        from learnsys.series.estimate.seasonal import season

        return self._on(nodes.Detrend, season=season(*names, **({} if harmonics is None else {"harmonics": harmonics})))

    def weights(self, rule: Literal["voronoi", "uniform"]) -> Self:
        """Weigh samples by the time nearest to each, or all alike; statistics that weigh say so themselves."""
        return self._on(nodes.Weights, rule=rule)

    def resample(self, step: str | float) -> Self:
        """Want values every ``step``; statistics of second order do not need them and see through it."""
        return self._on(nodes.Resample, step_s=parse_duration(step))

    def combine(self, name: str, terms: Mapping[str, float]) -> Self:
        """Add a series that is a sum of others, which share their stamps, times numbers."""
        return self._on(nodes.Combine, name=name, terms=tuple((k, float(v)) for k, v in terms.items()))

    def samples(self) -> Samples:
        """Read and compute the values themselves, as they are or, after ``resample``, interpolated."""
        from learnsys.series.graph.execute import samples

        return samples(self.node)

    def ask(self, statistic: "Statistic") -> Asked:
        """Ask for any statistic; one with ``weights`` is asked of samples that are weighted so."""
        rule = getattr(statistic, "weights", None)
        below = self.node if rule is None else _weighted(self.node, rule)
        check(node := nodes.Ask(child=below, statistic=statistic))
        return Asked(node)

    def xcov(self, **options: Any) -> Asked:
        """Ask for covariances of pairs of series at lags; options as of ``estimate.covariance.XCov``."""
        return self._ask_for("xcov", options)

    def lead_lag(self, **options: Any) -> Asked:
        """Ask which series lead which, and by how much; options as of ``estimate.lead_lag.LeadLag``.

        After ``difference()``, and ``select()`` if there is one, the levels below it are asked with
        ``of="increments"``, unless ``of`` is given.
        """
        match self.node:
            case nodes.Difference(child=levels) if "of" not in options:
                return type(self)(levels)._ask_for("lead_lag", {**options, "of": "increments"})
            case nodes.Select(child=nodes.Difference(child=levels), ids=ids) if "of" not in options:
                return type(self)(levels).select(ids)._ask_for("lead_lag", {**options, "of": "increments"})
        return self._ask_for("lead_lag", options)

    def long_memory(self, **options: Any) -> Asked:
        """Ask how long increments remember; options as of ``estimate.long_memory.LongMemory``."""
        return self._ask_for("long_memory", options)

    def psd(self, **options: Any) -> Asked:
        """Ask for the spectrum of each series; options as of ``estimate.spectrum.Psd``."""
        return self._ask_for("psd", options)

    def coherence(self, **options: Any) -> Asked:
        """Ask at which frequencies series move together; options as of ``estimate.coherence.Coherence``."""
        return self._ask_for("coherence", options)

    def var(self, **options: Any) -> Asked:
        """Ask for a vector autoregression at any step; options as of ``estimate.var.Var``."""
        return self._ask_for("var", options)

    def forecast(self, **options: Any) -> Asked:
        """Ask for values at other times; options as of ``estimate.forecast.Forecast``."""
        return self._ask_for("forecast", options)

    def describe(self) -> Asked:
        """Ask how samples lie in time, for their means and standard deviations, and what is odd about them."""
        return self._ask_for("describe", {})

    def partial(
        self,
        path: Path | str | None = None,
        *,
        bandwidth: str | float,
        period: str | float,
        weights: nodes.WeightRule = "uniform",
        **options: Any,
    ) -> "State":
        """Project the samples onto frequencies, and keep that: states of other files or days add to it.

        Parameters
        ----------
        path : path, optional
            A file to keep it in.
        bandwidth, period, **options
            As of ``learnsys.series.state.make_state``; states that are to be added must agree on them.
        weights : {"uniform", "voronoi"}
            How samples are weighed.

        Examples
        --------
        >>> from learnsys import series
        >>> jan, feb = ({"a": ([t, t + 1.0, t + 2.0], [1.0, 2.0, 6.0])} for t in (0.0, 50.0))
        >>> states = [series.scan(part).partial(bandwidth=1, period=200) for part in (jan, feb)]
        >>> (states[0] + states[1]).facts().n.tolist()
        [6]
        """
        from learnsys.series.graph.partial import state_of
        from learnsys.series.graph.rewrite import stages

        weighed = stages(_weighted(self.node, weights))[-1].root
        steps = list(walk(self.node))
        which = (nodes.Between, nodes.Select)  # they say which data it is, not what its values are
        done = [n.label for n in steps if not isinstance(n, (nodes.Scan, *which))]
        chosen = " ".join(n.label for n in steps if isinstance(n, which))
        sources = tuple(f"{n.source.fingerprint} {n.label} {chosen}" for n in steps if isinstance(n, nodes.Scan))
        about: dict[str, Any] = {"values": ", ".join(done), "weights": weights, "sources": sources}
        state = state_of(weighed, bandwidth=bandwidth, period=period, **about, **options)
        if path is not None:
            state.save(path)
        return state

    def _ask_for(self, name: str, options: dict[str, Any]) -> Asked:
        """Make the statistic; pairs may be given by names, which are then the only series that are read."""
        from importlib import import_module

        module, kind = STATISTICS[name]
        make = getattr(import_module(module), kind)
        pairs, query = options.get("pairs"), self
        if isinstance(pairs, Sequence) and not isinstance(pairs, str):
            names, options["pairs"] = _numbered(pairs)
            query = self.select(names) if names else self
        try:
            statistic = make(**options)
        except TypeError as error:
            known = [f.name for f in msgspec.structs.fields(make)]
            raise InputError(f"{name}: {error}", value=str(error), next=f"options: {', '.join(known)}") from error
        return query.ask(statistic)

    def _on(self, kind: type[nodes.AbstractUnary], **fields: Any) -> Self:
        check(node := kind(child=self.node, **fields))
        return type(self)(node)


def _weighted(node: AbstractNode, rule: nodes.WeightRule) -> AbstractNode:
    """Weigh samples before the means are removed that come last, so that these are weighted means."""
    if isinstance(node, nodes.Demean):
        return node.over(_weighted(node.child, rule))
    return nodes.Weights(child=node, rule=rule)


def _ids(ids: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else (ids,) if isinstance(ids, str) else tuple(ids)


def _numbered(pairs: Sequence[Any]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Number the series of pairs of names in order of appearance; pairs of numbers stay."""
    if not any(isinstance(side, str) for pair in pairs for side in pair):
        return (), tuple((int(a), int(b)) for a, b in pairs)
    names = tuple(dict.fromkeys(side for pair in pairs for side in pair))
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"pairs {pairs!r} mix names and numbers", value=pairs, next="give names only")
    return names, tuple((names.index(a), names.index(b)) for a, b in pairs)
