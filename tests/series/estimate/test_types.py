import numpy as np

from learnsys.series.estimate.types import Facts
from learnsys.series.types import Samples


def test_facts_of_full_single_and_empty_series():
    facts = Facts.of(Samples.of({"a": ([0, 3], [1, 5]), "empty": ([], []), "one": ([2], [9])}, t0_ns=7))
    assert facts.t0_ns == 7
    assert facts.n.tolist() == [2, 0, 1]
    np.testing.assert_array_equal(facts.first_s, [0, np.nan, 2])
    np.testing.assert_array_equal(facts.last_s, [3, np.nan, 2])
    np.testing.assert_array_equal(facts.mean, [3, np.nan, 9])
    np.testing.assert_array_equal(facts.variance, [4, np.nan, 0])
