import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.series import naive

from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.lead_lag import LeadLag
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import literal, nodes
from learnsys.series.graph.memory import InMemory
from learnsys.series.types import Lags, Samples

XCOV = XCov(lags=Lags(first_s=-2, step_s=0.5, count=9), bandwidth=0.4, ci=None, shrink=False)


def made(seed, n=60, span_s=20.0):
    rng = np.random.default_rng(seed)
    return Samples.of({k: (rng.uniform(0, span_s, n), rng.normal(size=n)) for k in "ab"})


@given(st.integers(0, 1000))
def test_covariances_are_those_of_the_naive_sums(seed):
    s = made(seed)
    ask = nodes.Ask(child=nodes.Scale(child=nodes.Scan(source=InMemory(s)), a=2.0, b=1.0), statistic=XCOV)
    got = literal.answer(ask)
    facts = Facts.of(s)
    wanted = XCOV.finish(naive.kernel_sums(s.centred(), XCOV.needs(facts)), facts)
    assert_allclose(got.values, 4 * wanted.values, atol=1e-9)


def test_statistics_of_second_order_see_through_resample():
    class Values:
        def needs(self, facts) -> None: ...

    assert literal.second_order(XCOV)
    assert not literal.second_order(Values())
    assert [literal.second_order(LeadLag(max_lag=1, test=test)) for test in ("shift", "flip")] == [False, True]
    scan = nodes.Scan(source=InMemory(made(0)))
    below = (scan, nodes.Resample(child=scan, step_s=5.0))
    plain, coarse = (literal.answer(nodes.Ask(child=c, statistic=XCOV)) for c in below)
    assert_allclose(coarse.values, plain.values)
