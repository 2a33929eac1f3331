import numpy as np

from learnsys import series
from learnsys.series.types import Samples


def test_several_statistics_come_in_their_order():
    rng = np.random.default_rng(0)
    q = series.scan(Samples.of({k: (rng.uniform(0, 100, 300), rng.normal(size=300)) for k in "ab"}))
    one, two = (q.xcov(lags=series.lags(0, n, 1), bandwidth=0.5, ci=None, shrink=False) for n in (2, 3))
    first, second = series.collect(one, two)
    assert (first.lags.count, second.lags.count) == (3, 4)
    np.testing.assert_allclose(first.values, second.values[:, :3])
