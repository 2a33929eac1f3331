import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from learnsys.core.errors import InputError, UnknownName
from learnsys.series.estimate.lead_lag import LeadLag
from learnsys.series.estimate.types import Facts
from learnsys.series.graph.door import scan
from learnsys.series.simulate.brownian import Motions, pair
from learnsys.series.sums.compute import sums
from learnsys.series.types import Samples, SumsSpec


def run(statistic, samples):
    facts = Facts.of(samples)
    needed = statistic.needs(facts)
    data = samples if needed is None else sums(samples.centred(), needed)
    return statistic.finish(data, facts)


def network(d, n, seed, *, span=400.0, strength=0.7):
    """Series of which each of the first fifth leads one of the next, which leads one of the next fifth."""
    rng, fifth = np.random.default_rng(seed), d // 5
    correlation, delays = np.eye(d), np.zeros(d)
    for k in range(fifth):
        correlation[k, k + fifth] = correlation[k + fifth, k] = strength
        delays[k + fifth] = 1.0 + 0.5 * k
    motions = Motions(correlation=correlation, delays_s=delays)
    return motions.draw({f"s{k:02d}": rng.uniform(0, span, n) for k in range(d)}, seed=seed), delays[fifth : 2 * fifth]


def oscillators(lag, n, seed, *, span=600.0, common=1.0):
    """Two autocorrelated series at their own stamps, of which the second follows."""
    rng = np.random.default_rng(seed)
    grid = np.arange(-50, span + 50, 0.05)
    paths = []
    for _ in range(3):
        noise = rng.normal(size=grid.size)
        paths.append(np.convolve(noise, np.exp(-0.05 * np.arange(100)), mode="same"))
    t, s = (np.sort(rng.uniform(0, span, n)) for _ in range(2))
    x = np.interp(t, grid, common * paths[0] + paths[1])
    y = np.interp(s - lag, grid, common * paths[0] + paths[2])
    return Samples.of({"x": (t, x), "y": (s, y)})


def most_false(pairs, true, *, fdr, chance=0.05):
    """The number of false edges beside all true ones that is exceeded with a probability below ``chance``.

    With v false edges Benjamini and Hochberg take p-values up to (true + v) fdr / pairs, below which at least v of the
    unrelated pairs, each with its chance, must have come.
    """
    v = np.arange(1, pairs - true + 1)
    at_least = binom.sf(v - 1, pairs - true, (true + v) * fdr / pairs)
    return int(np.argmax(np.cumsum(at_least[::-1])[::-1] < chance))


