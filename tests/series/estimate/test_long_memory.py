import numpy as np
import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.increments import increments, merged
from learnsys.series.estimate.long_memory import LongMemory, local_whittle, log_periodogram
from learnsys.series.estimate.types import Facts
from learnsys.series.graph.door import scan
from learnsys.series.simulate.brownian import Motions
from learnsys.series.sums.projection import project
from learnsys.series.types import Samples


def run(statistic, samples):
    facts = Facts.of(samples)
    return statistic.finish(project(samples, statistic.needs(facts)), facts)


def wandering(hurst, d, n, seed):
    rng = np.random.default_rng(seed)
    stamps = {f"s{k}": np.cumsum(rng.exponential(size=n)) for k in range(d)}
    return merged(Motions(correlation=np.eye(d), delays_s=np.zeros(d), hurst=hurst).draw(stamps, seed=seed))


@pytest.mark.parametrize("method", ["whittle", "gph"])
@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.8])
def test_the_exponent_of_irregularly_sampled_motion_is_found(hurst, method):
    result = run(LongMemory(method=method), increments(wandering(hurst, 8, 1500, 1)))
    assert np.mean(result.hurst) == pytest.approx(hurst, abs=0.05)
    assert np.sum((result.low <= hurst - 0.5) & (hurst - 0.5 <= result.high)) >= 6


def test_increments_of_a_query_have_the_memory_of_increments_a_second():
    levels = wandering(0.7, 2, 600, 3)
    asked = scan(levels).difference().long_memory().collect()
    np.testing.assert_allclose(asked.d, run(LongMemory(), increments(levels)).d, atol=0.02)


def test_a_longer_series_beside_does_not_narrow_intervals():
    rng = np.random.default_rng(1000)
    long = (np.arange(0.0, 5000.0, 25.0), rng.normal(size=200))
    short = {f"s{k}": (np.sort(rng.uniform(2000, 2800, 800)), rng.normal(size=800)) for k in range(40)}
    alone, beside = run(LongMemory(), Samples.of(short)), run(LongMemory(), Samples.of({**short, "long": long}))
    np.testing.assert_allclose(beside.d[:-1], alone.d, atol=0.05)
    assert np.mean((beside.low <= 0) & (beside.high >= 0)) > 0.85


@pytest.mark.parametrize("estimate", [local_whittle, log_periodogram])
def test_a_power_law_is_read_off(estimate):
    w = 0.1 * np.arange(1, 200)
    d, error = estimate(w, 7.0 * w**0.8)
    assert d == pytest.approx(-0.4, abs=1e-6)
    assert 0.02 < error < 0.06


def test_a_short_or_constant_series_has_no_memory_and_a_note():
    t = np.arange(200.0)
    x = np.random.default_rng(0).normal(size=200)
    result = run(LongMemory(), Samples.of({"a": (t, x), "flat": (t, 0 * t), "short": ([1.0, 3.0], [0.0, 1.0])}))
    assert np.isfinite(result.d).tolist() == [True, False, False]
    assert "flat, short" in result.notes[0]


def test_bad_parameters_are_refused():
    facts = Facts.of(Samples.of({"a": (np.arange(10.0), np.arange(10.0))}))
    with pytest.raises(InputError, match="at least 25"):
        LongMemory().needs(facts)
    with pytest.raises(InputError, match="power"):
        LongMemory(power=1.5).needs(facts)
    with pytest.raises(UnknownName, match="whittle"):
        LongMemory(method="whitle").needs(facts)
