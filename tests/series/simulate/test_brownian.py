import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.simulate.brownian import Motions, fractional_noise, pair


@pytest.mark.parametrize("hurst", [0.2, 0.5, 0.8])
def test_fractional_noise_has_its_covariances(hurst):
    rng = np.random.default_rng(1)
    x = np.stack([fractional_noise(64, hurst, rng) for _ in range(8000)])
    k = np.arange(6.0)
    truth = 0.5 * ((k + 1) ** (2 * hurst) - 2 * k ** (2 * hurst) + np.abs(k - 1) ** (2 * hurst))
    got = [np.mean(x[:, 20] * x[:, 20 + int(lag)]) for lag in k]
    np.testing.assert_allclose(got, truth, atol=5 / np.sqrt(8000))


@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.8])
def test_levels_have_the_covariances_of_delayed_motion(hurst):
    motions = pair(0.6, 1.5, hurst=hurst, noise=0.3)
    stamps = {"a": [0.0, 1.0, 4.0], "b": [1.5, 2.5, 6.0]}  # before the delay: 0, 1, 4.5
    drawn = [motions.draw(stamps, seed=s) for s in range(6000)]
    t = drawn[0].t - np.repeat([0.0, 1.5], 3)
    x = np.stack([d.x for d in drawn])
    rho = np.where(np.arange(6) // 3 == (np.arange(6) // 3)[:, None], 1.0, 0.6)

    def power(u):
        return np.abs(u) ** (2 * hurst)

    i, j = np.triu_indices(6, 1)
    within = i // 3 == j // 3
    got = np.mean((x[:, j] - x[:, i]) ** 2, axis=0)[within]
    np.testing.assert_allclose(got, (power(t[j] - t[i]) + 2 * 0.09)[within], rtol=0.09)
    cross = np.mean((x[:, 2] - x[:, 1]) * (x[:, 5] - x[:, 4]))
    truth = 0.5 * rho[0, 4] * (power(t[5] - t[1]) + power(t[4] - t[2]) - power(t[5] - t[2]) - power(t[4] - t[1]))
    assert cross == pytest.approx(truth, abs=0.12 * power(4.0))


@pytest.mark.parametrize("hurst", [0.5, 0.7])
def test_draws_repeat_with_their_seed_and_stamps_stay(hurst):
    stamps = {"a": np.random.default_rng(0).uniform(0, 90, 300), "b": [3.0, 1.0], "c": []}
    motions = Motions(correlation=np.eye(3), delays_s=np.array([0.0, 2.0, -1.0]), hurst=hurst)
    one, two, other = (motions.draw(stamps, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.x, two.x)
    assert np.any(one.x != other.x)
    np.testing.assert_allclose(one.one(0)[0], np.sort(stamps["a"]), atol=0 if hurst == 0.5 else 90 / 64 / 300)
    assert motions.lag_s[1, 2] == -3.0


@pytest.mark.parametrize(
    ("motions", "says"),
    [
        (pair(0.5, 0.0, hurst=1.0), "hurst"),
        (pair(1.5, 0.0), "semi-definite"),
        (Motions(correlation=np.eye(3), delays_s=np.zeros(3)), "3 motions"),
    ],
)
def test_bad_parameters_are_refused(motions, says):
    with pytest.raises(InputError, match=says):
        motions.draw({"a": [0.0], "b": [1.0]}, seed=0)
