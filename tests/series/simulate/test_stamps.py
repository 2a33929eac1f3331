import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.series.simulate import stamps

SPAN = 2000.0


def drawn(kind, seed):
    rng = np.random.default_rng(seed)
    match kind:
        case "regular":
            return stamps.regular(SPAN, 0.7)
        case "jittered":
            return stamps.jittered(rng, SPAN, 0.7, jitter=1.5)
        case "poisson":
            return stamps.poisson(rng, SPAN, 1.4)
        case "on_off":
            return stamps.on_off(rng, SPAN, 4.2, on_s=100, off_s=200)
        case "bursty":
            return stamps.bursty(rng, SPAN, 1.4, size=5, length_s=0.5)
        case "gamma":
            return stamps.gamma_renewal(rng, SPAN, 0.7, skewness=2.0)
        case "quantised":
            return stamps.quantised(stamps.poisson(rng, SPAN, 1.4), 0.5)


KINDS = ["regular", "jittered", "poisson", "on_off", "bursty", "gamma", "quantised"]


@given(st.sampled_from(KINDS), st.integers(0, 2**32 - 1))
def test_stamps_are_in_order_within_the_span_and_as_many_as_said(kind, seed):
    t = drawn(kind, seed)
    assert np.all(np.diff(t) >= 0)
    assert t[0] >= 0
    assert t[-1] <= SPAN
    assert 0.75 < t.size / (SPAN / 0.7) < 1.3


def test_gaps_have_the_skewness_asked_for():
    rng = np.random.default_rng(0)
    gaps = np.diff(stamps.gamma_renewal(rng, 1e5, 1.0, skewness=1.5))
    assert abs(gaps.mean() - 1) < 0.02
    assert abs(np.mean((gaps - gaps.mean()) ** 3) / gaps.std() ** 3 - 1.5) < 0.1
    assert np.ptp(np.diff(stamps.gamma_renewal(rng, 100, 1.0, skewness=0))) < 1e-12
    with pytest.raises(InputError, match="skewness"):
        stamps.gamma_renewal(rng, 100, 1.0, skewness=-1)


def test_markets_sleep_and_clocks_tick():
    rng = np.random.default_rng(0)
    assert np.all(stamps.on_off(rng, SPAN, 4.2, on_s=100, off_s=200) % 300 < 100)
    assert np.all(drawn("quantised", 1) % 0.5 == 0)
