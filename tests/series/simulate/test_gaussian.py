import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series.simulate.gaussian import Followers, Wave

FAST_AND_SLOW = (Wave(variance=0.6, decay=0.8), Wave(variance=0.4, decay=0.1, omega=1.0))
PAIR = Followers(
    common=FAST_AND_SLOW, delays_s=(0.0, 1.5), loads=(1.0, -0.5), noise=(0.3, 0.0), own=((), (Wave(variance=0.2),))
)


def test_samples_have_the_covariances_that_are_told():
    stamps = [[0.0, 0.4, 3.0], [0.1, 2.0, 9.0]]
    drawn = np.stack([PAIR.sample(stamps, seed=seed).x for seed in range(8000)])
    t, series = np.concatenate(stamps), [0, 0, 0, 1, 1, 1]
    expected = np.array(
        [[PAIR.covariance(v - u, a, b) for v, b in zip(t, series, strict=True)] for u, a in zip(t, series, strict=True)]
    )
    expected += np.diag([0.09] * 3 + [0.0] * 3)
    error = np.sqrt((np.outer(np.diag(expected), np.diag(expected)) + expected**2) / len(drawn))
    assert np.abs((drawn.T @ drawn / len(drawn) - expected) / error).max() < 4.5


def test_the_leader_is_seen_first():
    tau = np.linspace(-5, 5, 101)
    assert tau[np.abs(PAIR.covariance(tau)).argmax()] == pytest.approx(1.5)


def test_a_process_that_does_not_decay_is_refused():
    with pytest.raises(InputError, match="decay > 0"):
        Wave(decay=0.0).sample(np.arange(3.0), np.random.default_rng(0))
