import msgspec
import numpy as np
import pytest
from astropy.timeseries import LombScargle
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from learnsys.core.errors import InputError
from learnsys.series.estimate.spectrum import Psd, parzen
from learnsys.series.estimate.types import Facts
from learnsys.series.sums.projection import project
from learnsys.series.types import Samples

RATE, OMEGA = 1.0, 2.0  # an oscillator with covariance exp(-RATE tau) cos(OMEGA tau)


def oscillator(rng, t):
    z = np.empty(t.size, complex)
    noise = rng.normal(size=(2, t.size))
    step = np.exp(-(RATE - 1j * OMEGA) * np.diff(t, prepend=-np.inf))
    for i in range(t.size):
        z[i] = (step[i] * z[i - 1] if i else 0) + np.sqrt(1 - abs(step[i]) ** 2) * (noise[0, i] + 1j * noise[1, i])
    return z.real


def truth(hz):
    """One-sided, per Hz."""
    return sum(2 * RATE / (RATE**2 + (2 * np.pi * hz + way * OMEGA) ** 2) for way in (-1, 1))


def spectrum(statistic, made):
    facts = Facts.of(made)
    return statistic.finish(project(made, statistic.needs(facts)), facts)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(5, 200), st.booleans())
def test_standard_power_is_astropys(seed, n, weighted):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(20, 70, n))
    x = 3 + np.sin(2 * t) + rng.normal(size=n)
    w = rng.uniform(0.2, 2, n) if weighted else np.ones(n)
    made = msgspec.structs.replace(Samples.of({"a": (t, x)}, t0_ns=10**18), w=w)
    found = spectrum(Psd(normalization="standard", max_hz=2.0), made)
    peer = LombScargle(t, x, w**-0.5, normalization="standard", fit_mean=True)
    np.testing.assert_allclose(found.power[0], peer.power(found.frequencies_hz, method="slow"), atol=1e-6)
    assert ((found.false_alarm >= 0) & (found.false_alarm <= 1)).all()


def test_false_alarms_are_as_rare_as_said():
    rng = np.random.default_rng(8)
    t = rng.uniform(0, 100, 150)
    made = Samples.of({f"s{d}": (t, rng.normal(size=150)) for d in range(300)})
    least = np.nanmin(spectrum(Psd(normalization="standard", max_hz=0.7), made).false_alarm, axis=1)
    assert 0.05 < (least < 0.1).mean() < 0.3  # trials of neighbours are not independent


@pytest.mark.parametrize(
    ("gaps", "resolution_hz", "degrees"),
    [(False, 0.03, (115, 125)), (False, 0.1, (380, 425)), (True, 0.1, (30, 150))],
)
def test_densities_and_intervals_hold_the_truth(gaps, resolution_hz, degrees):
    rng = np.random.default_rng(9)
    inside, ratios = [], []
    for _ in range(25):
        t = np.sort(rng.uniform(0, 2000, 6000))
        t = t[t % 24 < 10] if gaps else t
        x = 5 + oscillator(rng, t) + 0.5 * rng.normal(size=t.size)
        found = spectrum(Psd(max_hz=1.0, resolution_hz=resolution_hz), Samples.of({"a": (t, x)}))
        here = (found.frequencies_hz > 0.05) & (found.frequencies_hz < 0.5)
        wanted = truth(found.frequencies_hz)[here]
        inside.append((found.low[0][here] <= wanted) & (wanted <= found.high[0][here]))
        ratios.append(found.power[0][here] / wanted)
        assert degrees[0] < found.degrees[0] < degrees[1]
        assert bool(found.notes) == gaps
    assert np.mean(ratios) == pytest.approx(1, abs=0.06)  # the floor, 0.25 of noise and of Poisson stamps, is gone
    assert 0.9 < np.mean(inside) < 0.985


