import numpy as np

from learnsys.series.sources.kernels import look_up


def test_look_up_is_indexing():
    rng = np.random.default_rng(0)
    numbers, codes = rng.permutation(50).astype(np.int32), rng.integers(0, 50, 1000).astype(np.int32)
    np.testing.assert_array_equal(look_up(codes, numbers), numbers[codes])