def test_a_network_is_found_and_nothing_else_but_by_chance():
    samples, delays = network(10, 250, 1)
    found = run(LeadLag(max_lag=5.0, of="increments", n=100, fdr=0.05), samples).network()
    edges = {(a, b): lag for a, b, lag, _ in found}
    wanted = {(f"s{k:02d}", f"s{k + 2:02d}"): lag for k, lag in enumerate(delays)}
    assert set(wanted) <= set(edges)
    assert len(set(edges) - set(wanted)) <= most_false(10 * 9 // 2, len(wanted), fdr=0.05) == 1
    for edge, lag in wanted.items():
        assert edges[edge] == pytest.approx(lag, abs=0.6)


@pytest.mark.slow
def test_false_discoveries_stay_within_their_rate():
    wrong, right = 0, 0
    for seed in range(8):
        samples, _ = network(20, 250, 100 + seed)
        wanted = {(f"s{k:02d}", f"s{k + 4:02d}") for k in range(4)}
        edges = {(a, b) for a, b, _, _ in run(LeadLag(max_lag=5.0, of="increments", n=100), samples).network()}
        wrong, right = wrong + len(edges - wanted), right + len(edges & wanted)
    assert right >= 30
    assert wrong / (wrong + right) <= 0.12


@pytest.mark.parametrize("test", ["shift", "flip"])
def test_values_that_follow_are_found_by_either_test(test):
    result = run(LeadLag(max_lag=20, step=0.5, test=test, n=300), oscillators(3.0, 700, 2, common=2.0))
    assert result.lag_s[0] == pytest.approx(3.0, abs=0.8)
    assert result.low_s[0] <= 3.0 <= result.high_s[0]
    assert result.p_value[0] < 0.01
    assert result.ratio[0] > 1.3
    assert result.network()[0][:2] == ("x", "y")


@pytest.mark.parametrize("test", ["shift", "flip"])
def test_autocorrelated_values_without_relation_are_significant_one_time_in_twenty(test):
    p = [
        run(LeadLag(max_lag=10, step=1.0, test=test, n=100), oscillators(0.0, 150, s, common=0.0)).p_value[0]
        for s in range(120)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.11
    assert 0.1 <= np.mean(np.array(p) < 0.3) <= 0.45


@given(st.floats(0.01, 0.5), st.floats(1, 50))
def test_lags_reach_as_far_as_asked_on_both_sides(step, reach):
    facts = Facts.of(Samples.of({"a": (np.arange(1000.0), np.zeros(1000))}))
    lags = LeadLag(max_lag=reach, step=step * reach).lags(facts)
    assert lags.values[0] == -reach
    assert lags.values[-1] == pytest.approx(reach)
    assert lags.step_s <= step * reach * (1 + 1e-6)
    assert lags.count % 2 == 1


def test_needs_are_sums_in_blocks_or_the_samples():
    facts = Facts.of(oscillators(0.0, 50, 0))
    assert isinstance(LeadLag(max_lag=5, test="flip").needs(facts), SumsSpec)
    assert LeadLag(max_lag=5).needs(facts) is None
    assert LeadLag(max_lag=5, pairs=((1, 0), (1, 1))).spec(facts).pairs == ((1, 0),)


def test_constant_and_short_series_have_no_lag_and_a_note():
    t = np.arange(300.0)
    wander = pair(0.9, 1.0).draw({"a": t, "b": t}, seed=0)
    series = {"a": wander.one(0)[:2], "b": wander.one(1)[:2], "flat": (t, 0 * t), "short": ([5.0], [1.0])}
    for of in ("increments", "values"):
        result = run(LeadLag(max_lag=10, of=of), Samples.of(series))
        assert np.isnan(result.p_value).sum() == 5
        assert "flat" in result.notes[0]
        assert "short" in result.notes[0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"max_lag": 90}, "1/8"),
        ({"max_lag": 5, "step": 9}, "step"),
        ({"max_lag": 5, "of": "increments", "test": "flip"}, "increments"),
        ({"max_lag": 5, "n": 0}, "n is 0"),
    ],
)
def test_bad_parameters_are_refused(options, says):
    facts = Facts.of(oscillators(0.0, 50, 0, span=300.0))
    with pytest.raises(InputError, match=says):
        LeadLag(**options).needs(facts)


def test_an_unknown_test_is_refused():
    with pytest.raises(UnknownName, match="shift"):
        LeadLag(max_lag=5, test="shfit").needs(Facts.of(oscillators(0.0, 50, 0)))


def test_a_query_of_differences_is_one_of_increments_of_levels():
    rng = np.random.default_rng(0)
    levels = pair(0.8, 2.0).draw({"a": rng.uniform(0, 200, 300), "b": rng.uniform(0, 200, 150)}, seed=1)
    found = scan(levels).difference().lead_lag(max_lag="8s", n=50).collect()
    same = run(LeadLag(max_lag=8.0, of="increments", n=50), levels)
    np.testing.assert_allclose(found.lag_s, same.lag_s)
    assert found.correlation[0] == pytest.approx(0.8, abs=0.2)
    assert scan(levels).difference().lead_lag(max_lag="8s", of="values").collect().correlation[0] < 0.5  # Epps


def test_pairs_that_cannot_be_are_refused():
    facts = Facts.of(Samples.of({"a": (np.arange(100), np.zeros(100)), "b": (np.arange(100), np.zeros(100))}))
    for pairs, message in ((((0, 2),), "no pair"), (((0, -1),), "no pair"), ("auto", "leads itself"), ("b", "pairs")):
        with pytest.raises((InputError, UnknownName), match=message):
            LeadLag(max_lag=2.0, pairs=pairs).needs(facts)


def test_a_cycle_that_is_shared_is_noted_and_no_lead():
    rng = np.random.default_rng(3)
    stamps = [np.sort(rng.uniform(0, 2000, 800)) for _ in range(2)]
    samples = Samples.of(
        {name: (t, 5 * np.sin(t / 20) + rng.normal(size=800)) for name, t in zip("ab", stamps, strict=True)}
    )
    result = run(LeadLag(max_lag=20.0), samples)
    assert not result.significant.any()
    assert ["detrend" in note for note in result.notes] == [True]


def test_only_significant_peaks_at_the_largest_lag_ask_to_look_further():
    late = run(LeadLag(max_lag=4.0, step=0.5), oscillators(5.0, 900, 4))
    assert late.significant.all()
    assert late.notes == ("1 of 1 significant peaks are at the largest lag: look further",)
    apart = run(LeadLag(max_lag=4.0, step=0.5), oscillators(0.0, 900, 4, common=0.0))
    assert not apart.significant.any()
    assert not apart.notes
