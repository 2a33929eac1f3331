import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.series.estimate.peaks import jackknifed_peak, peak_of, scaled
from learnsys.series.estimate.types import Facts
from learnsys.series.sums.compute import sums
from learnsys.series.types import Kernel, KernelSums, Samples, SumsSpec, lags


@given(st.floats(-0.49, 0.49), st.floats(0.1, 5), st.sampled_from([-1.0, 1.0]))
def test_the_top_of_a_parabola_is_found(move, height, sign):
    x = np.arange(-3.0, 4.0)
    lag, top = peak_of(x, sign * (height + 10 - (x - move) ** 2))
    assert lag == pytest.approx(move, abs=1e-9)
    assert top == pytest.approx(sign * (height + 10))


def test_at_an_edge_or_beside_nothing_the_lag_itself_is_the_peak():
    x = np.arange(3.0)
    assert peak_of(x, np.array([5.0, 1.0, 0.0])) == (0.0, 5.0)
    assert peak_of(x, np.array([np.nan, 4.0, 0.0])) == (1.0, 4.0)
    assert peak_of(x, np.ones(3)) == (0.0, 1.0)


def made(rows):
    xy = np.array(rows)[None, :, None, :]
    grid = lags(-1, 1, 1)
    return KernelSums(kernel=Kernel(name="box", h=0.5), lags=grid, pairs=np.array([[0, 1]]), ww=np.ones_like(xy), xy=xy)


def test_blocks_that_agree_give_a_narrow_interval_and_others_a_wide_one():
    same = jackknifed_peak(made([[0.0, 2.0, 1.0]] * 8), 0, 0.95)
    apart = jackknifed_peak(made([[0.0, 2.0, 1.0], [1.0, 2.0, 0.0], [4.0, 3.0, 0.0], [0.0, 3.0, 4.0]] * 2), 0, 0.95)
    assert same[1] - same[0] == pytest.approx(0.5)
    assert apart[1] - apart[0] > 0.6


def test_with_two_blocks_nothing_is_known():
    assert jackknifed_peak(made([[0.0, 2.0, 1.0]] * 2), 0, 0.95) == (-1.0, 1.0)


def test_correlations_of_a_series_with_itself_at_its_stamps_are_1():
    t = np.arange(200.0)
    s = Samples.of({"a": (t, np.sin(t)), "b": (t, np.sin(t)), "c": (t, np.ones(200))}).centred()
    spec = SumsSpec(pairs=((0, 1), (0, 2)), kernels=(Kernel(name="box", h=0.4),), lags=lags(0, 0, 1))
    got = scaled(sums(s, spec)[0], Facts.of(s))
    assert got[0, 0] == pytest.approx(1.0)
    assert np.isnan(got[1, 0])
