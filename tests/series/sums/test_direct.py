import numpy as np
import pytest
from hypothesis import given, settings
from tests.series import naive
from tests.series.strategies import samples, sums_specs

from learnsys.series.sums import direct
from learnsys.series.types import KERNELS, Kernel, Lags, Samples, SumsSpec

FIELDS = ("ww", "xy", "xw", "wx")


def assert_same(ours, theirs, tol=1e-11):
    assert [s.kernel for s in ours] == [s.kernel for s in theirs]
    for a, b in zip(ours, theirs, strict=True):
        for name in FIELDS:
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None)
            if x is not None:
                assert x.shape == y.shape
                np.testing.assert_allclose(x, y, rtol=0, atol=tol * max(1.0, np.abs(y).max(initial=0)))


@settings(deadline=None, max_examples=60)
@given(samples(), sums_specs())
def test_equals_the_sum_over_all_pairs(made, spec):
    assert_same(direct.sums(made, spec), naive.kernel_sums(made, spec))


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(("h", "step"), [(0.01, 3.0), (5.0, 0.05), (0.5, 1.0)])
def test_steps_much_longer_and_shorter_than_the_bandwidth(name, h, step):
    rng = np.random.default_rng(3)
    made = Samples.of({"a": (np.round(rng.uniform(0, 30, 60), 1), rng.normal(size=60))})
    lags = Lags(first_s=-4 * step, step_s=step, count=30)
    spec = SumsSpec(pairs="auto", kernels=(Kernel(name=name, h=h),), lags=lags)
    assert_same(direct.sums(made, spec), naive.kernel_sums(made, spec))


def test_pairs_in_any_order_and_number():
    rng = np.random.default_rng(4)
    made = Samples.of({name: (rng.uniform(0, 20, 15), rng.normal(size=15)) for name in "abc"})
    spec = SumsSpec(
        pairs=((2, 0), (1, 1), (0, 2)), kernels=(Kernel(name="k4", h=0.7),), lags=Lags(first_s=-2, step_s=0.5, count=9)
    )
    found = direct.sums(made, spec)
    assert_same(found, naive.kernel_sums(made, spec))
    np.testing.assert_allclose(found[0].xy[:, :, 0], found[0].xy[:, :, 2, ::-1], rtol=1e-12)


def test_no_samples_are_no_sums():
    made = Samples.of({"a": ([], []), "b": ([1.0], [2.0])})
    spec = SumsSpec(pairs="all", kernels=(Kernel(name="gaussian", h=1.0),), lags=Lags(first_s=0, step_s=1, count=2))
    assert not direct.sums(made, spec)[0].ww.any()
