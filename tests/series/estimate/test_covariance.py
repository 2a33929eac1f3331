import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series import strategies

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.covariance import MIN_PAIRS, XCov, effective_pairs, ratio
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.gaussian import Followers, Wave
from learnsys.series.simulate.stamps import poisson
from learnsys.series.sums.compute import sums
from learnsys.series.sums.kernels import density
from learnsys.series.types import KERNELS, Kernel, Lags, Samples, SumsSpec, lags


def naive_covariance(samples, a, b, tau, kernel):
    """Weighted least squares over all pairs of samples: a constant, or a line in the lag."""
    ta, xa, wa = samples.one(a)
    tb, xb, wb = samples.one(b)
    u = (tb[None, :] - ta[:, None] - tau).ravel()
    weight = (wa[:, None] * wb[None, :]).ravel() * density(kernel, u)
    product = np.outer(xa, xb).ravel()
    if a == b:
        keep = ~np.eye(ta.size, dtype=bool).ravel()
        u, weight, product = u[keep], weight[keep], product[keep]
    if kernel.name != "local-linear":
        return weight @ product / weight.sum()
    design = np.stack([np.ones_like(u), u], axis=1)
    return np.linalg.solve(design.T @ (weight[:, None] * design), design.T @ (weight * product))[0]


@settings(max_examples=30)
@given(strategies.samples(), st.sampled_from(KERNELS), st.floats(0.5, 2.0))
def test_ratios_equal_least_squares_over_all_pairs(samples, name, h):
    kernel, samples = Kernel(name=name, h=h), samples.centred()
    spec = SumsSpec(pairs="all", kernels=(kernel,), lags=Lags(first_s=-2.0, step_s=1.0, count=5))
    facts = Facts.of(samples)
    (given_sums,) = sums(samples, spec, how="direct")
    values, behind = ratio(given_sums, facts), effective_pairs(given_sums, facts)
    for p, (a, b) in enumerate(given_sums.pairs):
        for l, tau in enumerate(spec.lags.values):
            if behind[p, l] >= MIN_PAIRS and samples.one(a)[0].size > 9:
                expected = naive_covariance(samples, a, b, tau, kernel)
                np.testing.assert_allclose(values[p, l], expected, atol=1e-7 * np.abs(samples.x).max() ** 2)


@given(strategies.samples(), st.floats(-50, 50))
def test_a_mean_is_removed_after_the_fact(samples, mean):
    uncentred = msgspec.structs.replace(samples, x=samples.x + mean)
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="gaussian", h=1.0),), lags=lags(-2, 2, 1), cross=True)
    (after,) = sums(uncentred, spec, how="direct")
    (before,) = sums(samples.centred(), msgspec.structs.replace(spec, cross=False), how="direct")
    facts = Facts.of(uncentred)
    seen = before.ww[0].sum(axis=0) > 1e-3
    np.testing.assert_allclose(ratio(after, facts)[seen], ratio(before, facts)[seen], atol=1e-8)


def xcov(samples, **more):
    statistic = XCov(**{"lags": lags(-5, 5, 1), **more})
    facts = Facts.of(samples)
    return statistic.finish(sums(samples.centred(), statistic.needs(facts), how="direct"), facts)


def two_waves(n=1000):
    t = np.random.default_rng(1).uniform(0, 100, (2, n))
    wave = lambda t: np.sin(t) + np.sin(1.7 * t)  # noqa: E731
    return Samples.of({"a": (t[0], wave(t[0])), "b": (t[1], wave(t[1] - 2.0)), "flat": (t[0], 0 * t[0])})


def test_a_series_leads_the_one_that_repeats_it_and_a_flat_one_has_no_correlation():
    result = xcov(two_waves(), kernel="gaussian", bandwidth="300ms")
    pair = result.pairs.tolist().index([0, 1])
    assert result.lags.values[result.values[pair].argmax()] == 2.0
    assert result.peaks()[pair] == np.abs(result.values[pair]).argmax()
    assert 0.8 < result.correlation[pair].max() < 1.2
    flat = result.pairs.tolist().index([0, 2])
    np.testing.assert_array_equal(result.values[flat], 0)
    assert np.all(np.isnan(result.correlation[flat]))
    assert len(result.table().rows) == 6
    assert len(result.long().rows) == 6 * 11


