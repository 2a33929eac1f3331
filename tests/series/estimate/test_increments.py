import numpy as np
from hypothesis import given
from tests.series.strategies import samples

from learnsys.series.estimate.increments import increments, merged
from learnsys.series.types import Samples


@given(samples())
def test_increments_add_up_to_the_levels(levels):
    made, whole = increments(levels), merged(levels)
    assert made.ids == levels.ids
    for d in range(len(levels)):
        t, x, w = made.one(d)
        at, level, _ = whole.one(d)
        assert t.size == max(at.size - 1, 0)
        np.testing.assert_allclose(np.cumsum(w * x), level[1:] - level[:1], atol=1e-9)
        first, last = t - w / 2, t + w / 2
        np.testing.assert_allclose(first, at[:-1][: t.size], atol=1e-9)
        np.testing.assert_allclose(last, at[1:], atol=1e-9)


def test_stamps_that_repeat_are_merged_by_their_weights():
    s = Samples(
        ids=("a", "b"), t0_ns=0, t=np.array([0.0, 0.0, 2.0, 2.0]), x=np.array([1.0, 4.0, 7.0, 9.0]),
        w=np.array([2.0, 1.0, 0.0, 0.0]), starts=np.array([0, 3, 4]),
    )  # fmt: skip
    made = merged(s)
    assert made.t.tolist() == [0.0, 2.0, 2.0]
    assert made.x.tolist() == [2.0, 7.0, 9.0]
    assert made.starts.tolist() == [0, 2, 3]
