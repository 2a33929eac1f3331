import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.machines.decide import made

from learnsys.core.errors import InputError, UnknownMachine, UnknownName
from learnsys.core.result import encode_json
from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.rank import answer, ask, rank

ASKED = {"cost": {}, "time": {"objective": "time"}, "deadline": {"deadline": "20s"}, "ash": {"vendor": "ash"}}


@pytest.mark.parametrize("asked", ASKED)
def test_every_machine_that_comes_into_question_is_ranked_once(evidence, asked):
    ranking = answer(evidence, ask(**ASKED[asked]))
    keys = [r.machine for r in ranking.rows]
    assert len(keys) == len(set(keys)) == (8 if asked == "ash" else 16)


def test_least_cost_comes_first_among_those_that_fit(evidence):
    rows = answer(evidence, ask()).rows
    fit = [r for r in rows if r.p_fits > 0.5]
    assert rows[: len(fit)] == fit
    cost = [r.cost_usd.median for r in fit]
    assert cost == sorted(cost)
    assert len(rows) - len(fit) == 2, "1 core with 2 GiB does not hold 3 GiB"


def test_least_time_comes_first(evidence):
    ranking = answer(evidence, ask(objective="time"))
    times = [r.time_s.median for r in ranking.rows[: ranking.feasible]]
    assert times == sorted(times)


def test_a_prediction_is_consistent(evidence):
    for r in answer(evidence, ask(deadline=30.0, level=0.8)).rows:
        t, c = r.time_s, r.cost_usd
        assert t.low < t.median < t.high
        assert t.median < t.p90, "single runs spread around it"
        assert t.level == 0.8
        assert c.median == pytest.approx(t.median * r.price.usd_hour / 3600)
        assert 0 <= r.p_deadline <= 1
        assert r.source == ("measured" if r.machine in evidence.references else "predicted")
        assert r.slowdown.median == pytest.approx(t.median / np.exp(evidence.observed.log_s[0]))


@given(st.floats(1.0, 300.0), st.floats(0.05, 0.99))
def test_a_deadline_is_kept_with_the_probability_asked_for(evidence, deadline, p):
    ranking = answer(evidence, ask(deadline=deadline, p=p))
    likely = [r.p_deadline for r in ranking.rows]
    assert all(x >= p for x in likely[: ranking.feasible])
    cost = [r.cost_usd.median for r in ranking.rows[: ranking.feasible]]
    assert cost == sorted(cost)


@given(st.floats(5.0, 100.0))
def test_a_later_deadline_never_has_fewer_machines_nor_a_higher_cost(evidence, deadline):
    soon, late = (answer(evidence, ask(deadline=d)) for d in (deadline, 1.5 * deadline))
    assert late.feasible >= soon.feasible
    if soon.feasible:
        assert late.best.cost_usd.median <= soon.best.cost_usd.median


def test_the_bound_at_p_is_what_decides(evidence):
    ranking = answer(evidence, ask(deadline=20.0, p=0.9))
    bound = dict(zip(evidence.fitted.outline.keys, evidence.forecast.quantile(0.9), strict=True))
    for r in ranking.rows[: ranking.feasible]:
        assert bound[r.machine] <= 20.0 * (1 + 1e-9)


def test_without_prices_time_decides_and_cost_is_refused(truth):
    f = made.job(truth, ["ash/c2.2"])
    evidence = look(f, fit_for(made.benchmark(W=8, priced=False), ["ash/c2.2"]))
    ranking = answer(evidence, ask())
    assert ranking.objective == "time"
    assert ranking.best.cost_usd is None
    with pytest.raises(InputError, match="--objective time"):
        answer(evidence, ask(objective="cost"))


def test_prices_of_a_region_are_used_and_what_has_none_there_is_left_out(evidence):
    ranking = answer(evidence, ask(region="south"))
    assert {r.price.region for r in ranking.rows} == {"south"}
    with pytest.raises(UnknownName, match="did you mean south"):
        answer(evidence, ask(region="sout"))


def test_a_machine_that_was_not_ranked_gets_a_hint(evidence):
    with pytest.raises(UnknownMachine, match=r"did you mean ash/c2\.2"):
        answer(evidence, ask())["ash/c2.22"]


@pytest.mark.parametrize("bad", [{"p": 0}, {"p": 1.0}, {"level": 1.5}, {"deadline": 0}, {"deadline": "soon"}])
def test_what_cannot_be_asked_is_refused(bad):
    with pytest.raises(InputError):
        ask(**bad)


def test_the_front_has_the_fastest_and_the_cheapest(evidence):
    ranking = answer(evidence, ask())
    fit = [r for r in ranking.rows if r.p_fits > 0.5]
    assert ranking.front[0] == min(fit, key=lambda r: r.time_s.median).machine
    assert ranking.best.machine == ranking.front[-1]


def test_from_the_door(benchmark, fingerprint):
    ranking = rank(fingerprint, benchmark=benchmark, deadline="30s", max_price="$1")
    assert ranking[ranking.best.machine] == ranking.best


def test_shows_draws_and_saves_itself(evidence, tmp_path):
    ranking = answer(evidence, ask(deadline=20.0))
    text = ranking.table().markdown()
    assert "P(<=20 s)" in text
    assert "time (90 %)" in text
    whole = json.loads(encode_json(ranking))
    assert len(whole["rows"]) == 16
    assert list(whole["rows"][0]) == list(ranking.best.__struct_fields__)
    for kind in ("pareto", "families"):
        assert ranking.chart(kind).to_dict()["layer"]
    with pytest.raises(UnknownName, match="did you mean pareto"):
        ranking.chart("paretto")
    for suffix in (".json", ".csv", ".md", ".svg"):
        assert ranking.save(tmp_path / f"ranking{suffix}").stat().st_size > 500