def test_pairs_asked_for_bring_their_variances():
    result = xcov(two_waves(), pairs=((0, 1),), bandwidth=0.5)
    assert result.pairs.tolist() == [[0, 1], [0, 0], [1, 1]]


def test_one_sided_lags_are_the_same_lags():
    both = xcov(two_waves(), bandwidth=0.5, shrink=False)
    right = xcov(two_waves(), bandwidth=0.5, shrink=False, lags=lags(2, 5, 1))
    np.testing.assert_allclose(right.variance, both.variance, rtol=0.05)
    np.testing.assert_allclose(right.values, both.values[:, 7:], atol=0.05)
    assert right.lags.count == right.values.shape[1] == 4


def test_many_pairs_are_neither_shrunk_nor_given_intervals_unasked(monkeypatch):
    monkeypatch.setattr("learnsys.series.estimate.covariance.MOST_PAIRS", 5)
    result = xcov(two_waves())
    assert result.level is None
    assert np.all(np.isnan(result.low))
    np.testing.assert_array_equal(result.values, result.raw)
    assert "not shrunk" in result.notes[-1]


def test_shrinkage_can_be_switched_off_and_intervals_stay():
    with_it, without = xcov(two_waves(), bandwidth=0.5), xcov(two_waves(), bandwidth=0.5, shrink=False)
    np.testing.assert_array_equal(without.values, without.raw)
    np.testing.assert_allclose(with_it.low, without.low)
    assert not np.allclose(with_it.values, without.values)
    assert with_it.level == 0.95
    pair = with_it.pairs.tolist().index([0, 1])
    assert np.all(with_it.low[pair] < with_it.high[pair])


def test_noise_of_single_samples_is_told_from_the_variance():
    pair = Followers(common=(Wave(decay=0.3),), delays_s=(0.0, 0.0), loads=(1.0, 2.0), noise=(0.0, 1.5))
    rng = np.random.default_rng(0)
    result = xcov(pair.sample([poisson(rng, 3000, 1.0), poisson(rng, 3000, 1.0)], seed=1))
    np.testing.assert_allclose(result.variance, [1.0, 4.0], rtol=0.25)
    np.testing.assert_allclose(result.nugget, [0.0, 2.25], atol=0.3)


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_finds_the_covariances(kernel):
    pair = Followers(common=(Wave(decay=0.5),), delays_s=(0.0, 2.0), loads=(1.0, 1.0), noise=(0.2, 0.2))
    rng = np.random.default_rng(0)
    samples = pair.sample([poisson(rng, 2000, 1.0), poisson(rng, 2000, 1.0)], seed=3)
    result = xcov(samples, kernel=kernel, pairs=((0, 1),), lags=lags(-8, 8, 0.5))
    truth = pair.covariance(result.lags.values)
    assert np.sqrt(np.mean((result.values[0] - truth) ** 2)) < 0.1
    assert np.mean((result.low[0] < truth) & (truth < result.high[0])) > 0.7
    assert result.lags.values[result.peaks()[0]] == pytest.approx(2.0, abs=0.5)


def test_lags_with_few_pairs_are_nan_with_a_reason():
    result = xcov(Samples.of({"a": ([0, 1, 50], [1, 2, 3])}), bandwidth=0.5)
    assert np.all(np.isnan(result.values))
    assert "8 effective pairs" in result.notes[0]
    assert result.peaks().tolist() == [-1]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"lags": lags(0, 80, 1)}, "more than half"),
        ({"bandwidth": 0}, "more than 0"),
        ({"bandwidth": "auto", "level": 1.0}, "between 0 and 1"),
    ],
)
def test_refusals(more, says):
    with pytest.raises(InputError, match=says):
        xcov(two_waves(), **more)


def test_unknown_names_and_what_fits_no_memory():
    with pytest.raises(UnknownName):
        xcov(two_waves(), kernel="tophat")
    with pytest.raises(UnknownName):
        xcov(two_waves(), weights="inverse")
    many = Facts.of(Samples.of({str(d): ([0, 9], [1, 2]) for d in range(4000)}))
    with pytest.raises(InputError, match="GiB"):
        XCov(lags=lags(-4, 4, 0.1), ci="jackknife").needs(many)
    assert XCov(lags=lags(-4, 4, 1)).needs(many).blocks == 1


