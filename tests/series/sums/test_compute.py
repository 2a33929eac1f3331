import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series import naive
from tests.series.strategies import samples, sums_specs

from learnsys.core.errors import UnknownName
from learnsys.series.estimate.types import Facts
from learnsys.series.sums import compute
from learnsys.series.sums.cost import CostModel
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


def facts(n, d=2, span_s=None):
    t = np.linspace(0, span_s or n, n)
    return Facts.of(Samples.of({str(k): (t, np.ones(n)) for k in range(d)}))


@pytest.mark.parametrize(
    ("facts", "spec", "way"),
    [
        (facts(30), spec(), "direct"),
        (facts(50_000), spec(h=1e-5), "direct"),
        (facts(200_000), spec(h=5.0, count=801), "spectral"),
        (facts(4_000, d=100), spec(pairs="all"), "grid"),
        (facts(50_000, span_s=1e9), spec(h=0.01), "direct"),
        (facts(50_000), spec("box"), "direct"),
    ],
)
def test_each_way_has_its_place(facts, spec, way):
    assert compute.choose(facts, spec) == way


def test_the_one_cost_model_is_asked(monkeypatch):
    spectral = {"direct": 3.0, "grid": 2.0, "spectral": 1.0}
    monkeypatch.setattr(CostModel, "sums", lambda *_: spectral)
    assert compute.choose(facts(30), spec()) == "spectral"
