"""Rewrite a graph by rules until none applies, and check after each phase that it is still legal."""

from collections.abc import Iterable, Sequence
from typing import Final, final

import msgspec

from learnsys.core.errors import UnknownName, WorkFailed
from learnsys.series.graph.nodes import AbstractNode, rebuild
from learnsys.series.graph.rules import NAMES, PHASES, Phase, Rule, rules_of
from learnsys.series.graph.spec import check

MOST_ROUNDS: Final = 64  # a graph of depth n needs about n; rules that undo each other would never end


@final
class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """The graph after a phase, and how often each rule was applied in it."""

    phase: Phase | None
    root: AbstractNode
    applied: tuple[tuple[str, int], ...] = ()


def stages(root: AbstractNode, *, without: Iterable[str] = ()) -> tuple[Stage, ...]:
    """Rewrite by the phases that need no samples.

    Parameters
    ----------
    root : AbstractNode
    without : iterable of str
        Rules that are switched off.

    Returns
    -------
    tuple of Stage
        The graph as written, and after each phase.

    Raises
    ------
    UnknownName
        If there is no such rule.
    InputError
        If the graph as written is not legal.
    WorkFailed
        If a rule made it so, or rules do not come to an end: a mistake of this package.
    """
    off = frozenset(without)
    for name in off.difference(NAMES):
        raise UnknownName.of("rule", name, NAMES)
    check(root)
    done = [Stage(phase=None, root=root)]
    for phase in PHASES[:-1]:
        root, applied = fixpoint(root, rules_of(phase, off), phase=phase)
        check(root, phase=phase)
        done.append(Stage(phase=phase, root=root, applied=applied))
    return tuple(done)


def fixpoint(
    root: AbstractNode, rules: Sequence[Rule], *, phase: str
) -> tuple[AbstractNode, tuple[tuple[str, int], ...]]:
    """Apply rules from below until none applies."""
    counts: dict[str, int] = {}
    endless = WorkFailed(f"the phase {phase!r} does not come to an end", value=phase, next="report this")

    on = {kind: [rule for rule in rules if kind in rule.on] for rule in rules for kind in rule.on}

    def once(node: AbstractNode) -> AbstractNode:
        for rule in on.get(type(node), ()):
            if (new := rule.apply(node)) is not None and new is not node:
                counts[rule.name] = counts.get(rule.name, 0) + 1
                return new
        return node

    def change(node: AbstractNode) -> AbstractNode:
        """Apply rules to one node until none does: what groups questions must find them as they will be."""
        for _ in range(MOST_ROUNDS):
            if (new := once(node)) is node:
                return node
            node = new
        raise endless

    for _ in range(MOST_ROUNDS):
        if (new := rebuild(root, change)) is root:
            return root, tuple(counts.items())
        root = new
    raise endless
