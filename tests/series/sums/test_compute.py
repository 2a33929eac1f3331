import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series import naive
from tests.series.strategies import samples, sums_specs

from learnsys.core.errors import UnknownName
from learnsys.series.sums import compute
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

SPEC = SumsSpec(pairs="all", kernels=(Kernel(name="gaussian", h=1.0),), lags=Lags(first_s=-2, step_s=1, count=5))


def made():
    rng = np.random.default_rng(5)
    return Samples.of({name: (rng.uniform(0, 40, 30), rng.normal(size=30)) for name in "ab"})


@pytest.mark.parametrize("how", ["auto", *compute.WAYS])
def test_all_ways_give_the_same(how):
    found, wanted = compute.sums(made(), SPEC, how=how, tol=1e-9), naive.kernel_sums(made(), SPEC)
    np.testing.assert_allclose(found[0].xy, wanted[0].xy, atol=1e-6)
    np.testing.assert_allclose(found[0].ww, wanted[0].ww, atol=1e-6)


def test_another_way_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="direct"):
        compute.sums(made(), SPEC, how="directly")


@settings(deadline=None, max_examples=30)
@given(samples(), sums_specs(kernels=("gaussian", "k4", "local-linear")), st.sampled_from(["auto", *compute.WAYS]))
def test_the_way_is_of_no_consequence(drawn, spec, how):
    wanted = naive.kernel_sums(drawn, spec)
    for a, b in zip(compute.sums(drawn, spec, tol=1e-9, how=how), wanted, strict=True):
        for name in ("ww", "xy", "xw", "wx"):
            if (exact := getattr(b, name)) is not None:
                scale = max(1.0, np.abs(exact).max(initial=0))
                np.testing.assert_allclose(getattr(a, name), exact, atol=1e-6 * scale, rtol=0)


def spec(kernel="gaussian", h=1.0, pairs=((0, 1),), count=81):
    lags = Lags(first_s=-(count // 2), step_s=1.0, count=count)
    return SumsSpec(pairs=pairs, kernels=(Kernel(name=kernel, h=h),), lags=lags)


def size(n, d=2, pairs=1, span_s=None):
    return compute.Size(series=d, pairs=pairs, samples=n * d, meetings=float(n) ** 2 * pairs, span_s=span_s or n)


@pytest.mark.parametrize(
    ("size", "spec", "tol", "way"),
    [
        (size(30), spec(), 1e-6, "direct"),
        (size(100_000), spec(h=1e-5), 1e-6, "direct"),
        (size(1_000_000), spec(), 1e-4, "spectral"),
        (size(4_000, d=1000, pairs=500_500), spec(), 1e-4, "grid"),
        (size(100_000, span_s=1e9), spec(h=0.01), 1e-4, "direct"),
        (size(1_000_000), spec("box"), 1e-4, "direct"),
    ],
)
def test_each_way_has_its_place(size, spec, tol, way):
    assert compute.choose(size, spec, tol) == way


def test_a_size_counts_pairs_of_samples():
    found = compute.Size.of(Samples.of({"a": ([0.0, 9.0], [1.0, 1.0]), "b": ([3.0], [1.0])}), SPEC)
    assert found == compute.Size(series=2, pairs=3, samples=3, meetings=4 + 2 + 1, span_s=9.0)
    nothing = compute.Size.of(Samples.of({"a": ([], [])}), SPEC)
    assert (nothing.meetings, nothing.span_s) == (0.0, 0.0)
