import numpy as np
import pytest
from tests.series.graph.test_lower import facts_of

from learnsys.series.estimate.types import CoefficientsSpec, Facts
from learnsys.series.sums.cost import WAYS, CostModel, UnitCosts, allowed
from learnsys.series.types import Kernel, Lags, Samples, SumsSpec

MODEL = CostModel()


def spec(h=0.5, count=21, pairs="all", name="gaussian"):
    kernels = (Kernel(name=name, h=h),)
    return SumsSpec(pairs=pairs, kernels=kernels, lags=Lags(first_s=-1.0, step_s=0.1, count=count))


@pytest.mark.parametrize("way", WAYS)
def test_more_work_costs_more(way):
    base = MODEL.sums(facts_of(), spec())[way]
    assert MODEL.sums(facts_of(n=4000), spec())[way] > base
    assert MODEL.sums(facts_of(d=8), spec())[way] > base
    assert MODEL.sums(facts_of(), spec(pairs=((0, 1),)))[way] < base


def test_costs_grow_with_the_units():
    twice = CostModel(units=UnitCosts(**{f: 2 * getattr(UnitCosts(), f) for f in UnitCosts.__struct_fields__}))
    one, two = (model.sums(facts_of(), spec()) for model in (MODEL, twice))
    for way in WAYS:
        np.testing.assert_allclose(two[way], 2 * one[way])
    assert twice.scan(1e6) == pytest.approx(2 * MODEL.scan(1e6))
    wanted = CoefficientsSpec(period_s=1e3, modes=1000)
    assert twice.projection(facts_of(), wanted) == pytest.approx(2 * MODEL.projection(facts_of(), wanted))


def test_a_box_is_summed_pair_by_pair_unless_that_takes_too_long():
    assert allowed(facts_of(), spec(name="box"), WAYS) == ("direct",)
    assert allowed(facts_of(), spec(), WAYS) == WAYS
    assert allowed(facts_of(d=500, n=10**6), spec(name="box"), WAYS) == WAYS


def test_coefficients_that_fill_the_memory_are_no_way():
    s = Samples.of({"a": ([0.0, 1e9], [1.0, 2.0])})
    assert CostModel().sums(Facts.of(s), spec(h=1e-3))["spectral"] == np.inf
