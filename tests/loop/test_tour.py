"""The tour does the main job on real input, and what it claims can be checked from what it leaves behind."""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from learnsys.core.data import load
from learnsys.core.errors import BadFile
from learnsys.core.predictor import load as load_model
from learnsys.core.trace_file import read_traces
from learnsys.loop.machine_types import MachineChoice
from learnsys.loop.tour import HELD_OUT_FROM, QUICK, TARGET, take_tour
from learnsys.loop.tour_code import complete_client
from learnsys.machines import load_benchmark
from learnsys.plan import Plan


def test_it_ends_well_and_tells_how_far_it_is(tour):
    assert tour.returncode == 0, tour.stderr
    for stage in range(1, 11):
        assert f"{stage}/10" in tour.stderr
    left = {"report.html", "prediction.json", "machine.json", "trace.jsonl", "model"}
    assert {p.name for p in tour.out.iterdir()} == left


def test_the_prediction_was_made_before_the_run_and_without_it(tour):
    (trace,) = read_traces(tour.out / "trace.jsonl")
    plan = Plan.read(tour.out / "prediction.json")
    written = datetime.fromtimestamp((tour.out / "prediction.json").stat().st_mtime, UTC)
    assert written <= trace.started
    assert trace.id not in {probe.trace for probe in plan.probes}
    assert all(probe.rows < trace.data.n for probe in plan.probes), "probes are samples"


def test_the_run_is_the_plan_s_choice_and_met_the_target(tour):
    (trace,) = read_traces(tour.out / "trace.jsonl")
    choice = Plan.read(tour.out / "prediction.json").choice
    assert (trace.method, trace.workers) == (choice.method, choice.workers)
    assert trace.ended == "target"
    assert TARGET.met(trace.last)
    planned = tour.result["profile"]["planning"]["compile_s"]
    assert tour.result["compile_s"] == pytest.approx(planned + trace.compile_s), "compiling is told apart"
    assert len(tour.result["validation"]["checks"]) == 2


def test_the_certificate_holds_against_scikit_learn(tour):
    """No weights that another solver finds are below the certified bound."""
    (trace,) = read_traces(tour.out / "trace.jsonl")
    train, _ = _split()
    X = train.X.astype(np.float64)
    peer = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-10, solver="newton-cg", max_iter=500).fit(X, train.y)
    w, signs = peer.coef_[0], 2.0 * train.y - 1.0
    best = np.logaddexp(0, -signs * (X @ w)).mean() + 0.5 * trace.params["lam"] * (w @ w)
    assert trace.last.lower <= best * (1 + 1e-12)
    assert trace.last.loss <= best * (1 + TARGET.value)


def test_scores_are_those_of_the_saved_model(tour):
    _, test = _split()
    model = load_model(tour.out / "model")
    p = model.predict({model.inputs[0].name: test.X})["probability"]
    ours = next(s for s in tour.result["scores"] if s["model"] == "learnsys")
    assert ours["auc"] == pytest.approx(roc_auc_score(test.y, p), abs=1e-12)
    assert ours["auc"] > 0.65
    assert abs(ours["auc"] - next(s["auc"] for s in tour.result["scores"] if s["model"] == "scikit-learn")) < 0.005


def test_features_that_lag_tell_more_and_somebody_leads(tour):
    scores = {s["model"]: s["auc"] for s in tour.result["scores"]}
    assert scores["with features that lag"] > scores["learnsys"] + 0.04
    assert tour.result["leads"]
    for lead in tour.result["leads"]:
        assert 0 < lead["low_s"] <= lead["lag_s"] <= lead["high_s"]


def test_it_served_what_it_trained(tour):
    load_report = tour.result["load"]
    assert load_report["requests"] == QUICK.requests
    assert {s["status"] for s in load_report["statuses"]} <= {"200", "503"}
    assert next(s["count"] for s in load_report["statuses"] if s["status"] == "200") > 0.5 * QUICK.requests


def test_the_machine_was_predicted_before_it_ran_there_and_the_answer_is_honest(tour):
    predicted = msgspec.json.decode((tour.out / "machine.json").read_bytes(), type=MachineChoice)
    checked = msgspec.convert(tour.result["machine"], MachineChoice, strict=False)
    written = datetime.fromtimestamp((tour.out / "machine.json").stat().st_mtime, UTC)
    assert predicted.verified == ()
    assert predicted.predictions == checked.predictions, "what came did not change what was said"
    assert checked.to_verify not in {run.machine for run in checked.fingerprint.runs}
    assert (checked.to_verify is None) == (not checked.verified)
    for run in checked.verified:
        assert written <= run.started
        assert run.machine == checked.to_verify
    if checked.verified:
        low, high = (getattr(checked.expected.time_s, end) for end in ("low", "high"))
        assert checked.inside == (checked.measured_s is not None and low <= checked.measured_s <= high)


def test_every_shape_has_dollars_and_the_cheapest_an_hour_is_named(tour):
    predictions = tour.result["machine"]["predictions"]
    assert {p["machine"] for p in predictions} == set(load_benchmark("lab").keys)
    assert all(p["cost_usd"]["median"] > 0 and p["price"]["source"] for p in predictions)
    fitting = [p for p in predictions if p["p_fits"] >= 0.5]
    least = min(fitting, key=lambda p: (p["price"]["usd_hour"], p["time_s"]["median"]))
    choice = msgspec.convert(tour.result["machine"], MachineChoice, strict=False)
    assert dict(choice.lines())["cheapest per hour"].startswith(least["machine"])


def test_code_is_completed_as_the_model_that_ships_does(tour):
    first, *others = tour.result["code"]["items"]
    assert len(others) == 4
    assert (first["text"], first["origin"]) == ("flights", "file"), "what is counted, and what the tensor is made from"
    assert first["p"] > 0.5
    own = complete_client().items
    assert [item["text"] for item in tour.result["code"]["items"]] == [item.text for item in own]
    assert [item["p"] for item in tour.result["code"]["items"]] == pytest.approx([item.p for item in own], rel=1e-3)


def test_two_tours_make_the_same_model(tour, again):
    assert again.returncode == 0, again.stderr
    first, second = (sha256((t.out / "model" / "model.safetensors").read_bytes()).hexdigest() for t in (tour, again))
    assert first == second


def _split():
    data = load("nycflights")
    data = data.rows(np.linspace(0, len(data.y) - 1, QUICK.rows).astype(np.int64))
    late_in_month = data.extra["day"] >= HELD_OUT_FROM
    return data.rows(~late_in_month), data.rows(late_in_month)


@pytest.mark.parametrize("name", ["report.html", "prediction.json", "machine.json", "model"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, name, capsys):
    if name == "model":
        (tmp_path / name).write_text("not a model")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(BadFile):
        take_tour(tmp_path, QUICK)
    assert "1/9" not in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [name]
