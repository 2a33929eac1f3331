import pytest

from learnsys import series
from learnsys.core.errors import UnknownName
from learnsys.series.graph.explain import PHASES
from learnsys.series.types import Samples


def asked():
    q = series.scan(Samples.of({"a": ([0.0, 1.0, 2.0, 9.0], [1.0, 2.0, 1.5, 3.0])})).log().difference()
    return q.xcov(lags=series.lags(0, 1, 1), bandwidth=0.5, ci=None, shrink=False)


def test_the_graph_is_drawn_from_the_statistic_down():
    lines = series.explain(asked(), phase="written").splitlines()
    operators = ["Batch of 1", "XCov", "Weights", "Difference", "Duplicates", "Log", "Scan"]
    assert [line.strip().split("(")[0] for line in lines[1:]] == operators


def test_each_phase_is_shown_and_one_can_be_chosen():
    whole = series.explain(asked(), costs=True)
    for phase in PHASES:
        assert series.explain(asked(), phase=phase).split(":")[0].split(" (")[0] in whole
    with pytest.raises(UnknownName, match="phase"):
        series.explain(asked(), phase="last")


def test_costs_are_foreseen_and_after_a_run_compared():
    one = asked()
    assert "took" not in series.explain(one, costs=True)
    series.collect(one, without=["cache"])
    assert "took" in series.explain(one, costs=True)
    assert "direct sums of 1 pairs at 2 lags" in series.explain(one, costs=True)
