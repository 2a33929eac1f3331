import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.series.strategies import with_weights

from learnsys.core.errors import Incompatible, InputError
from learnsys.series.estimate import seasonal
from learnsys.series.estimate.seasonal import NormalEquations, season
from learnsys.series.types import Samples

DAY = 86400.0


def seasonal_samples(seed=0, n=200, days=21):
    """Two series with a trend, a daily cycle of two harmonics, and a little noise."""
    rng = np.random.default_rng(seed)
    made = {}
    for name in "ab":
        t = rng.uniform(0, days * DAY, n)
        cycle = 3 * np.cos(2 * np.pi * t / DAY + 1) - np.sin(4 * np.pi * t / DAY)
        made[name] = (t, 7 + 0.2 * t / DAY + cycle + 0.01 * rng.normal(size=n))
    return with_weights(Samples.of(made), rng)


def halves(samples):
    """Cut the samples into two chunks, by time."""
    first = samples.t < samples.t.mean()
    for keep in (first, ~first):
        starts = np.concatenate([[0], np.cumsum(np.bincount(samples.series[keep], minlength=len(samples)))])
        t, x, w = (v[keep] for v in (samples.t, samples.x, samples.w))
        yield Samples(ids=samples.ids, t0_ns=samples.t0_ns, t=t, x=x, w=w, starts=starts)


def test_trend_and_season_are_gone():
    left = seasonal.remove(seasonal_samples(), season("linear", "day", harmonics=2))
    assert np.abs(left.x).max() < 0.05


def test_equals_real_least_squares():
    samples = seasonal_samples(3, n=60)
    left = seasonal.remove(samples, season("linear", "day", harmonics=2)).one(1)[1]
    t, x, w = samples.one(1)
    columns = [np.ones_like(t), t / DAY, *(f(2 * np.pi * j * t / DAY) for j in (1, 2) for f in (np.cos, np.sin))]
    root = np.sqrt(w)[:, None]
    design = np.stack(columns, 1)
    fit = np.linalg.lstsq(root * design, root[:, 0] * x, rcond=None)[0]
    np.testing.assert_allclose(left, x - design @ fit, atol=1e-8)


@given(st.integers(0, 2**32 - 1))
def test_chunks_add_up_exactly(seed):
    samples, what = seasonal_samples(seed, n=40), season("linear", "day", "week", harmonics=2)
    whole = NormalEquations.of(samples, what)
    first, second = (NormalEquations.of(part, what) for part in halves(samples))
    for merged in (first + second, second + first):
        np.testing.assert_allclose(merged.gram, whole.gram, atol=1e-9 * np.abs(whole.gram).max())
        np.testing.assert_allclose(merged.moment, whole.moment, atol=1e-9 * np.abs(whole.moment).max())


@pytest.mark.parametrize("since", [1e6, 4e7, 1.7e9])
def test_a_short_course_long_after_the_origin_is_removed(since):
    t = np.linspace(0.0, 3600.0, 50)
    x = 5 + 3 * (t / 3600) + 2 * (t / 3600) ** 2
    left = seasonal.remove(Samples.of({"a": (since + t, x), "b": (t, x)}), season("quadratic"))
    assert np.abs(left.x).max() < 1e-6


def test_what_is_removed_is_removed_once():
    samples, what = seasonal_samples(), season("day")
    once = seasonal.remove(samples, what)
    np.testing.assert_allclose(seasonal.remove(once, what).x, once.x, atol=1e-9)


def test_an_empty_series_and_one_of_a_sample_are_left_alone_or_at_zero():
    left = seasonal.remove(Samples.of({"none": ([], []), "one": ([5.0], [3.0])}), season("linear", "day"))
    assert abs(left.x[0]) < 1e-9


def test_harmonics_of_two_periods_are_taken_once():
    assert len(season("day", "12h", harmonics=2).terms) == 1 + 2 * 3


@pytest.mark.parametrize("name", ["fortnight", "-3h", "0s"])
def test_names_that_are_none_are_refused(name):
    with pytest.raises(InputError):
        season(name)


def test_no_harmonics_are_refused():
    with pytest.raises(InputError, match="harmonics"):
        season("day", harmonics=0)


def test_sums_that_do_not_match_are_refused():
    samples = seasonal_samples(n=5)
    mine = NormalEquations.of(samples, season("day"))
    with pytest.raises(Incompatible, match="other series or seasons"):
        mine + NormalEquations.of(samples, season("week"))
    later = Samples.of({"a": ([1.0], [1.0]), "b": ([1.0], [1.0])}, t0_ns=5)
    with pytest.raises(Incompatible, match="origin"):
        mine + NormalEquations.of(later, season("day"))
    with pytest.raises(Incompatible, match="origin"):
        mine.solve().remove(later)
