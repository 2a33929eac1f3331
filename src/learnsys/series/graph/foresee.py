"""What a run will do and take, foretold from what a source tells of itself and its first rows."""

import msgspec
import numpy as np

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import coefficients, lower, nodes
from learnsys.series.graph.nodes import Node
from learnsys.series.graph.settings import Settings, Step, described
from learnsys.series.graph.values import apply
from learnsys.series.types import Samples


def foreseen(batch: nodes.Batch, settings: Settings) -> tuple[Step, ...]:
    """List the steps of a run without running them."""
    scans = [node for node in nodes.walk(batch) if isinstance(node, nodes.Scan)]
    steps = []
    for scan in scans:
        _, whole = scan.source.first(scan)
        rows = round(whole)
        steps.append(Step(what=f"read {scan.label}", serves=(), rows=rows, estimate_s=settings.model.scan(rows)))
    for group in batch.asks:
        assert isinstance(group, nodes.Shared)
        steps.extend(_of_group(group, settings))
    return tuple(steps)


def _of_group(group: nodes.Shared, settings: Settings) -> list[Step]:
    facts = first_facts(group.child)
    rows = int(facts.n.sum())
    asked = lower.Questions.of(group, facts)
    requests, alone = lower.plan(asked.sums, facts, settings.model, ways=settings.ways, merge=settings.merge)
    made = [(r, r.spec(len(facts.ids))) for r in requests]
    made += [(lower.alone(m, m.facts, m.spec, settings.model, ways=settings.ways), m.spec) for m in alone]
    steps = [
        Step(what=described(spec, r.way, len(facts.ids)), serves=tuple(m.number for m in r.members), rows=rows,
             estimate_s=r.estimate_s)
        for r, spec in made
    ]  # fmt: skip
    for wanted in coefficients.merged([q.spec for q in asked.projections]):
        serves = tuple(q.number for q in asked.projections if q.spec.period_s == wanted.period_s)
        cost = settings.model.projection(facts, wanted)
        steps.append(Step(what=coefficients.described(wanted), serves=serves, rows=rows, estimate_s=cost))
    return steps


def first_facts(node: Node) -> Facts:
    """Guess what all samples of a node tell from the first rows."""
    samples, share = _first(node)
    return stretched(Facts.of(samples), share)


def _first(node: Node) -> tuple[Samples, float]:
    """Make the samples of the first rows, and tell which share of all rows they are."""
    if isinstance(node, nodes.Scan):
        first, whole = node.source.first(node)
        return first, first.t.size / max(whole, 1)
    if isinstance(node, nodes.Filter):
        return _first(node.child)
    below, share = _first(node.children[0])
    return apply(node, below), share


def stretched(facts: Facts, share: float) -> Facts:
    """Guess what all samples tell from a share of them, the first ones."""
    if not 0 < share < 1:
        return facts
    counts = {name: getattr(facts, name) / share for name in ("sum_w", "sum_w2")}
    last = facts.first_s + (facts.last_s - facts.first_s) / share
    n = np.rint(facts.n / share).astype(np.int64)
    return msgspec.structs.replace(facts, n=n, last_s=last, **counts)
