"""Execute an optimised graph: each scan once, each set of samples once, and sums that serve several questions.

Of a group of questions that share samples it is known only now what they need, since bandwidths, blocks and pairs
depend on how many samples there are: this is where the phase ``lower`` happens.
"""

import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.result import Result
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import coefficients, literal, lower, nodes, streaming, tolerance
from learnsys.series.graph.chunks import DoesNotStream
from learnsys.series.graph.described import description_of
from learnsys.series.graph.lower import Member, Questions, Request
from learnsys.series.graph.nodes import AbstractNode
from learnsys.series.graph.settings import Settings, Step, described
from learnsys.series.graph.spec import ROWS
from learnsys.series.graph.values import apply
from learnsys.series.sums.compute import sums
from learnsys.series.sums.cost import allowed
from learnsys.series.types import KernelSums, Samples, SumsSpec


def samples(node: AbstractNode) -> Samples:
    """Make the samples that a node stands for."""
    from learnsys.series.graph.rewrite import stages

    return Execution(Settings()).samples(stages(node)[-1].root)


@final
class Execution:
    """One run; it remembers what several need until the last of them has it.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.steps: list[Step] = []
        self.plan_s = 0.0
        self._users: Counter[AbstractNode] = Counter()
        self._made: dict[AbstractNode, Samples] = {}

    def run(self, batch: nodes.Batch) -> list[Result]:
        """Answer all questions, in the order of their numbers."""
        groups = [group for group in batch.asks if isinstance(group, nodes.Shared)]
        self._users = Counter(child for node in nodes.walk(batch) for child in node.children)
        answers: dict[int, Result] = {}
        for group in map(partial(self._described, answers), groups):
            if not group.asks:
                continue
            spread = self.settings.engine is not None and streaming.can_stream(group)
            large = spread or streaming.is_large(group, self.settings.memory_bytes)
            answers.update(self._streamed(group) if large else self._answer(group))
        return [answers[n] for n in sorted(answers)]

    def _described(self, answers: dict[int, Result], group: nodes.Shared) -> nodes.Shared:
        """Answer what is asked of rows as they are read; give the other questions."""
        start, left = time.process_time(), []
        for number, ask in group.asks:
            if (made := description_of(group.child, ask)) is None:
                left.append((number, ask))
                continue
            answers[number] = made
            self._note("described rows", (number,), int(made.n.sum()), self.settings.model.scan(made.n.sum()), start)
        if not left:
            self._users[group.child] -= 1
        return nodes.Shared(child=group.child, asks=tuple(left))

    def _streamed(self, group: nodes.Shared) -> dict[int, Result]:
        """Answer chunk by chunk, or in memory, and say so, if that turns out not to be possible."""
        start = time.process_time()
        try:
            told = partial(self._note, start=start)
            return streaming.answers(group, self.settings.model, told, engine=self.settings.engine)
        except DoesNotStream as reason:
            note = f"all samples were held in memory: {reason.message}"
        self._note(note, tuple(number for number, _ in group.asks), 0, 0.0, start)
        return {number: streaming.noted(result, note) for number, result in self._answer(group).items()}

    def samples(self, node: AbstractNode) -> Samples:
        """Make the samples of a node, or take them if they were made."""
        made = self._made[node] if node in self._made else self._make(node)
        self._users[node] -= 1
        if self._users[node] > 0:
            self._made[node] = made
        else:
            self._made.pop(node, None)
        return made

    def _make(self, node: AbstractNode) -> Samples:
        if isinstance(node, nodes.Scan):
            return self._scan(node)
        if any(isinstance(below, nodes.Filter) for below in nodes.walk(node)) and all(
            isinstance(below, ROWS) for below in nodes.walk(node)
        ):
            return literal.samples_of(node)  # a filter that was not pushed into the scan
        return apply(node, self.samples(node.children[0]))

    def _scan(self, scan: nodes.Scan) -> Samples:
        start = time.process_time()
        read: Samples = scan.source.read(scan)
        expected = self.settings.model.scan(scan.source.rows or read.t.size)
        self._note(f"read {scan.label}", (), read.t.size, expected, start)
        return read

    def _answer(self, group: nodes.Shared) -> dict[int, Result]:
        made = self.samples(group.child)
        facts = Facts.of(made)
        asked = Questions.of(group, facts)
        answers = {q.number: q.ask.statistic.finish(made, q.facts) for q in asked.values}
        centred = made.centred() if asked.sums or asked.projections else made
        return (
            answers
            | self._sums(asked.sums, centred, made, facts)
            | self._projections(asked.projections, centred, facts)
        )

    def _sums(self, members: Sequence[Member], centred: Samples, made: Samples, facts: Facts) -> dict[int, Result]:
        s = self.settings
        start = time.process_time()
        requests, alone = lower.plan(members, facts, s.model, ways=s.ways, merge=s.merge)
        self.plan_s += time.process_time() - start
        answers: dict[int, Result] = {}
        for request in requests:
            sums = self._compute(request, request.spec(len(facts.ids)), centred, facts)
            for member in request.members:
                given = request.given(member, sums, len(facts.ids))
                answers[member.number] = member.ask.statistic.finish(given, member.facts)
        for member in alone:
            answers |= self._alone(member, made)
        return answers

    def _alone(self, member: Member, made: Samples) -> dict[int, Result]:
        """Answer a question from samples of its own."""
        for op in member.ask.after:
            made = apply(op, made)
        facts = Facts.of(made)
        spec = member.ask.statistic.needs(facts)
        request = lower.alone(member, facts, spec, self.settings.model, ways=self.settings.ways)
        sums = self._compute(request, spec, made if spec.cross else made.centred(), facts)
        return {member.number: member.ask.statistic.finish(sums, facts)}

    def _compute(self, request: Request, spec: SumsSpec, samples: Samples, facts: Facts) -> tuple[KernelSums, ...]:
        start = time.process_time()
        made = self._to_goal(request, spec, samples, facts)
        serves = tuple(member.number for member in request.members)
        self._note(described(spec, request.way, len(samples)), serves, samples.t.size, request.estimate_s, start)
        return made

    def _to_goal(self, request: Request, spec: SumsSpec, samples: Samples, facts: Facts) -> tuple[KernelSums, ...]:
        """Compute sums as exactly as they turn out to need."""
        tol = tolerance.tight(facts)
        if self.settings.single and request.way == "grid":
            tol = tolerance.first_try(facts, spec.kernels)
        made = sums(samples, spec, tol=tol, how=request.way)
        weak = np.logical_or.reduce([tolerance.weak(one, facts, tol) for one in made])
        return self._again(made, spec, np.flatnonzero(weak), samples, facts) if weak.any() else made

    def _again(
        self, made: tuple[KernelSums, ...], spec: SumsSpec, rows: NDArray[np.int64], samples: Samples, facts: Facts
    ) -> tuple[KernelSums, ...]:
        """Compute the sums of some pairs of series more exactly."""
        some = msgspec.structs.replace(spec, pairs=tuple(map(tuple, made[0].pairs[rows].tolist())))
        costs = self.settings.model.sums(facts, some)
        way = min(allowed(facts, some, self.settings.ways), key=lambda w: costs[w])
        for one, exact in zip(made, sums(samples, some, tol=tolerance.tight(facts), how=way), strict=True):
            for name in ("ww", "xy", *(("xw", "wx") if spec.cross else ())):
                getattr(one, name)[:, :, rows] = getattr(exact, name)
        return made

    def _projections(self, wanted: Sequence[Member], centred: Samples, facts: Facts) -> dict[int, Result]:
        answers = {}
        for spec in coefficients.merged([q.spec for q in wanted]):
            start = time.process_time()
            made = coefficients.project(centred, spec, tol=tolerance.tight(facts))
            served = [q for q in wanted if q.spec.period_s == spec.period_s]
            for q in served:
                given = coefficients.taken(made, q.view, q.spec)
                answers[q.number] = q.ask.statistic.finish(given, q.facts)
            serves = tuple(q.number for q in served)
            expected = self.settings.model.projection(facts, spec)
            self._note(coefficients.described(spec), serves, centred.t.size, expected, start)
        return answers

    def _note(self, what: str, serves: tuple[int, ...], rows: int, estimate_s: float, start: float) -> None:
        taken = time.process_time() - start
        self.steps.append(Step(what=what, serves=serves, rows=rows, estimate_s=estimate_s, actual_s=taken))
