import pytest
from tests.machines.decide import made

from learnsys.core.chart import save_chart
from learnsys.core.errors import UnknownName
from learnsys.machines import charts
from learnsys.machines.decide.explain import explain
from learnsys.machines.decide.rank import rank


@pytest.fixture(scope="module")
def job():
    import numpy as np

    return made.job(made.speed(np.random.default_rng(1)), ["ash/c2.2", "birch/c4.4"])


def test_the_cliff_rises_with_memory(job):
    explanation = explain(job, benchmark=made.benchmark(W=8))
    fits = [p for _, p in explanation.memory]
    assert fits == sorted(fits)
    assert fits[0] < 0.05 < 0.95 < fits[-1]
    assert explanation.chart().to_dict()["mark"]["type"] == "line"


def test_what_was_left_out_is_drawn_as_predicted_and_as_measured(job, tmp_path):
    made_here = made.benchmark(W=8)
    explanation = explain(job, benchmark=made_here)
    at = {w.name: i for i, w in enumerate(made_here.workloads)}
    for h in explanation.held_out:
        truth = made_here.seconds[at[h.workload], made_here.keys.index(h.machine)]
        assert h.measured_s == pytest.approx(truth, rel=1e-5)
        assert 0.2 < h.predicted_s / h.measured_s < 5
        assert h.machine not in ("ash/c2.2", "birch/c4.4"), "a reference is not predicted"
    points, line = explanation.chart("predicted").to_dict()["layer"]
    assert len(points["data"]["values"]) == len(explanation.held_out) == 8 * (len(made_here.keys) - 2)
    assert line["mark"]["type"] == "line"
    boxes, right = explanation.chart("families").to_dict()["layer"]
    assert boxes["mark"]["type"] == "boxplot"
    assert right["data"]["values"] == [{"ratio": 1.0}], "where a prediction is right"
    for kind in ("memory", "predicted", "families"):
        assert save_chart(explanation.chart(kind), tmp_path / f"{kind}.svg").read_text().startswith("<svg")
    with pytest.raises(UnknownName, match="predicted"):
        explanation.chart("predict")


def test_of_very_many_families_the_fastest_are_drawn(job, monkeypatch):
    monkeypatch.setattr(charts, "_ROWS", 1)
    drawn = rank(job, benchmark=made.benchmark(W=8)).chart("families").to_dict()
    assert "the 1 fastest of 2 machine families" in drawn["layer"][0]["title"]["subtitle"]
    assert {p["family"] for p in drawn["data"]["values"]} == {"birch"}
    one = rank(job, benchmark=made.benchmark(W=8), vendor="ash").chart("families").to_dict()
    assert one["layer"][0]["encoding"]["y"]["field"] == "vm", "of one family, a row a machine"


def test_of_many_points_those_of_the_front_show_intervals_and_what_is_too_small_is_hollow(job, monkeypatch, tmp_path):
    ranking = rank(job, benchmark=made.benchmark(W=8))
    few = ranking.chart().to_dict()
    assert "hollow: its memory is too small" in few["layer"][0]["title"]["subtitle"]
    assert "transform" not in few["layer"][0]
    monkeypatch.setattr(charts, "_BARRED", 5)
    many = ranking.chart()
    assert "datum.front" in many.to_dict()["layer"][0]["transform"][0]["filter"]
    assert save_chart(many, tmp_path / "many.svg").read_text().count(ranking.front[0]) >= 2, "named, on white"


def test_a_deadline_is_drawn_and_without_prices_families_are(job):
    with_deadline = rank(job, benchmark=made.benchmark(W=8), deadline=30.0).chart().to_dict()
    assert any("deadline" in str(layer["encoding"]) for layer in with_deadline["layer"])
    unpriced = rank(job, benchmark=made.benchmark(W=8, priced=False)).chart().to_dict()
    assert [layer["mark"]["type"] for layer in unpriced["layer"]] == ["bar", "point", "point"]
