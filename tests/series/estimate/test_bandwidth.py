import numpy as np

from learnsys.series.estimate.bandwidth import LADDER, LEAST_PAIRS, chosen, ladder, scores
from learnsys.series.estimate.types import Facts
from learnsys.series.types import Lags, Samples

LAGS = Lags(first_s=-5.0, step_s=1.0, count=11)


def facts(n, span=100.0):
    return Facts.of(Samples.of({"a": (np.linspace(0, span, n), np.zeros(n))}))


def test_the_ladder_follows_the_lags_the_gaps_and_the_number_of_pairs():
    assert ladder(facts(401), LAGS, shrink=False) == tuple(0.6 * 0.25 * k for k in LADDER)
    assert ladder(facts(51), LAGS, shrink=True)[0] == LEAST_PAIRS * 100 / 51**2
    assert ladder(facts(0), LAGS, shrink=True) == (0.6, 1.2)


def naive_score(seen, weight, above, below):
    total = 0.0
    for j in range(len(seen)):
        rest = np.delete(above, j, 0).sum(0) / np.delete(below, j, 0).sum(0)
        total += np.sum(weight[j] * rest**2 - 2 * seen[j] * rest, axis=1)
    return total


def sums_of(values, pairs, rng, noise):
    """Sums of 24 blocks, each with the values and noise that falls with the pairs of samples."""
    below = np.full((24, 1, values.size), float(pairs))
    return below * (values + noise * rng.normal(size=below.shape) / np.sqrt(pairs)), below


def test_scores_equal_their_slow_twin_and_weigh_bias_against_noise():
    rng = np.random.default_rng(0)
    truth = np.exp(-np.abs(LAGS.values))
    narrow, wide, biased = (
        sums_of(v, n, rng, 1.0)
        for v, n in (
            (
                truth,
                5,
            ),
            (truth, 40),
            (0.5 * truth, 40),
        )
    )
    above, below = ([s[side] for s in (narrow, wide, biased)] for side in (0, 1))
    found = scores(above, below)
    for k in range(3):
        np.testing.assert_allclose(found[k], naive_score(above[0], below[0], above[k], below[k]))
    assert chosen(above, below).tolist() == [1]
    quiet = [sums_of(v, n, rng, 0.01) for v, n in ((truth, 5), (0.9 * truth, 40))]
    assert chosen([s[0] for s in quiet], [s[1] for s in quiet]).tolist() == [0]
