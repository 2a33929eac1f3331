import numpy as np
from tests.series.graph.graphs import SOURCES

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.first import first_facts, stretched
from learnsys.series.types import Samples


def test_the_first_rows_stand_for_all():
    whole = Samples.of({"a": (np.arange(100.0), np.ones(100))})
    first = Samples.of({"a": (np.arange(25.0), np.ones(25))})
    got, wanted = stretched(Facts.of(first), 0.25), Facts.of(whole)
    assert (got.n, got.sum_w) == (wanted.n, wanted.sum_w)
    assert abs(got.last_s[0] - wanted.last_s[0]) < 5


def test_samples_in_memory_are_all_known():
    node = nodes.Difference(child=nodes.Scan(source=SOURCES[0]))
    assert first_facts(node).n.tolist() == [39] * 4
