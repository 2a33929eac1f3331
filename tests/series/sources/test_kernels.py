import numpy as np

from learnsys.series.sources.kernels import look_up, place, since


def test_look_up_is_indexing():
    rng = np.random.default_rng(0)
    numbers, codes = rng.permutation(50).astype(np.int32), rng.integers(0, 50, 1000).astype(np.int32)
    np.testing.assert_array_equal(look_up(codes, numbers), numbers[codes])


def test_seconds_since_an_origin_keep_every_digit():
    now = 1_767_571_200_123_456_789
    t = now + np.array([0, 1, -5, 10**9, 7 * 10**15])
    assert since(t, now).tolist() == [(int(s) - now) / 1e9 for s in t]


def test_samples_are_put_behind_those_of_their_series_until_one_is_before_another():
    codes = np.array([1, 0, 1, 0], np.int32)
    for t, ok in ((np.array([5, 6, 5, 9]), True), (np.array([5, 6, 7, 4]), False)):
        starts = np.array([0, 2, 4])
        out = (np.zeros(4), np.zeros(4), np.zeros(4, bool), starts)
        at, last = starts[:-1].copy(), np.zeros(2, np.int64)
        assert place((codes, t, np.arange(4.0)), (5, 1e9), at, last, out) == ok
        if ok:
            np.testing.assert_allclose(out[0], [1e-9, 4e-9, 0, 0])
            assert out[1].tolist() == [1, 3, 0, 2]
            assert out[2].tolist() == [False, False, False, True]
