import msgspec
import numpy as np
import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate import forecast
from learnsys.series.estimate.conditional import CovarianceTable
from learnsys.series.estimate.forecast import Forecast
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.types import Samples

PROCESS = VectorProcess.ornstein_uhlenbeck([[1.0, -0.5], [0.2, 0.6]], [[1.0, 0.2], [0.2, 0.8]])
NOISE = 0.3
STEP = 0.02


def drawn(extra=(), *, span=400.0, seed=0):
    """Samples, and values at ``extra`` times of both series."""
    rng = np.random.default_rng(seed)
    sizes = (round(1.5 * span), round(0.8 * span))
    stamps = [np.concatenate([extra, rng.uniform(0, span, n)]) for n in sizes]
    whole = PROCESS.sample(stamps, seed=seed)
    hidden = np.isin(whole.t, extra)
    x = whole.x + NOISE * rng.normal(size=whole.x.size)
    series = {i: (whole.t[keep], x[keep]) for i, d in zip(whole.ids, range(2), strict=True)
              for keep in [(whole.series == d) & ~hidden]}  # fmt: skip
    truth = np.array([x[(whole.series == d) & hidden] for d in range(2)]).T
    return Samples.of(series), truth


def predicted(samples, statistic):
    facts = Facts.of(samples)
    assert statistic.needs(facts) is None
    return statistic.finish(samples, facts)


def true_table(count=3000):
    return CovarianceTable(
        step_s=STEP, values=PROCESS.covariance(STEP * np.arange(count)), nugget=np.full(2, NOISE**2)
    )  # fmt: skip


def test_equals_gaussian_regression_when_the_covariance_is_given():
    samples, _ = drawn(span=9.0)
    at, mean = np.array([2.5, 8.0, 10.5]), np.array([5.0, -1.0])
    samples = msgspec.structs.replace(samples, x=samples.x + mean[samples.series])
    found, variance = forecast.krige(samples, true_table(), at, mean=mean)
    a, n = samples.series, samples.t.size
    c = PROCESS.covariance((samples.t[None, :] - samples.t[:, None]).ravel()).reshape(n, n, 2, 2)
    i, j = np.indices((n, n))
    s = c[i, j, a[:, None], a[None, :]] + NOISE**2 * np.eye(n)
    for k, t in enumerate(at):
        for d in range(2):
            right = PROCESS.covariance(t - samples.t)[np.arange(n), a, d]
            w = np.linalg.solve(s, right)
            assert found[k, d] == pytest.approx(mean[d] + w @ (samples.x - mean[a]), abs=2e-3)
            assert variance[k, d] == pytest.approx(PROCESS.covariance([0.0])[0, d, d] - w @ right, abs=2e-3)


@pytest.mark.parametrize("covariance", ["model", "estimated"])
def test_intervals_cover_and_errors_are_near_the_least(covariance):
    extra = 1.0 + 2.0 * np.arange(195)
    samples, truth = drawn(extra)
    made = predicted(samples, Forecast(at=extra, covariance=covariance))
    inside = (made.low <= truth) & (truth <= made.high)
    assert 0.91 < inside.mean() < 0.985
    best, _ = forecast.krige(samples, true_table(), extra, mean=np.zeros(2))
    error, least = np.mean((made.mean - truth) ** 2), np.mean((best - truth) ** 2)
    assert error < 1.15 * least


def test_far_ahead_it_is_the_mean_and_the_variance():
    samples, _ = drawn()
    made = predicted(samples, Forecast(at=("+200s",)))
    facts = Facts.of(samples)
    np.testing.assert_allclose(made.mean[0], facts.mean, atol=1e-3)
    np.testing.assert_allclose(made.standard_error[0] ** 2 + made.nugget, facts.variance, rtol=0.15)


@pytest.mark.parametrize("covariance", ["model", "estimated"])
def test_a_slow_series_is_known_far_ahead(covariance):
    slow = VectorProcess.ornstein_uhlenbeck([[0.01]], [[0.02]])
    stamps = np.random.default_rng(1000).uniform(0, 3000, 3000)
    samples = slow.sample([stamps], seed=1000)
    made = predicted(samples, Forecast(at=("+10s", "+40s", "+5000s"), covariance=covariance))
    share = made.standard_error[:, 0] / np.sqrt(Facts.of(samples).variance)
    np.testing.assert_allclose(share, np.sqrt(1 - np.exp([-0.2, -0.8, -100.0])), atol=0.12)
    assert abs(made.mean[1, 0] - samples.x[-1]) < abs(made.mean[2, 0] - samples.x[-1])


def test_another_series_helps():
    twin = VectorProcess(drift=np.array([[-0.5]]), diffusion=np.eye(1), seen=np.ones((2, 1)))
    rng = np.random.default_rng(1)
    samples = twin.sample([rng.uniform(0, 150, 300), rng.uniform(150, 300, 300)], seed=1)
    both = twin.sample([rng.uniform(0, 300, 600), rng.uniform(0, 150, 300)], seed=1)
    table = CovarianceTable(step_s=STEP, values=twin.covariance(STEP * np.arange(3000)), nugget=np.zeros(2))
    _, alone = forecast.krige(samples, table, np.array([100.0]), mean=np.zeros(2))
    _, helped = forecast.krige(both, table, np.array([250.0]), mean=np.zeros(2))
    assert helped[0, 1] < 0.5 * twin.covariance([0.0])[0, 1, 1]
    assert alone[0, 1] == pytest.approx(alone[0, 0], rel=1e-3)


def test_times_are_read():
    facts = Facts.of(Samples.of({"a": ([0.0, 100.0], [1.0, 2.0])}, t0_ns=1_767_225_600_000_000_000))
    assert forecast.seconds("2026-01-01T00:01", facts) == 60.0
    assert forecast.seconds("2026-01-01T01:00+01:00", facts) == 0.0
    assert forecast.seconds("+1min", facts) == 160.0
    assert forecast.seconds(5, facts) == 5.0
    with pytest.raises(InputError, match="no time"):
        forecast.seconds("tomorrow", facts)


def test_a_statistic_is_hashable_whatever_sequence_it_was_given():
    assert hash(Forecast(at=[1.0, "+1s"])) == hash(Forecast(at=(1.0, "+1s")))
    assert Forecast(at="+1s").at == ("+1s",)


def test_wrong_parameters_are_refused():
    facts = Facts.of(drawn(span=50.0)[0])
    with pytest.raises(InputError, match="level"):
        Forecast(at=(1.0,), level=1.5).needs(facts)
    with pytest.raises(UnknownName):
        Forecast(at=(1.0,), covariance="guessed").needs(facts)
