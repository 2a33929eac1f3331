"""Random legal graphs over small sources, with answers of every kind."""

from typing import final

import msgspec
import numpy as np
from hypothesis import strategies as st

from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.seasonal import Season
from learnsys.series.graph import nodes
from learnsys.series.graph.memory import InMemory
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.spec import LAWS
from learnsys.series.sources.types import Condition
from learnsys.series.types import Lags, Samples

IDS = ("a", "b", "c", "d")
STEP_S = 0.5
DEPTH = 6


@final
class Values(msgspec.Struct, frozen=True):
    """A statistic that wants the samples themselves."""

    def needs(self, facts) -> None:
        return None

    def finish(self, given, facts):
        return given


def source(seed, *, n=40, span_s=30.0):
    """Four series, two of which share their stamps, with some stamps that come twice; values are positive."""
    rng = np.random.default_rng(seed)
    stamps = {name: rng.uniform(0, span_s, n) for name in IDS}
    stamps["b"] = stamps["a"]
    for name in "acd":
        stamps[name][:2] = stamps[name][2:4]
    return InMemory(Samples.of({name: (t, np.exp(np.sin(t) + rng.normal(size=n) / 2)) for name, t in stamps.items()}))


SOURCES = [source(seed) for seed in range(3)]


@st.composite
def operators(draw, node: AbstractNode, ids: tuple[str, ...]):
    """One more operator on a node whose series are ``ids``, where it is legal, else a scale; with the ids after it."""
    made, after = _operator(draw, draw(st.sampled_from(OPERATORS)), node, ids)
    return (made, after) if made is not node and legal(made) else (nodes.Scale(child=node, a=2.0), ids)


def _operator(draw, name: str, node: AbstractNode, ids: tuple[str, ...]):
    def some():
        chosen = draw(st.integers(1, 2 ** len(ids) - 1))
        return tuple(name for k, name in enumerate(ids) if chosen >> k & 1)

    def one_of(*values):
        return draw(st.sampled_from(values))

    match name:
        case "Filter":
            value = 1.0 + one_of(-1, 0, 1, 2, 3) / 4
            return nodes.Filter(child=node, where=(Condition(column="value", op=one_of("<", ">="), value=value),)), ids
        case "Between":
            low, high = one_of((None, None), (2.0, None), (None, 27.0), (1.5, 25.0))
            return nodes.Between(child=node, start=low, end=high), ids
        case "Select":
            return nodes.Select(child=node, ids=(kept := some())), kept
        case "Log":
            return nodes.Log(child=node), ids
        case "Scale":
            a, b = one_of((1.0, 0.0), (1.5, 0.5), (2.0, 1.0), (3.0, 2.0))
            return nodes.Scale(child=node, a=a, b=b, ids=one_of(None, some())), ids
        case "Difference":
            return nodes.Difference(child=nodes.Duplicates(child=node, policy=one_of("mean", "last"))), ids
        case "Shift":
            by_s = STEP_S * one_of(0.0, 0.5, -1.0, 2.0)
            return nodes.Shift(child=node, by_s=by_s, ids=one_of(None, some())), ids
        case "Demean":
            return nodes.Demean(child=node), ids
        case "Detrend":
            return nodes.Detrend(child=node, season=Season(power=1, periods_s=one_of((), (7.0,)), harmonics=1)), ids
        case "Weights":
            return nodes.Weights(child=node, rule=one_of("voronoi", "uniform")), ids
        case "Resample":
            return nodes.Resample(child=node, step_s=2.0), ids
        case "Combine":
            if (name := f"sum{len(ids)}") in ids:
                return node, ids
            summed = ("a", "b") if {"a", "b"} <= set(ids) else ids[:1]
            terms = tuple((one, one_of(1.0, 0.5)) for one in summed)
            return nodes.Combine(child=node, name=name, terms=terms), (*ids, name)
        case "Duplicates":
            return nodes.Duplicates(child=node, policy=one_of("mean", "first", "last", "keep")), ids
    raise ValueError(name)


OPERATORS = (
    "Filter", "Between", "Select", "Log", "Scale", "Difference", "Shift", "Demean", "Detrend", "Weights", "Resample",
    "Combine", "Duplicates", "Scale", "Shift", "Select", "Demean",
)  # fmt: skip


def legal(node: AbstractNode) -> bool:
    """Tell whether the node itself breaks no law, and has a meaning whatever the samples."""
    if any(law.broken(n) for law in LAWS for n in (node, *node.children)):
        return False
    if isinstance(node, nodes.Log):  # of positive values only
        return all(
            isinstance(
                n,
                nodes.Log
                | nodes.Scan
                | nodes.Filter
                | nodes.Between
                | nodes.Select
                | nodes.Scale
                | nodes.Shift
                | nodes.Duplicates
                | nodes.Weights
                | nodes.Combine,
            )
            for n in nodes.walk(node.child)
        ) and not any(isinstance(n, nodes.Log) for n in nodes.walk(node.child))
    if isinstance(node, nodes.Combine):  # of series whose stamps are still shared
        return all(
            (
                isinstance(n, nodes.Scan | nodes.Between | nodes.Select | nodes.Log | nodes.Scale | nodes.Demean)
                and getattr(n, "ids", None) is None
            )
            or isinstance(n, nodes.Scan | nodes.Select | nodes.Scale)
            for n in nodes.walk(node.child)
        )
    return True


@st.composite
def statistics(draw, ids):
    """Covariances at few lags of steps that meet, or the values."""
    if draw(st.integers(0, 5)) == 0:
        return Values()
    step = draw(st.sampled_from([STEP_S, 2 * STEP_S]))
    lags = Lags(first_s=step * draw(st.integers(-3, 0)), step_s=step, count=draw(st.integers(4, 6)))
    pairs = draw(st.sampled_from(["all", "auto", ((0, len(ids) - 1),)]))
    return XCov(
        lags=lags, kernel=draw(st.sampled_from(["gaussian", "k4", "local-linear"])), pairs=pairs,
        bandwidth=draw(st.sampled_from([0.4, 0.8])), weights="uniform", ci=None, shrink=False,
    )  # fmt: skip


@st.composite
def batches(draw):
    """One to three questions, each of at least ``DEPTH`` nodes, of one chain, of chains that begin alike, or others."""
    node, ids = nodes.Scan(source=draw(st.sampled_from(SOURCES))), IDS
    asks = []
    for least, most in ((DEPTH - 2, DEPTH + 3), (0, 2), (0, 2))[: draw(st.integers(1, 3))]:
        for _ in range(draw(st.integers(least, most))):
            node, ids = draw(operators(node, ids))
        asks.append(nodes.Ask(child=node, statistic=draw(statistics(ids))))
    return nodes.Batch(asks=tuple(asks))
