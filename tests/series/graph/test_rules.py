import msgspec
import numpy as np
import pytest
from tests.series.graph.graphs import SOURCES

from learnsys.series.estimate.covariance import XCov
from learnsys.series.graph import nodes
from learnsys.series.graph.memory import InMemory
from learnsys.series.graph.nodes import NOTHING
from learnsys.series.graph.rewrite import fixpoint, stages
from learnsys.series.graph.rules import NAMES, PHASES, RULES, rules_of
from learnsys.series.sources.types import Condition
from learnsys.series.types import Lags

SCAN = nodes.Scan(source=SOURCES[0], narrow=True)
COLD = Condition(column="value", op="<", value=1.0)
WARM = Condition(column="value", op=">", value=0.5)
XCOV = XCov(lags=Lags(first_s=0.0, step_s=1.0, count=2), bandwidth=0.5, ci=None, shrink=False)


def simplified(node, *names):
    return fixpoint(node, [rule for rule in RULES if rule.name in names], phase="simplify")[0]


def shared(*asks):
    return stages(nodes.Batch(asks=asks))[-1].root


def test_conditions_and_times_go_into_the_scan():
    node = nodes.Filter(child=nodes.Filter(child=SCAN, where=(WARM,)), where=(COLD, WARM))
    assert simplified(node, "filter-pushdown") is nodes.replace(SCAN, where=(COLD, WARM))
    node = nodes.Between(child=nodes.Log(child=nodes.Between(child=SCAN, start=1.0, end=9.0)), start=2.0)
    assert simplified(node, "range-pushdown") is nodes.Log(child=nodes.replace(SCAN, start=2.0, end=9.0))


def test_a_range_stays_above_what_looks_at_neighbours():
    node = nodes.Between(child=nodes.Difference(child=SCAN), start=1.0)
    assert simplified(node, "range-pushdown") is node


def test_only_selected_series_are_read_and_scaled():
    node = nodes.Select(child=nodes.Scale(child=nodes.Difference(child=SCAN), a=2.0, ids=("a", "b")), ids=("b", "c"))
    below = nodes.Difference(child=nodes.replace(SCAN, ids=("b", "c")))
    assert simplified(node, "select-pushdown") is nodes.Scale(child=below, a=2.0, ids=("b",))


def test_a_sum_that_nobody_wants_is_not_made():
    combined = nodes.Combine(child=SCAN, name="sum", terms=(("a", 1.0), ("b", 1.0)))
    assert simplified(nodes.Select(child=combined, ids=("c",)), "select-pushdown") is nodes.replace(SCAN, ids=("c",))
    wanted = simplified(nodes.Select(child=combined, ids=("sum",)), "select-pushdown")
    assert wanted.child.child is nodes.replace(SCAN, ids=("a", "b"))


def test_what_changes_nothing_is_not_done():
    node = nodes.Duplicates(child=nodes.Scale(child=SCAN), policy="keep")
    node = nodes.Between(child=nodes.Shift(child=node, by_s=0.0))
    assert simplified(node, "identity-elimination") is SCAN


def test_a_constant_before_a_mean_is_removed_is_none():
    node = nodes.Demean(child=nodes.Scale(child=SCAN, a=2.0, b=1.0))
    assert simplified(node, "affine-lifting") is nodes.Scale(child=nodes.Demean(child=SCAN), a=2.0)


def test_questions_that_differ_in_maps_shifts_and_means_share_their_samples():
    base = nodes.Difference(child=SCAN)
    above = (
        base, nodes.Scale(child=base, a=2.0), nodes.Shift(child=base, by_s=1.0, ids=("a",)), nodes.Demean(child=base),
        nodes.Difference(child=nodes.Scale(child=nodes.Shift(child=SCAN, by_s=2.0), a=3.0)),
    )  # fmt: skip
    (group,) = shared(*(nodes.Ask(child=node, statistic=XCOV) for node in above)).asks
    assert group.child is base
    assert [[type(op).__name__ for op in ask.after] for _, ask in group.asks] == [
        [], ["Scale"], ["Shift"], ["Demean"], ["Shift", "Scale"],
    ]  # fmt: skip


def test_questions_of_different_series_share_a_scan():
    one, two = (nodes.Ask(child=nodes.Select(child=SCAN, ids=ids), statistic=XCOV) for ids in (("a", "b"), ("b", "c")))
    (group,) = shared(one, two).asks
    assert group.child.ids == ("a", "b", "c")
    assert [ask.after[0].ids for _, ask in group.asks] == [("a", "b"), ("b", "c")]


def test_other_samples_are_not_shared():
    asks = (nodes.Ask(child=node, statistic=XCOV) for node in (SCAN, nodes.Log(child=SCAN)))
    assert len(shared(*asks).asks) == 2


def test_statistics_of_second_order_see_through_resample():
    ask = nodes.Ask(child=nodes.Weights(child=nodes.Resample(child=SCAN, step_s=1.0)), statistic=XCOV)
    assert simplified(ask, "resample-elimination").child is nodes.Weights(child=SCAN)


def test_every_rule_has_a_phase_a_reason_and_a_name_of_its_own():
    assert len(set(NAMES)) == len(NAMES)
    assert all(rule.phase in PHASES and rule.why for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_can_be_switched_off(rule):
    assert rule not in rules_of(rule.phase, frozenset({rule.name}))
    assert rule.apply(NOTHING) is None


def test_rules_are_tried_on_every_node_that_they_change():
    kinds = [kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, nodes.AbstractNode)]
    for rule in RULES:
        named = set(rule.apply.__code__.co_names) if rule.phase == "simplify" else set()
        assert {kind.__name__ for kind in rule.on if rule.phase == "simplify" and kind is not nodes.Ask} <= named
        assert set(rule.on) <= set(kinds)


def test_samples_that_weigh_alike_are_not_weighed():
    uneven = InMemory(msgspec.structs.replace(SOURCES[0].samples, w=np.arange(SOURCES[0].rows) + 1.0))
    for below, alike in (
        (nodes.Log(child=SCAN), True), (nodes.Weights(child=SCAN), False),
        (nodes.Scan(source=uneven), False),
        (nodes.Demean(child=nodes.Difference(child=nodes.Scan(source=uneven))), True),
    ):  # fmt: skip
        node = nodes.Weights(child=below, rule="uniform")
        assert (simplified(node, "identity-elimination") is below) == alike
    twice = nodes.Weights(child=nodes.Weights(child=SCAN, rule="voronoi"), rule="voronoi")
    assert simplified(twice, "identity-elimination") is twice.child
