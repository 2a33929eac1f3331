import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.simulate.vector import VectorProcess

DECAY = np.array([[1.0, -0.6], [0.3, 0.5]])
NOISE = np.array([[1.0, 0.3], [0.3, 0.5]])
PROCESSES = (
    VectorProcess.ornstein_uhlenbeck(DECAY, NOISE),
    VectorProcess.oscillator([[4.0, -1.0], [0.0, 2.0]], [[0.8, 0.0], [0.1, 0.5]], NOISE),
)


@pytest.mark.parametrize("process", PROCESSES)
def test_the_spectrum_is_the_transform_of_the_covariance(process):
    step = 0.01
    tau = step * np.arange(-4000, 4001)
    omega = np.array([0.0, 0.7, 2.5])
    transform = np.einsum("lab,lk->kab", process.covariance(tau), np.exp(-1j * np.outer(tau, omega))) * step
    np.testing.assert_allclose(process.spectrum(omega), transform, atol=2e-3 * np.abs(transform).max())


def test_the_first_order_process_forgets_by_its_matrix():
    c = PROCESSES[0].covariance([0.0, 0.8])
    np.testing.assert_allclose(c[1], c[0] @ PROCESSES[0].transition(np.array(0.8)).T)


@pytest.mark.parametrize("process", PROCESSES)
def test_samples_have_the_covariances_of_the_process(process):
    rng = np.random.default_rng(1)
    base = np.arange(0, 12_000, 4.0)
    samples = process.sample([base, base + 0.7], noise=0.5, seed=2)
    a, b = samples.one(0)[1], samples.one(1)[1]
    c = process.covariance([0.0, 0.7])
    assert np.mean(a * a) == pytest.approx(c[0, 0, 0] + 0.25, rel=0.1)
    assert np.mean(a * b) == pytest.approx(c[1, 0, 1], abs=0.1 * np.sqrt(c[0, 0, 0] * c[0, 1, 1]))
    shuffled = process.sample([rng.permutation(base), base + 0.7], noise=0.5, seed=2)
    np.testing.assert_array_equal(shuffled.x, samples.x)


def test_equal_stamps_without_noise_give_equal_states():
    twice = VectorProcess(drift=-np.eye(1), diffusion=np.eye(1), seen=np.ones((2, 1))).sample([[0.0, 1.0]] * 2, seed=3)
    np.testing.assert_allclose(twice.one(0)[1], twice.one(1)[1])


def test_an_empty_series_is_allowed():
    assert PROCESSES[0].sample([[], [1.0]]).x.size == 1


def test_what_grows_is_refused():
    with pytest.raises(InputError, match="grows"):
        VectorProcess.ornstein_uhlenbeck([[-0.1]], [[1.0]])
