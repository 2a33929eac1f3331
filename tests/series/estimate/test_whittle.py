import msgspec
import numpy as np
import pytest

from learnsys.series.estimate import whittle
from learnsys.series.estimate.continuous import Shape
from learnsys.series.estimate.types import Facts
from learnsys.series.simulate.vector import VectorProcess
from learnsys.series.sums.compute import sums
from learnsys.series.types import KernelSums

PROCESS = VectorProcess.ornstein_uhlenbeck([[1.0, -0.5], [0.2, 0.6]], [[1.0, 0.2], [0.2, 0.8]])


def starting(shape, decay):
    """Unrelated series of variance 1."""
    one = np.eye(shape.size)
    return shape.join(decay * one[None], np.sqrt(2 * decay) * one, np.full(shape.size, np.log(0.05)))


def summed(stamps, blocks=3):
    samples = PROCESS.sample(stamps, seed=1)
    facts = Facts.of(samples)
    return sums(samples.centred(), whittle.lags_wanted(facts, blocks=blocks))[0], facts


def scattered(n=1500, span=1000.0):
    rng = np.random.default_rng(0)
    return [rng.uniform(0, span, n), rng.uniform(0, span, n)]


def test_derivatives_are_those_of_differences():
    seen, shape = whittle.spectrum_of(*summed(scattered()), 1.0, "project"), Shape(order=1, size=2)
    rng = np.random.default_rng(2)
    v = starting(shape, 0.7) + 0.1 * rng.normal(size=shape.count)
    direction, objective = rng.normal(size=shape.count), seen.objective(shape)
    numeric = (objective(v + 1e-6 * direction)[0] - objective(v - 1e-6 * direction)[0]) / 2e-6
    assert objective(v)[1] @ direction == pytest.approx(numeric, rel=1e-4)


def test_merged_blocks_give_what_all_at_once_gives():
    given, facts = summed(scattered())
    half = {f: getattr(given, f).copy() for f in ("ww", "xy")}
    for part in half.values():
        part[:, 1:] = 0
    rest = {f: getattr(given, f) - half[f] for f in half}
    merged = {f: half[f] + rest[f] for f in half}
    again = msgspec.structs.replace(given, **merged)
    assert isinstance(again, KernelSums)
    one, two = (whittle.fit(s, facts, blocks=0, psd="project").v for s in (given, again))
    np.testing.assert_allclose(one, two, atol=1e-4)


def test_estimated_spectra_are_near_the_truth():
    given, facts = summed(scattered(n=6000, span=4000.0))
    seen = whittle.spectrum_of(given, facts, 1.0, "none")
    scale = np.sqrt(np.outer(facts.variance, facts.variance))
    truth = PROCESS.spectrum(seen.omega) / scale
    assert np.abs(seen.spectrum - truth).max() < 0.25 * np.abs(truth).max()


def test_stamps_on_a_grid_take_the_variance_of_the_samples_at_lag_zero():
    grid = np.arange(0.0, 500.0)
    given, facts = summed([grid, grid])
    values = whittle.matrices(given, facts)
    np.testing.assert_allclose(np.diagonal(values[0]), facts.variance)
    assert np.isfinite(values).all()


def test_the_floor_is_that_of_random_stamps():
    given, facts = summed(scattered())
    np.testing.assert_allclose(whittle.spectrum_of(given, facts, 1.0, "none").floor, 1000 / 1500, rtol=0.1)


def test_clocks_are_told_from_random_stamps():
    grid = np.arange(0.0, 500.0)
    assert whittle.on_clock(summed([grid, grid])[0])
    assert not whittle.on_clock(summed(scattered())[0])
    off = [t[t % 40 < 15] for t in scattered()]
    assert not whittle.on_clock(summed(off)[0])