def test_samples_on_a_clock_have_the_density_of_their_sequence():
    inside, ratios, shares = [], [], []
    for seed in range(1000, 1012):
        x = lfilter([1.0], [1.0, -0.8], np.random.default_rng(seed).normal(size=3100))[100:]
        found = spectrum(Psd(resolution_hz=0.03), Samples.of({"a": (np.arange(3000.0), x)}))
        here = found.frequencies_hz > 0.03
        wanted = 2 / np.abs(1 - 0.8 * np.exp(-2j * np.pi * found.frequencies_hz[here])) ** 2
        ratios.append(found.power[0][here] / wanted)
        inside.append((found.low[0][here] <= wanted) & (wanted <= found.high[0][here]))
        shares.append(np.trapezoid(found.power[0], found.frequencies_hz) / x.var())
        assert found.floor[0] == 0
    np.testing.assert_allclose(np.mean(ratios, axis=0), 1, atol=0.25)
    assert np.mean(ratios) == pytest.approx(1, abs=0.06)
    assert np.mean(shares) == pytest.approx(1, abs=0.05)
    assert 0.85 < np.mean(inside) < 0.985


def test_a_density_integrates_to_the_variance():
    rng = np.random.default_rng(10)
    t = np.sort(rng.uniform(0, 3000, 20_000))
    made = Samples.of({"a": (t, oscillator(rng, t)), "b": (t, 3 * oscillator(rng, t))})
    found = spectrum(Psd(max_hz=4.0), made)
    integral = np.trapezoid(found.power, found.frequencies_hz, axis=1)
    np.testing.assert_allclose(integral, Facts.of(made).variance * 0.975, rtol=0.05)  # 2.5 % of it is above 4 Hz


def test_parts_and_shifts_give_the_same():
    rng = np.random.default_rng(11)
    t = np.sort(rng.uniform(0, 500, 2000))
    x = oscillator(rng, t)
    made, statistic = Samples.of({"a": (t, x)}), Psd(max_hz=1.0)
    facts, spec = Facts.of(made), statistic.needs(Facts.of(made))
    early, late = (project(Samples.of({"a": (t[part], x[part])}), spec) for part in (t < 200, t >= 200))
    whole = statistic.finish(project(made, spec), facts)
    np.testing.assert_allclose(statistic.finish(late + early, facts).power, whole.power, atol=1e-7)
    moved = Samples.of({"a": (t + 1e6, x - 40)})
    np.testing.assert_allclose(spectrum(statistic, moved).power, whole.power, atol=1e-6)


@pytest.mark.parametrize("normalization", ["density", "standard"])
def test_peaks_are_where_the_sinusoids_are(normalization):
    rng = np.random.default_rng(12)
    t = np.sort(rng.uniform(0, 1000, 3000))
    x = np.sin(2 * np.pi * 0.2 * t) + 0.6 * np.sin(2 * np.pi * 0.35 * t) + 0.3 * rng.normal(size=3000)
    found = spectrum(Psd(max_hz=0.5, normalization=normalization), Samples.of({"a": (t, x)}))
    peaks = found.frequencies_hz[found.peaks(0)[:2]]
    np.testing.assert_allclose(peaks, [0.2, 0.35], atol=found.resolution_hz)


def test_short_series_are_left_out_with_a_note():
    rng = np.random.default_rng(13)
    made = Samples.of({"a": (rng.uniform(0, 9, 99), rng.normal(size=99)), "b": ([1.0], [2.0]), "c": ([], [])})
    for normalization in ("density", "standard"):
        found = spectrum(Psd(max_hz=2.0, normalization=normalization), made)
        assert np.isnan(found.power[1:]).all()
        assert np.isfinite(found.power[0]).all()
        assert "b, c" in found.notes[0]
        assert {row[0] for row in found.table().rows} == {"a"}


@pytest.mark.parametrize(
    ("statistic", "stamps", "says"),
    [
        (Psd(), [1.0, 2.0], "4 samples"),
        (Psd(), [1.0] * 9, "different times"),
        (Psd(max_hz=-1.0), range(9), "more than 0 Hz"),
        (Psd(resolution_hz=0.1), range(9), "at least 0.465 Hz"),
    ],
)
def test_what_cannot_be_is_refused(statistic, stamps, says):
    with pytest.raises(InputError, match=says):
        statistic.needs(Facts.of(Samples.of({"a": (list(stamps), list(stamps))})))


def test_parzens_window_falls_from_one_to_zero():
    u = np.linspace(0, 1, 101)
    assert (np.diff(parzen(u)) < 0).all()
    assert 2 / (2 * np.trapezoid(parzen(u) ** 2, u)) == pytest.approx(3.71, abs=0.01)
