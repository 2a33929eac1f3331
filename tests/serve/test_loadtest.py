import json
import re

import numpy as np
import pytest
from tests.serve import naive
from tests.serve.stub import OK, stub
from tests.serve.toys import serving

from learnsys.core.errors import BadFile, InputError, UnknownName
from learnsys.core.predictor import DTYPES, TensorSpec, check_batch
from learnsys.serve import loadtest
from learnsys.serve.client import Endpoint
from learnsys.serve.loadtest import load, read_rows
from learnsys.serve.openloop import LOST, TIMEOUT, Outcomes
from learnsys.serve.protocol import read_question
from learnsys.serve.types import LoadReport


@pytest.fixture(scope="module")
def report():
    """A test against a stub in which every fifth request is shed."""
    with stub(status=lambda k: "503 No" if k % 5 == 0 else OK) as server:
        return load(server.url, rate=300, requests=100, slo="1s", seed=1)


def test_every_request_is_counted_once(report):
    assert report.requests == 100
    assert {s.status: s.count for s in report.statuses} == {"200": 80, "503": 20}
    assert sum(b.count for b in report.bins) == 80
    assert sum(s.due for s in report.timeline) == 100
    assert report.within <= 80
    assert report.goodput == report.within / report.elapsed_s


def test_what_was_given_up_does_not_stretch_the_time():
    due = np.arange(1000) / 100
    status, done = np.full(1000, 200), due + 0.001
    for lost, how, given_up in ((700, TIMEOUT, 14.9), (800, LOST, 12.0)):
        status[lost], done[lost] = how, given_up
    summary = loadtest._summary(Outcomes(due_s=due, sent_s=due, done_s=done, status=status), 0.01)
    assert summary["within"] / summary["elapsed_s"] == pytest.approx(99.8, rel=0.002)


def test_a_test_in_which_nothing_was_answered_has_a_time_too():
    with stub(status=lambda k: None) as server:
        report = load(server.url, rate=100, requests=1, arrivals="uniform")
    assert report.elapsed_s > 0
    assert report.goodput == 0


def test_the_table_has_a_row_a_status_and_says_what_is_counted(report):
    table = report.table()
    assert [row[:3] for row in table.rows] == [("200", 80, 0.8), ("503", 20, 0.2)]
    assert "due" in table.notes[1]


@pytest.mark.parametrize("kind", [None, "latency", "timeline"])
def test_charts_are_drawn(report, kind, tmp_path):
    spec = report.chart(kind).to_dict()
    drawn = json.dumps(spec)
    assert "1000" in drawn, "the SLO in ms is in the picture"
    if kind is None:
        assert report.save(tmp_path / "latency.svg").read_text().startswith("<svg")


def test_an_unknown_chart_is_refused(report):
    with pytest.raises(UnknownName, match="did you mean latency"):
        report.chart("latencies")


def test_it_saves_as_json_and_reads_back(report, tmp_path):
    import msgspec

    path = report.save(tmp_path / "load.json")
    assert msgspec.json.decode(path.read_bytes(), type=LoadReport) == report


def test_given_rows_are_sent_in_turn():
    x = np.arange(10.0).reshape(5, 2)
    with stub() as server:
        load(server.url, rate=500, requests=4, rows=2, inputs={"x": x}, connections=1)
        sent = [json.loads(b)["inputs"][0] for b in server.bodies]
    assert [s["data"] for s in sent] == [[0, 1, 2, 3], [4, 5, 6, 7]] * 2
    assert all(s["shape"] == [2, 2] and s["datatype"] == "FP64" for s in sent)


def test_random_rows_are_those_of_the_seed():
    def bodies(seed):
        with stub() as server:
            load(server.url, rate=1000, requests=5, seed=seed, connections=1)
            return server.bodies

    assert bodies(1) == bodies(1) != bodies(2)


def test_a_percentile_is_that_of_the_sorted_samples(monkeypatch):
    kept = {}
    summary = loadtest._summary
    monkeypatch.setattr(loadtest, "_summary", lambda o, slo_s: kept.update(o=o) or summary(o, slo_s))
    with stub(delay_s=lambda k: 0.001 * (k % 4)) as server:
        report = load(server.url, rate=200, requests=60)
    latency = (kept["o"].done_s - kept["o"].due_s).tolist()
    assert report.answered.p50_s == naive.percentile(latency, 0.5)
    assert report.answered.p99_s == naive.percentile(latency, 0.99)
    assert report.within == sum(x <= 0.010 for x in latency)


BAD = {
    "no rows": ({"rows": 0}, "rows is 0"),
    "no connections": ({"connections": 0}, "connections is 0"),
    "negative seed": ({"seed": -1}, "seed is -1, but must be at least 0"),
    "no rate": ({"rate": 0.0}, "rate"),
    "no duration": ({"slo": "fast"}, "no duration"),
    "wrong width": ({"inputs": {"x": np.zeros((3, 5))}}, "must have"),
    "wrong name": ({"inputs": {"z": np.zeros((3, 2))}}, "unknown input"),
    "too many rows": ({"rows": 10**12}, "1,000,000,000,000 rows takes at least .* and the server reads 16 MiB"),
    "too many bytes": ({"rows": 3_000_000, "encoding": "binary"}, "3,000,000 rows takes at least"),
    "too long a text": ({"rows": 700_000}, "700,000 rows takes at least"),
    "too few rows": ({"inputs": {"x": np.zeros((3, 2))}, "rows": 4}, "3 rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_before_a_request_is_sent(case):
    arguments, says = BAD[case]
    with stub() as server:
        with pytest.raises((InputError, UnknownName), match=says):
            load(server.url, **({"requests": 3} | arguments))
        assert server.bodies == []


def test_rows_from_a_file(tmp_path):
    np.savez(tmp_path / "rows.npz", x=np.ones((3, 2)))
    assert read_rows(tmp_path / "rows.npz")["x"].shape == (3, 2)
    (tmp_path / "bad.npz").write_text("no")
    for path in ("none.npz", "bad.npz"):
        with pytest.raises(BadFile, match=path):
            read_rows(tmp_path / path)


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_random_rows_of_every_datatype_read_back(encoding):
    specs = tuple(TensorSpec(name=d, dtype=d, shape=(None, 2)) for d in DTYPES)
    endpoint = Endpoint(host="h", port=1, path="/m", model="m", version="1", inputs=specs)
    for message in loadtest._messages(endpoint, None, rows=3, encoding=encoding, most=2, seed=0):
        head, _, body = message.partition(b"\r\n\r\n")
        length = re.search(rb"inference-header-content-length: (\d+)", head)
        question = read_question(body, int(length[1]) if length else None, ())
        assert check_batch(question.inputs, specs) == 3


@pytest.mark.parametrize("encoding", ["json", "binary"])
def test_against_the_real_server(encoding):
    with serving(slo="10s") as (url, _):
        report = load(url, rate=200, requests=50, rows=3, encoding=encoding, slo="10s")
    assert [s.status for s in report.statuses] == ["200"]
    assert report.within == 50
    assert report.model == "toy"


def test_several_models_need_a_name():
    with serving(names=("a", "b")) as (url, _):
        with pytest.raises(InputError, match="choose one: --model"):
            load(url, requests=1)
        assert load(url, model="b", requests=3, slo="10s").model == "b"
