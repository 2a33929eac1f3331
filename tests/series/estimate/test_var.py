import msgspec
import numpy as np
import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.var import Var
from learnsys.series.estimate.weights import weighted
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.sums.compute import sums
from learnsys.series.types import Samples

DECAY = np.array([[1.0, -0.5], [0.2, 0.6]])
PROCESS = VectorProcess.ornstein_uhlenbeck(DECAY, [[1.0, 0.2], [0.2, 0.8]])
OSCILLATOR = VectorProcess.oscillator(np.diag([4.0, 2.0]), np.diag([0.8, 0.6]), np.eye(2))


def drawn(process=PROCESS, *, span=600.0, rates=(1.5, 0.8), noise=0.3, seed=0):
    rng = np.random.default_rng(seed)
    stamps = [rng.uniform(0, span, round(rate * span)) for rate in rates]
    return weighted(process.sample(stamps, noise=noise, seed=seed))


def fitted(samples, statistic):
    facts = Facts.of(samples)
    needed = statistic.needs(facts)
    return statistic.finish(samples if needed is None else sums(samples.centred(), needed), facts)


@pytest.mark.parametrize(("method", "error"), [("likelihood", 0.08), ("whittle", 0.12)])
@pytest.mark.parametrize("dt", [0.5, 1.0])
def test_finds_the_matrix_at_any_step(method, error, dt):
    made = fitted(drawn(), Var(dt=dt, order=1, method=method, ci=None))
    truth = PROCESS.transition(np.array(dt))
    assert np.sqrt(np.mean((made.matrices[0] - truth) ** 2)) < error
    assert made.radius < 1
    assert made.method == method


def test_finds_the_errors_of_measurement():
    made = fitted(drawn(noise=0.5, span=1000.0), Var(dt=1.0, ci=None))
    np.testing.assert_allclose(made.nugget, 0.25, atol=0.1)


def test_prefers_the_order_that_the_process_has():
    rates = (3.0, 2.0)
    assert len(fitted(drawn(rates=rates), Var(dt=1.0, ci=None)).matrices) == 1
    made = fitted(drawn(OSCILLATOR, rates=rates, noise=0.1), Var(dt=0.5, ci=None))
    assert len(made.matrices) == 2
    truth = OSCILLATOR.covariance([0.0, 0.5, 1.0])
    np.testing.assert_allclose(made.process.covariance([0.0, 0.5, 1.0]), truth, atol=0.25 * truth.max())


@pytest.mark.parametrize("method", ["likelihood", "whittle"])
def test_intervals_hold_most_of_the_truth(method):
    truth, inside = PROCESS.transition(np.array(1.0)), []
    for seed in range(4):
        made = fitted(drawn(seed=seed, span=250.0), Var(dt=1.0, order=1, method=method))
        assert (made.low < made.high).all()
        inside.append((made.low[0] <= truth) & (truth <= made.high[0]))
    assert np.mean(inside) > 0.7


def test_scales_with_the_units_of_the_series_and_of_time():
    samples, ask = drawn(span=120.0), Var(dt=1.0, order=1, ci=None)
    other = msgspec.structs.replace(samples, x=samples.x * np.array([100.0, 0.1])[samples.series] + 7, t=samples.t * 60)
    one, two = fitted(samples, ask), fitted(other, msgspec.structs.replace(ask, dt="1min"))
    scale = np.array([[1.0, 1000.0], [0.001, 1.0]])
    np.testing.assert_allclose(two.matrices[0], one.matrices[0] * scale, rtol=0.02, atol=0.02 * scale.min())


def test_series_that_cannot_be_used_are_left_out_with_a_message():
    good = drawn(span=60.0)
    series = {f"s{d}": good.one(d)[:2] for d in range(2)}
    flat, few = (np.arange(50.0), np.full(50, 3.0)), (np.arange(4.0), np.arange(4.0))
    for method in ("likelihood", "whittle"):
        made = fitted(
            weighted(Samples.of({"flat": flat, **series, "few": few})), Var(dt=1.0, order=1, ci=None, method=method)
        )
        alone = fitted(weighted(Samples.of(series)), Var(dt=1.0, order=1, ci=None, method=method))
        assert made.ids == ("s0", "s1")
        assert "flat: it is constant" in " ".join(made.notes)
        assert "few: it has 4 samples" in " ".join(made.notes)
        if method == "likelihood":
            np.testing.assert_allclose(made.matrices, alone.matrices, atol=1e-6)


@pytest.mark.parametrize(("method", "error"), [("likelihood", 0.03), ("whittle", 0.12)])
def test_on_a_clock_it_is_least_squares(method, error):
    t = np.arange(800.0)
    samples = weighted(PROCESS.sample([t, t], seed=1))
    y = np.stack([samples.one(d)[1] for d in range(2)], axis=1)
    y = y - y.mean(axis=0)
    exact = np.linalg.lstsq(y[:-1], y[1:], rcond=None)[0].T
    made = fitted(samples, Var(dt=1.0, order=1, ci=None, method=method))
    np.testing.assert_allclose(made.matrices[0], exact, atol=error)


def test_a_series_of_nothing_but_noise_is_forgotten_or_told_of():
    rng = np.random.default_rng(0)
    noise = (np.arange(300.0) + 0.3, rng.normal(size=300))
    made = fitted(weighted(Samples.of({"s": drawn(span=200.0).one(0)[:2], "noise": noise})), Var(dt=1.0, ci=None))
    assert abs(made.matrices[0, 1, 1]) < 0.2 or [note for note in made.notes if note.startswith("noise: ")]


def test_nothing_to_fit_is_refused():
    with pytest.raises(InputError, match="none has 16 samples"):
        Var(dt=1.0).needs(Facts.of(Samples.of({"a": ([1.0, 2.0], [3.0, 4.0])})))


@pytest.mark.parametrize("wrong", [{"dt": 0.0}, {"order": 0}, {"order": "many"}])
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(InputError):
        Var(**{"dt": 1.0, **wrong}).needs(Facts.of(drawn(span=50.0)))


@pytest.mark.parametrize("wrong", [{"method": "magic"}, {"psd": "maybe"}])
def test_unknown_names_are_refused(wrong):
    with pytest.raises(UnknownName):
        Var(dt=1.0, **wrong).needs(Facts.of(drawn(span=50.0)))
