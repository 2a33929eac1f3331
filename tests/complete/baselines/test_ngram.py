import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.toys import encoded

from learnsys.complete.baselines.ngram import Counts, Ngram, context
from learnsys.complete.score.types import SHOWN

names = st.lists(st.integers(0, 4), min_size=1, max_size=25)


@given(names, st.integers(0, 30))
def test_probabilities_of_all_tokens_sum_to_one(file, t):
    counts = Counts()
    counts.add(file, [0] * len(file))
    longest = context(file, [0] * len(file), min(t, len(file) - 1))
    assert sum(counts.p(longest, name, 1 / 5) for name in range(5)) == pytest.approx(1)
    assert 0 < counts.confidence(longest) < 1


@given(names, names)
def test_a_file_taken_back_leaves_no_trace(first, second):
    both, alone = Counts(), Counts()
    alone.add(first, [0] * len(first))
    both.add(first, [0] * len(first))
    both.add(second, [0] * len(second))
    both.add(second, [0] * len(second), -1)
    assert both._after == alone._after


def test_unigrams_and_bigrams_by_hand():
    counts = Counts()
    counts.add([1, 2, 1, 2, 1, 3], [0] * 6)
    # p(2) = (2 + 3 u) / 9; after 1 stood 2, 2, 3: p(2 | 1) = (2 + 2 p(2)) / 5.
    u = 0.25
    assert counts.p((0,), 2, u) == pytest.approx((2 + 3 * u) / 9)
    assert counts.p((0, 1), 2, u) == pytest.approx((2 + 2 * (2 + 3 * u) / 9) / 5)


def test_the_nearer_a_file_is_the_more_it_helps():
    files, _, _ = encoded(8, statements=30)
    model = Ngram(files[:4], lambda word: 1e-4)
    cold, project, copy = model.score([files[4]] * 3, [(), files[5:], [files[4]]])
    bits = [-np.log2(found.p).mean() for found in (cold, project, copy)]
    assert bits[2] < min(bits[:2])
    assert (copy.rank == 0).mean() > (cold.rank == 0).mean()
    assert all(found.rank.max() <= SHOWN and (found.p <= 1).all() for found in (cold, project, copy))
