import numpy as np

from learnsys.series.estimate.covariance import XCov
from learnsys.series.estimate.types import Facts
from learnsys.series.graph import lower, nodes
from learnsys.series.graph.nodes import NOTHING
from learnsys.series.sums.cost import WAYS, CostModel
from learnsys.series.types import Lags, Samples

MODEL = CostModel()


def facts_of(d=4, n=1000, span_s=1000.0):
    """Facts of ``d`` series of ``n`` samples, without the samples."""
    ones = np.ones(d)
    ids = tuple(f"s{k}" for k in range(d))
    return Facts(
        ids=ids, t0_ns=0, n=np.full(d, n), first_s=0 * ones, last_s=span_s * ones, sum_w=n * ones, sum_w2=n * ones,
        mean=0 * ones, variance=ones,
    )  # fmt: skip


def xcov(first_s=-5.0, step_s=1.0, count=11, **more):
    return XCov(
        lags=Lags(first_s=first_s, step_s=step_s, count=count),
        **{"bandwidth": 0.5, "ci": None, "shrink": False, **more},
    )


def planned(facts, *statistics, after=()):
    asks = tuple((n, nodes.Ask(child=NOTHING, statistic=s, after=after)) for n, s in enumerate(statistics))
    questions = lower.Questions.of(nodes.Shared(child=NOTHING, asks=asks), facts)
    return lower.plan(questions.sums, facts, MODEL, ways=WAYS)


def test_the_model_picks_another_way_for_other_samples():
    few, _ = planned(facts_of(n=50), xcov())
    many, _ = planned(facts_of(d=100, n=200_000, span_s=2e5), xcov())
    assert (few[0].way, many[0].way) == ("direct", "grid")


def test_bandwidths_and_lags_are_served_together_where_that_is_cheaper():
    facts = facts_of(d=100, n=10_000, span_s=1e4)
    (request,), alone = planned(facts, xcov(), xcov(bandwidth=1.0), xcov(first_s=0.0, step_s=0.5, count=21))
    assert not alone
    assert len(request.kernels) == 2
    assert request.lags == Lags(first_s=-5.0, step_s=0.5, count=31)
    assert sorted(m.number for m in request.members) == [0, 1, 2]


def test_what_is_dearer_together_stays_apart():
    wide = xcov(first_s=-400.0, step_s=100.0, count=9, bandwidth=0.5, pairs=((0, 1),))
    requests, _ = planned(
        facts_of(n=5000, span_s=1e4), xcov(step_s=0.25, count=41, bandwidth=0.1, pairs=((2, 3),)), wide
    )
    assert len(requests) == 2


def test_blocks_serve_who_wants_none():
    facts = facts_of(d=50, n=10_000, span_s=1e4)
    (request,), _ = planned(facts, xcov(ci="jackknife"), xcov())
    assert request.blocks > 1


def test_blocks_of_shifted_series_are_cut_elsewhere_and_so_computed_alone():
    shift = nodes.Shift(child=NOTHING, by_s=1.0, ids=("s0",))
    assert not planned(facts_of(), xcov(), after=(shift,))[1]
    assert planned(facts_of(), xcov(ci="jackknife"), after=(shift,))[1]


def test_shifts_that_meet_no_lag_are_computed_alone():
    for by_s, alone in ((1.0, 0), (2**0.5, 1)):
        shift = nodes.Shift(child=NOTHING, by_s=by_s, ids=("s0",))
        assert len(planned(facts_of(), xcov(), after=(shift,))[1]) == alone


def test_planning_sums_of_all_pairs_names_them():
    facts = facts_of(d=3)
    (request,), _ = planned(facts, xcov(pairs="all"), xcov(pairs="auto"))
    assert request.spec(3).pairs == "all"
    (request,), _ = planned(facts, xcov(pairs=((2, 0),)))
    assert request.spec(3).pairs == ((0, 0), (2, 0), (2, 2))


def test_no_samples_are_planned_for_too():
    facts = Facts.of(Samples.of({"a": ([], []), "b": ([], [])}))
    (request,), _ = planned(facts, xcov())
    assert request.way in WAYS
