import pytest
from tests.series.graph.graphs import SOURCES

from learnsys.core.errors import UnknownName, WorkFailed
from learnsys.series.graph import nodes, rewrite
from learnsys.series.graph.rules import Rule

SCAN = nodes.Scan(source=SOURCES[0])


def test_each_phase_tells_which_rules_it_applied():
    batch = nodes.Batch(asks=())
    assert [stage.phase for stage in rewrite.stages(batch)] == [None, "simplify", "share"]
    node = nodes.Between(child=nodes.Log(child=SCAN), start=1.0)
    _, simplify, share = rewrite.stages(node)
    assert dict(simplify.applied) == {"range-pushdown": 2, "column-pushdown": 1}
    assert share.applied == ()


def test_rules_that_undo_each_other_are_found():
    turns = Rule(
        name="turn", phase="simplify", why="never ends", on=(nodes.Scale,),
        apply=lambda n: nodes.replace(n, a=-n.a) if isinstance(n, nodes.Scale) else None,
    )  # fmt: skip
    with pytest.raises(WorkFailed, match="does not come to an end"):
        rewrite.fixpoint(nodes.Scale(child=SCAN, a=2.0), [turns], phase="simplify")


def test_an_unknown_rule_is_refused():
    with pytest.raises(UnknownName, match="range-pushdown"):
        rewrite.stages(SCAN, without=["range-pushdwon"])
