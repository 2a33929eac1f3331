import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.series.graph.graphs import IDS, SOURCES

from learnsys.series.estimate.types import Facts
from learnsys.series.graph import nodes
from learnsys.series.graph.nodes import NOTHING
from learnsys.series.graph.values import apply
from learnsys.series.graph.view import View, common
from learnsys.series.sums import direct
from learnsys.series.types import Kernel, Lags, SumsSpec

SOME = st.sets(st.sampled_from(IDS), min_size=1).map(lambda s: tuple(sorted(s)))
HALVES = st.integers(-4, 4).map(lambda k: k / 2)
OPS = st.one_of(
    st.builds(nodes.Scale, child=st.just(NOTHING), a=st.floats(0.5, 2), b=st.floats(-1, 1), ids=SOME | st.none()),
    st.builds(nodes.Shift, child=st.just(NOTHING), by_s=HALVES, ids=SOME | st.none()),
    st.just(nodes.Demean(child=NOTHING)),
)


@given(st.lists(OPS, max_size=4), st.none() | SOME)
def test_sums_and_facts_follow_from_the_shared_ones(ops, ids):
    after = [*ops, *([nodes.Select(child=NOTHING, ids=ids)] if ids else [])]
    shared = own = SOURCES[0].samples
    for op in after:
        own = apply(op, own)
    facts = Facts.of(shared)
    view = View.through(after, facts)
    for name in ("n", "first_s", "last_s", "sum_w", "sum_w2", "mean", "variance"):
        assert_allclose(getattr(view.facts(facts), name), getattr(Facts.of(own), name), rtol=1e-9, atol=1e-9)
    kernel, lags = Kernel(name="gaussian", h=0.5), Lags(first_s=-1.0, step_s=0.5, count=5)
    spec = SumsSpec(pairs="all", kernels=(kernel,), lags=lags)
    pairs = view.numbers[spec.numbered(len(own))]
    grid = common([Lags(first_s=-1.0 - s, step_s=0.5, count=5) for s in view.offsets_s(spec.numbered(len(own)))])
    wide = SumsSpec(pairs=tuple(map(tuple, pairs.tolist())), kernels=(kernel,), lags=grid)
    (made,) = direct.sums(shared.centred(), wide)
    got = view.take(made, spec, np.arange(len(pairs)))
    (wanted,) = direct.sums(own.centred(), spec)
    assert_allclose(got.xy, wanted.xy, atol=1e-9 * np.abs(wanted.xy).max())
    assert_allclose(got.ww, wanted.ww, atol=1e-9 * wanted.ww.max())


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.sampled_from([1, 2, 3, 4]), st.integers(1, 9)), min_size=1, max_size=4)
)
def test_common_lags_contain_all(grids):
    made = [Lags(first_s=first * 0.25, step_s=step * 0.25, count=count) for first, step, count in grids]
    found = common(made)
    for grid in made:
        assert np.abs(found.values[:, None] - grid.values).min(axis=0).max() < 1e-9


def test_steps_that_never_meet_have_no_common_lags():
    assert common([Lags(first_s=0, step_s=1, count=3), Lags(first_s=0, step_s=2**0.5, count=3)]) is None


def test_what_does_not_commute_is_refused():
    with pytest.raises(TypeError, match="does not commute"):
        View.through([nodes.Log(child=NOTHING)], Facts.of(SOURCES[0].samples))
