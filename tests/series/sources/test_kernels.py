import numpy as np

from learnsys.series.sources.kernels import look_up, since


def test_look_up_is_indexing():
    rng = np.random.default_rng(0)
    numbers, codes = rng.permutation(50).astype(np.int32), rng.integers(0, 50, 1000).astype(np.int32)
    np.testing.assert_array_equal(look_up(codes, numbers), numbers[codes])


def test_seconds_since_an_origin_keep_every_digit():
    now = 1_767_571_200_123_456_789
    t = now + np.array([0, 1, -5, 10**9, 7 * 10**15])
    assert since(t, now).tolist() == [(int(s) - now) / 1e9 for s in t]
