"""States of parts add up to the state of the whole, in any order, and do not add where they do not match."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples

from learnsys.core.errors import Incompatible, InputError
from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.types import Facts
from learnsys.series.state import load_state, make_state
from learnsys.series.sums.compute import sums
from learnsys.series.types import Lags, Samples

HOW = {"bandwidth": 1.0, "period": 150.0, "tol": 1e-9}
LAGS = Lags(first_s=-5, step_s=1, count=11)


def cut(whole, rng, parts):
    """Divide samples at random."""
    part = rng.integers(0, parts, whole.t.size)
    for k in range(parts):
        here = part == k
        counts = np.bincount(whole.series[here], minlength=len(whole))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        yield msgspec.structs.replace(whole, t=whole.t[here], x=whole.x[here], w=whole.w[here], starts=starts)


def close(a, b):
    for field in msgspec.structs.fields(a.coefficients):
        ours, theirs = getattr(a.coefficients, field.name), getattr(b.coefficients, field.name)
        if isinstance(ours, np.ndarray):
            scale = np.abs(np.nan_to_num(theirs)).max(initial=1e-300)
            np.testing.assert_allclose(ours, theirs, atol=1e-7 * scale)
        else:
            assert ours == theirs


@given(samples(), st.integers(0, 99), st.permutations(range(4)))
@settings(max_examples=25)
def test_any_parts_in_any_order_make_the_whole(whole, seed, order):
    parts = [make_state(part, **HOW) for part in cut(whole, np.random.default_rng(seed), 4)]
    added = parts[order[0]] + parts[order[1]]
    added = added + (parts[order[2]] + parts[order[3]])
    close(added, make_state(whole, **HOW))


@given(samples())
@settings(max_examples=15)
def test_statistics_of_a_state_are_those_of_its_samples(whole):
    state = make_state(whole, **HOW)
    facts = Facts.of(whole)
    asked = XCov(lags=LAGS, bandwidth=1.0, ci=None, shrink=False, weights="uniform")
    ours = state.xcov(lags=LAGS)
    theirs = asked.finish(sums(whole.centred(), asked.needs(facts), how="direct"), facts)
    np.testing.assert_allclose(state.facts().variance, facts.variance, atol=1e-12)
    both = np.isfinite(ours.values) & np.isfinite(theirs.values)
    np.testing.assert_allclose(ours.values[both], theirs.values[both], atol=1e-6)
    np.testing.assert_allclose(ours.effective_pairs, theirs.effective_pairs, rtol=1e-5, atol=1e-5)


@given(whole=samples())
@settings(max_examples=10)
def test_a_state_moves_and_is_saved(whole, tmp_path_factory):
    state = make_state(whole, **HOW, sources=("jan",), values="log")
    later = whole.t0_ns - 7 * 10**9
    close(state.moved(later), make_state(whole, **HOW, origin_ns=later))
    again = load_state(state.save(tmp_path_factory.mktemp("s") / "jan.state"))
    close(again, state)
    assert (again.sources, again.values, again.bandwidth_s) == (("jan",), "log", 1.0)
    np.testing.assert_array_equal(again.coefficients.X, state.coefficients.X)


def state(**how):
    made = Samples.of({"a": ([0, 1, 2], [1, 2, 4]), "b": ([1], [1])}, t0_ns=5)
    return make_state(made, **(HOW | how))


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"bandwidth": 2.0}, "bandwidth_s 1.0 does not add to one with 2.0"),
        ({"period": 170.0}, "period_s 150.0 do not add to some with 170.0"),
        ({"tol": 1e-4}, "tol"),
        ({"origin_ns": 6}, "t0_ns 0 do not add to some with 6"),
        ({"values": "log"}, "values '' does not add to one with 'log'"),
        ({"weights": "voronoi"}, "weights"),
        ({"sources": ("jan",)}, "both states have the data jan"),
    ],
)
def test_states_that_do_not_match_do_not_add(other, says):
    with pytest.raises(Incompatible, match=says):
        state(sources=("jan",)) + state(**other)


def test_months_add_without_a_word_about_their_origin():
    rng = np.random.default_rng(2)
    year, day = 366 * 86_400.0, 86_400 * 10**9
    months = [
        Samples.of({"a": (np.sort(rng.uniform(0, 30 * 86_400, 500)), rng.normal(size=500))}, t0_ns=20_400 * day + at)
        for at in (0, 31 * day)
    ]
    how = {"bandwidth": 3600.0, "period": year}
    jan, feb = (make_state(month, **how) for month in months)
    late = feb.moved(feb.coefficients.t0_ns + round(year * 1e9))
    for other in (feb, late):
        both = jan + other
        t = np.concatenate([months[0].t, months[1].t + 31 * 86_400])
        one = Samples.of({"a": (t, np.concatenate([m.x for m in months]))}, t0_ns=months[0].t0_ns)
        close(both, make_state(one, **how))


def test_states_of_other_series_add_once_they_have_the_same_names():
    made = state()
    other = make_state(Samples.of({"c": ([3], [7.0]), "a": ([4], [2.0])}, t0_ns=5), **HOW)
    with pytest.raises(Incompatible, match=r"ids \('a', 'b'\) do not add to some with \('c', 'a'\)"):
        made + other
    ids = ("a", "b", "c")
    both = made.of(ids) + other.of(ids)
    assert both.facts().n.tolist() == [4, 1, 1]
    assert both.facts().mean[2] == 7
    empty = make_state(Samples.of({}, t0_ns=5), **HOW)
    close(made + empty.of(("a", "b")), made)


def test_states_that_span_more_than_their_period_do_not_add():
    late = make_state(Samples.of({"a": ([148], [1.0]), "b": ([], [])}, t0_ns=5), **HOW)
    with pytest.raises(Incompatible, match=r"span 2\.5 min, and the period is 2\.5 min"):
        state() + late
    with pytest.raises(Incompatible, match=r"give a period of 5\.1 min"):
        make_state(Samples.of({"a": ([0, 148], [1, 2])}), **HOW)
    with pytest.raises(InputError, match="more than 0"):
        state(bandwidth=0)


def test_what_a_state_does_not_keep_is_refused():
    wide = make_state(Samples.of({"a": (np.arange(100.0), np.sin(np.arange(100.0)))}), **HOW)
    assert wide.xcov(lags=Lags(first_s=0, step_s=1, count=5)).values.shape == (1, 5)
    for options, says in (
        ({"bandwidth": 0.5}, "has not a bandwidth of 0.5 s"),
        ({"ci": "jackknife"}, "blocks of time"),
        ({"lags": Lags(first_s=0, step_s=1, count=48)}, "has not lags up to"),
    ):
        with pytest.raises(Incompatible, match=says):
            wide.xcov(**({"lags": Lags(first_s=0, step_s=1, count=5)} | options))


@pytest.mark.parametrize(("mean", "tol", "lost"), [(1e3, 1e-4, True), (1e3, 1e-6, False), (0.0, 1e-4, False)])
def test_a_variance_that_rounding_has_taken_beside_a_large_mean_is_noted(mean, tol, lost):
    t = np.linspace(0, 100, 1001)
    made = make_state(Samples.of({"a": (t, mean + 0.1 * np.sin(t))}), bandwidth=0.5, period=300, tol=tol)
    told = made.xcov(lags=Lags(first_s=0.0, step_s=1.0, count=2)).notes
    assert any("lost in rounding beside the mean: a;" in note for note in told) == lost
