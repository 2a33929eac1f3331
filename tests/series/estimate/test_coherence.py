import msgspec
import numpy as np
import pytest

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.coherence import Coherence
from learnsys.series.estimate.types import Facts
from learnsys.series.estimate.weights import weighted
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.sums.compute import sums
from learnsys.series.types import Samples

# 0 drives 1, which drives 2.
CHAIN = VectorProcess.ornstein_uhlenbeck([[0.5, 0, 0], [-0.7, 0.7, 0], [0, -0.7, 0.7]], np.diag([1.0, 0.3, 0.3]))
APART = VectorProcess.ornstein_uhlenbeck(np.diag([0.5, 0.7]), np.eye(2))


def drawn(process, *, span=3000.0, rate=2.0, seed=0):
    rng = np.random.default_rng(seed)
    stamps = [rng.uniform(0, span, round(rate * span)) for _ in range(len(process.seen))]
    return weighted(process.sample(stamps, seed=seed))


def estimated(samples, statistic):
    facts = Facts.of(samples)
    return statistic.finish(sums(samples.centred(), statistic.needs(facts)), facts)


@pytest.fixture(scope="module")
def chain():
    return estimated(drawn(CHAIN), Coherence(partial=True, causes="conditional", step=0.5, max_lag=20.0))


def test_coherence_and_phase_are_near_the_truth(chain):
    low = (chain.frequencies_hz > 0.02) & (chain.frequencies_hz < 0.2)
    s = CHAIN.spectrum(2 * np.pi * chain.frequencies_hz[low])
    truth = np.abs(s) ** 2 / (np.einsum("kaa->ka", s).real[:, :, None] * np.einsum("kaa->ka", s).real[:, None, :])
    np.testing.assert_allclose(chain.coherence[low], truth, atol=0.12)
    np.testing.assert_allclose(chain.phase[low][:, 0, 1], -np.angle(s[:, 0, 1]), atol=0.25)
    assert (chain.phase[low][:, 0, 1] > 0).all()  # 0 leads


def test_a_chain_has_no_partial_coherence_of_its_ends(chain):
    low = chain.frequencies_hz < 0.15
    ends, links = chain.partial[low][:, 0, 2], chain.partial[low][:, 0, 1]
    assert chain.coherence[low][:, 0, 2].mean() > 0.3
    assert ends.mean() < 0.08
    assert links.mean() > 3 * ends.mean()


def test_causes_go_down_the_chain(chain):
    low = chain.frequencies_hz < 0.2
    causes = chain.causes[low].mean(axis=0)
    assert causes[1, 0] > 5 * causes[0, 1]
    assert causes[2, 1] > 5 * causes[1, 2]
    assert causes[1, 0] > 3 * causes[2, 0]


def test_intervals_hold_the_estimates(chain):
    known = ~np.isnan(chain.coherence)
    assert (chain.coherence_low <= chain.coherence + 1e-6)[known].all()
    assert (chain.coherence <= chain.coherence_high + 1e-6)[known].all()
    assert (chain.causes_low <= chain.causes_high).all()


def test_unrelated_series_exceed_the_threshold_as_often_as_they_should():
    above = []
    for seed in range(12):
        made = estimated(drawn(APART, span=1000.0, rate=1.0, seed=seed), Coherence(step=0.5))
        known = ~np.isnan(made.coherence[:, 0, 1])
        above.extend((made.coherence > made.threshold)[known, 0, 1])
    assert 0.005 < np.mean(above) < 0.12


def test_pairwise_causes_see_through_the_chain():
    made = estimated(drawn(CHAIN, span=1500.0), Coherence(causes="pairwise", step=0.5, max_lag=20.0))
    low = made.frequencies_hz < 0.1
    assert made.causes_are == "pairwise"
    assert made.causes[low][:, 2, 0].mean() > 3 * made.causes[low][:, 0, 2].mean()
    assert made.partial is None


def test_units_of_the_series_do_not_matter():
    samples, asked = drawn(CHAIN, span=400.0, seed=1000), Coherence(partial=True, causes="conditional", step=0.5)
    made = estimated(samples, asked)
    unit = np.array([1.0, 1e-9, 1e6])[samples.series]
    other = estimated(msgspec.structs.replace(samples, x=samples.x * unit), asked)
    for name in ("coherence", "phase", "threshold", "partial", "causes"):
        np.testing.assert_allclose(getattr(other, name), getattr(made, name), atol=1e-6)


def test_a_series_and_itself_have_a_coherence_of_one():
    t, x, _ = drawn(CHAIN, span=400.0, seed=1000).one(0)
    made = estimated(weighted(Samples.of({"a": (t, x), "b": (t, 3 * x)})), Coherence(step=0.5))
    known = ~np.isnan(made.coherence[:, 0, 1])
    assert known.any()
    for ends in (made.coherence, made.coherence_high):
        assert (ends[known, 0, 1] <= 1).all()
        np.testing.assert_allclose(ends[known, 0, 1], 1, atol=1e-9)
    assert (made.coherence <= made.coherence_high)[known].all()


def test_series_of_disjoint_times_are_unrelated():
    rng = np.random.default_rng(1000)
    t, x = np.sort(rng.uniform(0, 1000, (2, 1000))), rng.normal(size=(2, 1000))
    apart = weighted(Samples.of({"a": (t[0], x[0]), "b": (t[1] + 5000, x[1])}))
    made = estimated(apart, Coherence(partial=True, causes="pairwise"))
    assert not (made.partial[:, 0, 1] > 1e-6).any()
    np.testing.assert_allclose(made.causes, 0, atol=1e-6)


def test_a_constant_series_is_left_out():
    good = drawn(APART, span=200.0)
    series = {f"s{d}": good.one(d)[:2] for d in range(2)}
    made = estimated(weighted(Samples.of({"flat": (np.arange(99.0), np.ones(99)), **series})), Coherence())
    assert made.ids == ("s0", "s1")
    assert "flat: it is constant" in made.notes[0]


def test_wrong_parameters_are_refused():
    facts = Facts.of(drawn(APART, span=100.0))
    for wrong in ({"level": 2.0}, {"step": 0.0}, {"max_lag": 90.0}, {"step": 1.0, "max_lag": 1.0}):
        with pytest.raises(InputError):
            Coherence(**wrong).needs(facts)
    with pytest.raises(UnknownName):
        Coherence(causes="guessed").needs(facts)
    with pytest.raises(InputError, match="two series"):
        Coherence().needs(Facts.of(Samples.of({"a": (np.arange(50.0), np.arange(50.0))})))
