import pytest
from tests.machines.decide import made

from learnsys.core.chart import save_chart
from learnsys.machines.charts import cliff_chart, error_chart, predicted_chart
from learnsys.machines.decide.explain import explain
from learnsys.machines.decide.rank import rank


def test_predicted_against_measured_has_the_line_of_equality(tmp_path):
    chart = predicted_chart([1.0, 8.0, 3.0], [1.1, 7.0, 3.5], ["a", "b", "a"])
    points, line = chart.to_dict()["layer"]
    assert len(points["data"]["values"]) == 3
    assert [v["at"] for v in line["data"]["values"]] == [1.0, 8.0]
    assert save_chart(chart, tmp_path / "p.svg").read_text().startswith("<svg")


def test_errors_are_drawn_by_family(tmp_path):
    chart = error_chart(["a", "a", "b"], [0.1, -0.1, 0.3])
    assert chart.to_dict()["mark"]["type"] == "boxplot"
    assert save_chart(chart, tmp_path / "e.svg").stat().st_size > 500


@pytest.fixture(scope="module")
def job():
    import numpy as np

    return made.job(made.speed(np.random.default_rng(1)), ["ash/c2.2", "birch/c4.4"])


def test_the_cliff_rises_with_memory(job):
    explanation = explain(job, benchmark=made.benchmark(W=8))
    fits = [p for _, p in explanation.memory]
    assert fits == sorted(fits)
    assert fits[0] < 0.05 < 0.95 < fits[-1]
    assert cliff_chart(explanation).to_dict()["mark"]["type"] == "line"


def test_a_deadline_is_drawn_and_without_prices_families_are(job):
    with_deadline = rank(job, benchmark=made.benchmark(W=8), deadline=30.0).chart().to_dict()
    assert any("deadline" in str(layer["encoding"]) for layer in with_deadline["layer"])
    unpriced = rank(job, benchmark=made.benchmark(W=8, priced=False)).chart().to_dict()
    assert len(unpriced["layer"]) == 2
