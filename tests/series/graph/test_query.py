import numpy as np
import pytest

from learnsys import series
from learnsys.core.errors import InputError, UnknownName
from learnsys.series.graph import nodes
from learnsys.series.types import Samples


def query():
    rng = np.random.default_rng(0)
    return series.scan(Samples.of({k: (rng.uniform(0, 100, 300), rng.uniform(1, 2, 300)) for k in "abc"}))


def test_nothing_is_computed_before_it_is_collected():
    negative = series.scan(Samples.of({"a": ([0.0], [-1.0])})).log()
    with pytest.raises(InputError, match="no logarithm"):
        negative.samples()


def test_equal_queries_are_one_node():
    q = query()
    assert q.log().scale(2).node is q.log().scale(2.0).node
    assert q.filter("value", "<", 1.5).node.label == "Filter(where=(value < 1.5))"


def test_pairs_by_name_select_their_series():
    q = query()
    wanted = q.xcov(lags=series.lags(-2, 2, 1), pairs=[("c", "a")], ci=None, bandwidth=0.5, shrink=False)
    assert nodes.Select(child=q.node, ids=("c", "a")) in list(nodes.walk(wanted.node))
    got = wanted.collect()
    whole = q.xcov(lags=series.lags(-2, 2, 1), pairs=[(0, 2)], ci=None, bandwidth=0.5, shrink=False).collect()
    ca = got.values[(got.pairs == [0, 1]).all(axis=1)]
    np.testing.assert_allclose(ca, whole.values[(whole.pairs == [0, 2]).all(axis=1)][:, ::-1], rtol=1e-6)


def test_mistakes_say_what_to_write():
    q = query()
    with pytest.raises(InputError, match="options: lags, kernel"):
        q.xcov(lag=3)
    with pytest.raises(UnknownName, match="comparison"):
        q.filter("value", "=", 3)
    with pytest.raises(InputError, match="filter before log"):
        q.log().filter("value", "<", 3)
    with pytest.raises(UnknownName, match="policy"):
        q.duplicates("median")


def test_pairs_that_mix_names_and_numbers_are_refused():
    with pytest.raises(InputError, match="names only"):
        query().lead_lag(max_lag=1, pairs=[("a", 1)])


def test_increments_that_are_selected_are_those_of_what_is_selected():
    q = query()
    asked = q.difference().select(["c", "a"]).lead_lag(max_lag=1)
    assert asked.node is q.duplicates().select(["c", "a"]).lead_lag(max_lag=1, of="increments").node
