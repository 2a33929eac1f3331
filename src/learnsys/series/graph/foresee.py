"""What a run will do and take, foretold from what a source tells of itself and its first rows."""

from learnsys.series.graph import coefficients, lower, nodes, streaming
from learnsys.series.graph.first import first_facts
from learnsys.series.graph.settings import Settings, Step, described


def foreseen(batch: nodes.Batch, settings: Settings) -> tuple[Step, ...]:
    """List the steps of a run without running them."""
    groups = [group for group in batch.asks if isinstance(group, nodes.Shared)]
    held = [g for g in groups if not (streaming.is_large(g, settings.memory_bytes) and streaming.can_stream(g))]
    steps = []
    for scan in dict.fromkeys(n for group in held for n in nodes.walk(group.child) if isinstance(n, nodes.Scan)):
        _, whole = scan.source.first(scan)
        rows = round(whole)
        steps.append(Step(what=f"read {scan.label}", serves=(), rows=rows, estimate_s=settings.model.scan(rows)))
    for group in groups:
        steps.extend(_of_group(group, settings) if group in held else _of_stream(group, settings))
    return tuple(steps)


def _of_stream(group: nodes.Shared, settings: Settings) -> list[Step]:
    facts = first_facts(group.child)
    asked, rows = lower.Questions.of(group, facts), int(facts.n.sum())
    estimates = streaming.expected_s(asked, facts, settings.model)
    parts = ((streaming.SUMS, asked.sums), (streaming.PROJECTION, asked.projections))
    return [
        Step(what=what, serves=tuple(m.number for m in members), rows=rows, estimate_s=estimate)
        for (what, members), estimate in zip(parts, estimates, strict=True)
        if members
    ]


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
