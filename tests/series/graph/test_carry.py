import numpy as np

from learnsys.series.graph import carry


def state(d):
    return np.zeros(d), np.zeros(d), np.zeros(d, np.int64)


def run(kernel, codes, t, x, kept, *more):
    codes = np.array(codes, np.int32)
    out = (np.empty(codes.size, np.int32), np.empty(codes.size), np.empty(codes.size))
    n = kernel(codes, np.array(t, float), np.array(x, float), kept, *more, out)
    return n if n < 0 else [tuple(row) for row in zip(*(column[:n].tolist() for column in out), strict=True)]


def test_increments_go_over_the_edge_of_chunks():
    kept = state(2)
    assert run(carry.increments, [0, 1, 0], [0, 1, 2], [5, 7, 6], kept) == [(0, 1.0, 1.0)]
    assert run(carry.increments, [1, 0], [3, 4], [9, 3], kept) == [(1, 2.0, 2.0), (0, 3.0, -3.0)]
    assert run(carry.increments, [1], [2], [9], kept) == -1


def test_stamps_wait_for_the_next():
    for policy, value in ((carry.MEAN, 4.0), (carry.FIRST, 3.0), (carry.LAST, 5.0)):
        kept = state(1)
        assert run(carry.merge_stamps, [0], [1], [3], kept, policy) == []
        assert run(carry.merge_stamps, [0, 0], [1, 2], [5, 8], kept, policy) == [(0, 1.0, value)]
    assert run(carry.merge_stamps, [0], [1], [3], kept, carry.MEAN) == -1


def test_rows_are_counted():
    (table,) = carry.grown((np.zeros((6, 0)),), 2)
    carry.count_rows(np.array([1, 1], np.int32), np.array([4.0, 2.0]), np.array([10.0, 13.0]), table)
    assert table[:, 1].tolist() == [2, 2, 4, 10, 3, 9]
    assert not table[:, 0].any()
