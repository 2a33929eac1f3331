import re

import pytest

from learnsys.core.errors import InputError, WorkFailed
from learnsys.series.graph import nodes
from learnsys.series.graph.memory import InMemory
from learnsys.series.graph.spec import LAWS, check
from learnsys.series.types import Samples

SCAN = nodes.Scan(source=InMemory(Samples.of({"a": ([0.0], [1.0])})))
ASK = nodes.Ask(child=SCAN, statistic="s")
ILLEGAL = {
    "filters come first": nodes.Filter(child=nodes.Log(child=SCAN), where=()),
    "resample comes last": nodes.Log(child=nodes.Resample(child=SCAN, step_s=1.0)),
    "one grid is enough": nodes.Resample(child=nodes.Resample(child=SCAN, step_s=1.0), step_s=2.0),
    "steps are positive": nodes.Resample(child=SCAN, step_s=0.0),
    "times run forward": nodes.Between(child=SCAN, start=2, end=1),
    "a selection names each series once": nodes.Select(child=SCAN, ids=("a", "a")),
    "statistics come last": nodes.Log(child=ASK),
    "only what commutes is done to sums": nodes.Ask(child=SCAN, statistic="s", after=(nodes.Log(child=nodes.NOTHING),)),
}


def test_every_law_has_a_graph_that_breaks_it():
    assert set(ILLEGAL) == {law.name for law in LAWS}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_a_broken_law_is_the_users_or_the_optimisers_mistake(law):
    with pytest.raises(InputError, match=re.escape(law.next)):
        check(ILLEGAL[law.name])
    with pytest.raises(WorkFailed, match=f"after the phase 'share'.*law: {law.name}"):
        check(ILLEGAL[law.name], phase="share")


def test_legal_graphs_pass():
    below = nodes.Scale(child=nodes.Resample(child=nodes.Difference(child=SCAN), step_s=1.0), a=2.0)
    check(nodes.Batch(asks=(nodes.Ask(child=below, statistic="s"), ASK)))
    check(nodes.Between(child=nodes.Select(child=nodes.Filter(child=SCAN, where=()), ids=("a",)), start=1, end=1))
