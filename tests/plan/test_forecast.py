import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.simulated import Method, SimulatedJob, linear, superlinear
from tests.plan.strategies import quick

from learnsys.core.trace import Target
from learnsys.plan.curves import Curve, scale_of
from learnsys.plan.forecast import MODELS, Forecast, ends, joined, left_out, rows_exponent

REL = Target(kind="rel", value=1e-4)
S = np.linspace(0.1, 12, 40)


def curves_of(law, *, workers=(1, 2, 4), n=100_000, rows_power=0.0, **probe):
    job = SimulatedJob(laws={"m": Method(law, rows_power=rows_power)}, n=n, noise=probe.pop("noise", 0.0))
    traces = job.probes(workers=workers, **probe)
    scale = scale_of(traces, REL, n)
    return [Curve.of(t, scale, REL) for t in traces]


def test_where_a_count_was_probed_its_own_curve_speaks():
    curves = curves_of(linear(0.2, 0.3), rounds=60, noise=0.1)
    forecast = Forecast(curves, 100_000)
    for curve in curves:
        grid = curve.grid()
        np.testing.assert_allclose(forecast.rounds(grid, curve.workers), curve.crossing(grid))


@quick
@given(st.floats(0.05, 2), st.floats(0, 1), st.sampled_from([1, 2, 3, 4, 8, 64]), st.integers(4, 30))
def test_a_deeper_level_never_takes_fewer_rounds(rate, growth, p, rounds):
    forecast = Forecast(curves_of(linear(rate, growth), rounds=rounds, noise=0.1), 100_000)
    needed = forecast.rounds(S, p)
    assert (np.diff(needed[np.isfinite(needed)]) >= -1e-9).all()


@pytest.mark.parametrize(
    ("law", "p", "depth", "rounds"),
    [(linear(0.3, 0.5), 32, 9.2, 9.2 / 0.3 * 16.5), (linear(0.3), 32, 9.2, 9.2 / 0.3),
     (superlinear(0.5), 32, 9.2, np.log2(1 + 9.2 / 0.5))],
)  # fmt: skip
def test_extrapolates_known_laws(law, p, depth, rounds):
    forecast = Forecast(curves_of(law, rounds=40, target=REL), 100_000)
    assert forecast.rounds(np.array([depth]), p)[0] == pytest.approx(rounds, rel=0.15)


def test_what_is_further_from_the_probes_is_less_certain():
    forecast = Forecast(curves_of(linear(0.3, 0.5), rounds=20), 100_000)
    deepest = forecast.nearest(4).deepest
    assert forecast.log_sd(deepest, 4) < forecast.log_sd(deepest, 16) < forecast.log_sd(deepest, 256)
    assert forecast.log_sd(deepest, 4) < forecast.log_sd(1.5 * deepest, 4) < forecast.log_sd(4 * deepest, 4)


def test_a_sample_is_less_certain_than_all_rows():
    whole = Forecast(curves_of(linear(0.3), rounds=20), 100_000)
    sample = Forecast(curves_of(linear(0.3), rounds=20, share=0.05), 100_000)
    assert whole.log_sd(3.0, 2) < sample.log_sd(3.0, 2)


def test_rounds_that_grow_with_rows_are_seen_on_two_samples():
    law = linear(0.2)
    both = curves_of(law, rounds=80, share=0.1, rows_power=0.3) + curves_of(law, rounds=80, share=0.01, rows_power=0.3)
    gamma, sd = rows_exponent(both)
    assert gamma == pytest.approx(0.3, abs=0.05)
    assert sd < rows_exponent(both[:3])[1]
    assert rows_exponent(both[:3])[0] == 0
    predicted, truth = Forecast(both, 100_000).rounds(np.array([4.0]), 1)[0], 4.0 / 0.2
    assert predicted == pytest.approx(truth, rel=0.2)


