import pytest
from tests.machines.decide import made

from learnsys.core.chart import save_chart
from learnsys.core.errors import UnknownName
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
    assert explanation.chart("families").to_dict()["mark"]["type"] == "boxplot"
    for kind in ("memory", "predicted", "families"):
        assert save_chart(explanation.chart(kind), tmp_path / f"{kind}.svg").read_text().startswith("<svg")
    with pytest.raises(UnknownName, match="predicted"):
        explanation.chart("predict")


def test_a_deadline_is_drawn_and_without_prices_families_are(job):
    with_deadline = rank(job, benchmark=made.benchmark(W=8), deadline=30.0).chart().to_dict()
    assert any("deadline" in str(layer["encoding"]) for layer in with_deadline["layer"])
    unpriced = rank(job, benchmark=made.benchmark(W=8, priced=False)).chart().to_dict()
    assert len(unpriced["layer"]) == 2
