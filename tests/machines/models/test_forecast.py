"""A forecast is one distribution a machine, whichever way it is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from learnsys.machines.models.conformal import Ladder
from learnsys.machines.models.forecast import Forecast


def forecast(log_s, scale, seed=0):
    rng = np.random.default_rng(seed)
    ladder = Ladder.of(rng.normal(size=400), np.ones(400))
    return Forecast(log_s=np.array(log_s), scale=np.array(scale), ladder=ladder, log_p90=np.array(log_s) + 0.03)


@given(st.floats(-5, 10), st.floats(0.01, 1), st.floats(0.001, 0.999))
def test_a_deadline_at_a_quantile_is_met_with_its_level(log_s, scale, q):
    f = forecast([log_s], [scale])
    assert_allclose(f.probability(float(f.quantile(q)[0])), q, atol=1e-5)


@given(st.floats(0.1, 100), st.floats(0.5, 0.98))
def test_intervals_scale_with_seconds(k, level):
    a, b = forecast([1.0, 2.0], [0.1, 0.2]), forecast(np.log(k) + np.array([1.0, 2.0]), [0.1, 0.2])
    for mine, scaled in zip(a.interval(level), b.interval(level), strict=True):
        assert_allclose(scaled, k * mine)
    assert_allclose(b.probability(k * 3.0), a.probability(3.0))


def test_an_estimate_is_the_distribution_of_its_machine():
    f = forecast([np.log(10.0), np.log(20.0)], [0.1, 0.3])
    e = f.estimate(1, level=0.8)
    assert (e.low, e.high) == pytest.approx(tuple(end[1] for end in f.interval(0.8)))
    assert e.p90 == pytest.approx(f.quantile(0.9)[1])
    assert e.low < e.median < e.high
    assert e.mean == pytest.approx(20 * np.exp(0.3**2 / 2), rel=0.05)
