import gc

import numpy as np

from learnsys.series.sums.grid_store import GridStore


def test_what_is_added_adds_up_and_more_series_may_come():
    rng = np.random.default_rng(0)
    store = GridStore()
    first, second = rng.normal(size=(2, 5)), rng.normal(size=(4, 5))
    store.add(7, first, np.ones((3, 3, 1)))
    store.add(-2, second, np.ones((3, 3, 2)))
    store.add(7, second, np.ones((3, 3, 2)))
    assert store.numbers == {7, -2}
    cells, own = store.piece(7)
    np.testing.assert_array_equal(cells[:2], first + second[:2])
    np.testing.assert_array_equal(cells[2:], second[2:])
    np.testing.assert_array_equal(own[0, 0], [2, 1])


def test_the_files_go_with_the_store():
    store = GridStore()
    store.add(0, np.zeros((2, 5)), np.zeros((3, 3, 1)))
    folder = store.folder
    assert len(list(folder.iterdir())) == 1
    del store
    gc.collect()
    assert not folder.exists()
