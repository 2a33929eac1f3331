import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.convex.partition import split
from learnsys.core.errors import InputError


@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 100))
def test_every_row_has_one_worker_and_shares_are_even(n, workers, seed):
    if workers > n:
        return
    held = [np.arange(n)[part.rows(n)] for part in split(n, workers, seed)]
    assert sorted(np.concatenate(held)) == list(range(n))
    assert max(map(len, held)) - min(map(len, held)) <= 1
    assert all((np.diff(rows) > 0).all() for rows in held)


def test_the_split_depends_on_the_seed_only():
    one, same, other = (split(50, 2, seed)[0].rows(50).tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_parts_draw_different_numbers_and_each_use_others():
    a, b = split(10, 2, 0)
    draws = {a.generator(0).random(), a.generator(1).random(), b.generator(0).random(), a.generator(0, 1).random()}
    assert len(draws) == 4
    assert a.generator(3).random() == a.generator(3).random()


@pytest.mark.parametrize(
    ("workers", "message"),
    [(0, "workers is 0, but must be at least 1"), (-3, "workers is -3"), (6, "6 workers have only 5 rows")],
)
def test_too_few_or_too_many_workers_are_refused(workers, message):
    with pytest.raises(InputError, match=message):
        split(5, workers, 0)