def test_empty_single_and_constant_series_give_nan_and_zero_not_warnings():
    t = np.linspace(0, 100, 201)
    samples = Samples.of(
        {"a": (t, np.sin(t)), "empty": ([], []), "one": ([3.0], [1.0]), "flat": (t, np.full(201, 7.0))}
    )
    result = xcov(samples)
    known = {
        tuple(pair): np.isfinite(row).sum() for pair, row in zip(result.pairs.tolist(), result.values, strict=True)
    }
    assert [pair for pair, lags_known in known.items() if lags_known] == [(0, 0), (0, 3), (3, 3)]
    assert np.isnan(result.variance[1])
    assert result.variance[3] == 0
    assert np.isnan(result.correlation[result.pairs[:, 1] == 3]).all()


def test_lag_0_of_a_clock_is_told_by_the_lags_around():
    process = Followers(common=(Wave(decay=0.2),), delays_s=(0.0,), loads=(1.0,), noise=(0.5,))
    result = xcov(process.sample([np.arange(0, 2000, 1.0)], seed=5), bandwidth=0.4)
    assert np.isnan(result.values[0, 5])
    assert result.variance[0] == pytest.approx(1.0, abs=0.25)
    assert result.nugget[0] == pytest.approx(0.25, abs=0.15)
    without = xcov(process.sample([np.arange(0, 2000, 1.0)], seed=5), bandwidth=0.4, ci=None)
    assert without.nugget[0] == 0


def many(d):
    """Facts of so many series that all pairs of them fit nowhere."""
    nothing = np.zeros(d)
    return Facts(
        ids=("",) * d, t0_ns=0, n=np.full(d, 100), first_s=nothing, last_s=nothing + 100.0, sum_w=nothing + 100.0,
        sum_w2=nothing + 100.0, mean=nothing, variance=nothing + 1.0,
    )  # fmt: skip


def test_pairs_that_memory_cannot_hold_are_refused_before_they_are_numbered():
    with pytest.raises(InputError, match="fewer series"):
        XCov(lags=lags(-2, 2, 1), bandwidth=1.0).needs(many(1_000_000))


@pytest.mark.parametrize("pair", [(0, 7), (-1, 0)])
def test_pairs_of_series_that_there_are_not_are_refused(pair):
    with pytest.raises(InputError, match="there is no pair"):
        XCov(lags=lags(-2, 2, 1), bandwidth=1.0, pairs=(pair,)).needs(many(2))


@pytest.mark.parametrize(("bandwidth", "told"), [(0.05, True), (0.6, False)])
def test_a_bandwidth_below_the_quantum_of_the_stamps_is_noted(bandwidth, told):
    t = np.arange(500.0)
    made = xcov(Samples.of({"a": (t, np.sin(t / 3))}), lags=lags(0, 3, 0.5), bandwidth=bandwidth, ci=None)
    assert any("bandwidth is below the quantum" in note for note in made.notes) == told


@pytest.mark.parametrize("ci", ["auto", None])
def test_nothing_correlates_with_series_whose_samples_do_not_vary_together(ci):
    random = np.random.default_rng(11)
    series = {name: (np.sort(random.uniform(0, 900, 600)), random.normal(size=600)) for name in "ab"}
    result = xcov(Samples.of(series), bandwidth=0.5, ci=ci)
    assert np.isnan(result.correlation).all()
    assert np.isfinite(result.values).all()
    assert any(note.startswith("no correlations of a, b") for note in result.notes)


def test_no_samples_are_refused():
    with pytest.raises(InputError, match="there are no samples"):
        xcov(Samples.of({"a": ([], []), "b": ([], [])}))


def test_lags_longer_than_half_of_what_a_pair_shares_are_noted():
    rng = np.random.default_rng(0)
    long, short = (np.sort(rng.uniform(0, end, 400)) for end in (1000.0, 50.0))
    samples = Samples.of({"long": (long, np.sin(long)), "short": (short, np.cos(short))})
    statistic = XCov(lags=Lags(first_s=-40.0, step_s=4.0, count=21), bandwidth=4.0, weights="uniform", ci=None)
    facts = Facts.of(samples)
    notes = statistic.finish(sums(samples.centred(), statistic.needs(facts)), facts).notes
    (note,) = [note for note in notes if "half" in note]
    assert note.startswith("long with short: lags are longer than half of the ")
    assert note.endswith("2 such pairs")
