import numpy as np
import pytest

from learnsys.core.errors import InputError
from learnsys.series import types
from learnsys.series.types import Lags, Samples, SumsSpec


def test_lags_from_words():
    made = types.lags("-60s", "60s", "500ms")
    assert made == Lags(first_s=-60, step_s=0.5, count=241)
    assert made.values[0] == -60
    assert made.values[-1] == 60
    assert made.reach_s == 60


@pytest.mark.parametrize(
    ("words", "says"),
    [(("0s", "1s", "0s"), "more than 0"), (("1s", "-1s", "1s"), "before"), (("0s", "1s", "300ms"), "whole number")],
)
def test_lags_that_are_none_are_refused(words, says):
    with pytest.raises(InputError, match=says):
        types.lags(*words)


def test_samples_are_sorted_centred_and_taken_apart():
    s = Samples.of({"a": ([3, 1, 2], [30, 10, 20]), "empty": ([], []), "b": ([5], [7])})
    assert len(s) == 3
    assert s.one(0)[0].tolist() == [1, 2, 3]
    assert s.one(1)[0].size == 0
    assert s.series.tolist() == [0, 0, 0, 2]
    assert s.centred().x.tolist() == [-10, 0, 10, 0]
    assert np.isnan(s.means[1])


def test_pairs_are_numbered():
    spec = SumsSpec(pairs="all", kernels=(), lags=Lags(first_s=0, step_s=1, count=1))
    assert spec.numbered(3).tolist() == [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]
    assert SumsSpec(pairs=((2, 0),), kernels=(), lags=spec.lags).numbered(3).tolist() == [[2, 0]]
