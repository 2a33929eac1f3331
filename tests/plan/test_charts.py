import pytest
from tests.plan.simulated import SimulatedJob

from learnsys.core.engine import local
from learnsys.core.errors import UnknownName
from learnsys.core.trace import Stop
from learnsys.plan import choose, profile, validate

JOB = SimulatedJob()
TRACES = JOB.probes(share=0.1, rounds=20)
PLANS = {"target": choose(TRACES, target=1e-3, workers="1-16"), "budget": choose(TRACES, budget="1s")}


@pytest.mark.parametrize("kind", ["decision", "convergence", "throughput"])
@pytest.mark.parametrize("asked", PLANS)
def test_a_plan_draws_itself(asked, kind, tmp_path):
    spec = PLANS[asked].chart(kind).to_dict()
    assert "newton" in str(spec)
    assert PLANS[asked].chart(kind).to_json().count("NaN") == 0


def test_the_decision_rings_the_choice():
    spec = PLANS["target"].chart().to_dict()
    values = (spec.get("data") or spec["layer"][0]["data"])["values"]
    chosen = {(v["method"], v["workers"]) for v in values if v["chosen"]}
    assert chosen == {(PLANS["target"].choice.method, PLANS["target"].choice.workers)}


def test_seconds_are_named_in_the_throughput():
    assert "measured" in PLANS["target"].chart("throughput").to_dict()["title"]


def test_an_unknown_chart_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="did you mean decision"):
        PLANS["target"].chart("decisions")


def test_saved_as_a_picture_and_as_a_table(tmp_path):
    assert PLANS["target"].save(tmp_path / "plan.svg").read_text().startswith("<svg")
    assert "newton" in PLANS["target"].save(tmp_path / "plan.csv").read_text()


def test_profile_and_validation_draw_themselves():
    trace, _ = JOB.run("newton", workers=1, stop=Stop(target=PLANS["target"].target), seed=3)
    spec = validate(PLANS["target"], trace).chart().to_dict()
    assert {v["what"] for v in spec["data"]["values"]} == {"predicted", "certified", "by the final bound"}
    with local(slots=1) as engine:
        assert "newton" in str(profile(JOB, engine=engine, workers=(1, 2)).chart("time").to_dict())