def test_the_model_that_predicts_left_out_counts_best_is_taken():
    forecast = Forecast(curves_of(linear(0.3, 0.5), rounds=30), 100_000)
    assert set(forecast.errors) == set(MODELS)
    assert forecast.model != "levels alike"
    assert forecast.errors[forecast.model] == min(forecast.errors[m] for m in MODELS[:-1])


@pytest.mark.parametrize("luck", [(6, 6, 6), (5, 6, 6), (5, 6, 7), (6, 7, 7), (6, 5, 6), (7, 6, 6)])
def test_a_round_more_by_luck_is_no_growth_with_workers(luck):
    def law(i, p):
        return 9.5 * (2 ** (6 * i / luck[p.bit_length() - 1]) - 1) / 63

    forecast = Forecast(curves_of(law, rounds=20, target=REL), 100_000)
    assert forecast.rounds(np.array([9.2]), 16)[0] == pytest.approx(np.mean(luck), rel=0.2)


@pytest.mark.parametrize("rounds", [(5, 10, 12), (10, 15, 25), (20, 26, 38)])
def test_growth_that_is_clear_is_carried_on(rounds):
    def law(i, p):
        return 9.5 * i / rounds[p.bit_length() - 1]

    forecast = Forecast(curves_of(law, rounds=50, target=REL), 100_000)
    assert forecast.rounds(np.array([9.2]), 16)[0] > 1.15 * rounds[-1]


def test_a_single_count_is_taken_at_its_word():
    forecast = Forecast(curves_of(linear(0.3), workers=(4,), rounds=20), 100_000)
    assert forecast.errors == {}
    assert forecast.rounds(np.array([3.0]), 4)[0] == pytest.approx(10, rel=0.01)


def test_a_probe_that_got_stuck_never_gets_further():
    job = SimulatedJob(laws={"m": Method(linear(0.5))}, floor=2.0)
    traces = job.probes(rounds=40)
    curves = [Curve.of(t, scale_of(traces, REL, job.n), REL) for t in traces]
    rounds = Forecast(curves, job.n).rounds(np.array([1.5, 2.5]), 2)
    assert rounds[0] == pytest.approx(3)
    assert rounds[1] == np.inf


def test_probes_that_never_got_better_predict_nothing():
    job = SimulatedJob(laws={"m": Method(linear(0.5))}, floor=0.0)
    traces = job.probes(rounds=4)
    curves = [Curve.of(t, scale_of(traces, REL, job.n), REL) for t in traces]
    assert Forecast(curves, job.n).rounds(np.array([1.0]), 2)[0] == np.inf


def test_ends_are_known_where_curves_are_regular():
    regular = ends("levels", curves_of(linear(0.3, 0.5), rounds=40))
    assert len(regular) == 3
    assert np.abs(regular).max() < 0.3
    assert ends("levels", curves_of(linear(0.3), rounds=1)) == []


def test_nothing_is_left_out_of_one_count():
    assert left_out("levels", curves_of(linear(0.3), workers=(2,))) == {}
    assert sorted(left_out("levels", curves_of(linear(0.3)))) == [2, 4]


def test_a_longer_curve_on_a_sample_carries_on_the_shorter_one():
    short, deep = curves_of(linear(0.3, 0.5), rounds=6, share=0.4), curves_of(linear(0.3, 0.5), rounds=40, share=0.1)
    for a, b in zip(short, deep, strict=True):
        curve = joined([b, a])
        assert curve.trace == a.trace
        np.testing.assert_allclose(curve.crossing(a.grid()), a.crossing(a.grid()))
        assert curve.deepest == b.deepest
        np.testing.assert_allclose(curve.crossing(b.grid()), b.crossing(b.grid()), rtol=0.01)


def test_a_stuck_curve_is_not_carried_on():
    job = SimulatedJob(laws={"m": Method(linear(0.5))}, floor=2.0)
    (stuck,) = [Curve.of(t, scale_of([t], REL, job.n), REL) for t in job.probes(workers=(1,), rounds=40)]
    (deep,) = curves_of(linear(0.5), workers=(1,), rounds=40, share=0.1)
    assert joined([stuck, deep]) == stuck
