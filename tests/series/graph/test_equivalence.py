"""Whatever is asked, the optimised graph answers as the one that was written."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from tests.series.graph.graphs import DEPTH, batches

from learnsys.series.estimate.covariance import MIN_PAIRS
from learnsys.series.graph import literal, nodes
from learnsys.series.graph.collect import grouped
from learnsys.series.graph.execute import Execution
from learnsys.series.graph.rewrite import stages
from learnsys.series.graph.rules import NAMES, RULES
from learnsys.series.graph.settings import Settings
from learnsys.series.sums.cost import WAYS
from learnsys.series.types import Samples

TOL = 1e-5


def same(got, wanted):
    """Results agree to ``TOL`` of the largest variance; lags are masked alike but where pairs are at the limit."""
    if isinstance(wanted, Samples):
        assert got.ids == wanted.ids
        np.testing.assert_array_equal(got.starts, wanted.starts)
        for name in ("t", "x", "w"):
            np.testing.assert_allclose(getattr(got, name), getattr(wanted, name), rtol=1e-9, atol=1e-9)
        return
    np.testing.assert_array_equal(got.pairs, wanted.pairs)
    np.testing.assert_allclose(got.effective_pairs, wanted.effective_pairs, rtol=TOL, atol=1e-6)
    clear = np.abs(wanted.effective_pairs - MIN_PAIRS) > 1e-3
    np.testing.assert_array_equal(np.isnan(got.values)[clear], np.isnan(wanted.values)[clear])
    size = np.nanmax(np.abs(wanted.values), initial=0.0)
    both = ~np.isnan(got.values) & ~np.isnan(wanted.values)
    np.testing.assert_allclose(got.values[both], wanted.values[both], rtol=TOL, atol=TOL * size + 1e-12)


def check_equivalence(examples):
    seen, depths, applied = Counter(), [], Counter()

    @hypothesis(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(
        batches(), st.sets(st.sampled_from(NAMES), max_size=4), st.sampled_from([*[WAYS] * 6, *((w,) for w in WAYS)])
    )
    def agree(batch, off, ways):
        seen.update({type(node).__name__ for node in nodes.walk(batch)})
        depths.append(min(nodes.depth(ask) for ask in batch.asks))
        for stage in stages(batch):
            applied.update(dict(stage.applied))
        settings = Settings(ways=ways, merge="sums-merging" not in off, single="single-precision" not in off)
        answers = Execution(settings).run(grouped(stages(batch, without=off)[-1]))
        for ask, got in zip(batch.asks, answers, strict=True):
            same(got, literal.answer(ask))

    agree()
    operators = {cls.__name__ for cls in nodes.AbstractUnary.__subclasses__()} | {"Scan", "Batch"}
    assert set(seen) == operators - {"Shared"}
    return depths, applied


def test_any_graph_answers_the_same_optimised_and_as_written():
    depths, applied = check_equivalence(500)
    assert len(depths) >= 500
    assert min(depths) >= DEPTH
    assert {rule.name for rule in RULES} == set(applied)


@pytest.mark.slow
def test_thousands_of_graphs():
    check_equivalence(5000)
