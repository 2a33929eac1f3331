"""The protocol's routes in process: what goes in over ASGI, what comes out."""

import asyncio
import json
import logging
import threading
import time

import numpy as np
import pytest
from tests.serve.toys import FAULTS, Toy

from learnsys.core.errors import InputError
from learnsys.core.predictor import TensorSpec
from learnsys.serve import app as module
from learnsys.serve.app import App
from learnsys.serve.runner import Runner

D = 3
LONG = 60.0


class Server:
    """An application whose requests can be told apart from each other."""

    def __init__(self, *models, slo_s=LONG, draining=lambda: False):
        self.runners = [Runner(m, slo_s=slo_s) for m in models or (Toy(d=D),)]
        self.app = App(self.runners, draining=draining)

    def ask(self, *requests):
        """Answer requests (method, path, body, headers) one after the other."""

        async def main():
            for r in self.runners:
                r.start()
            try:
                return [await call(self.app, *request) for request in requests]
            finally:
                for r in self.runners:
                    r.stop()

        answers = asyncio.run(main())
        return answers if len(answers) > 1 else answers[0]


class Answer:
    def __init__(self, messages):
        start, *bodies = messages
        self.status = start["status"]
        self.headers = dict(start["headers"])
        self.body = b"".join(b["body"] for b in bodies)
        assert int(self.headers[b"content-length"]) == len(self.body)

    @property
    def json(self):
        return json.loads(self.body)


async def call(app, method, path, body=b"", headers=(), *, receive=None):
    parts = [body] if isinstance(body, bytes) else list(body)
    messages = [{"type": "http.request", "body": p, "more_body": i + 1 < len(parts)} for i, p in enumerate(parts)]
    sent = []

    async def next_message():
        return messages.pop(0) if messages else await asyncio.Future()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    await app(scope, receive or next_message, send)
    return Answer(sent) if sent else None


def question(x, **fields):
    x = np.asarray(x, float)
    tensor = {"name": "x", "shape": list(x.shape), "datatype": "FP64", "data": x.ravel().tolist()} | fields
    return json.dumps({"inputs": [tensor]}).encode()


INFER, FEEDBACK = "/v2/models/toy/infer", "/v2/models/toy/feedback"


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("/v2", {"name": "learnsys"}),
        ("/v2/", {"name": "learnsys"}),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2/models/toy", {"name": "toy", "versions": ["1"]}),
        ("/v2/models/toy/versions/1", {"name": "toy"}),
        ("/v2/models/toy/ready", {"name": "toy", "ready": True}),
        ("/v2/models/toy/versions/1/ready", {"ready": True}),
    ],
)
def test_what_can_be_got(path, holds):
    answer = Server().ask(("GET", path))
    assert answer.status == 200
    assert answer.json.items() >= holds.items()


@pytest.mark.parametrize("path", [INFER, f"{INFER}/", "/v2/models/toy/versions/1/infer"])
def test_inference(path):
    x = [[1, 2, 3], [4, 5, 6]]
    answer = Server().ask(("POST", path, question(x)))
    assert answer.status == 200
    assert answer.json == {
        "model_name": "toy",
        "model_version": "1",
        "outputs": [{"name": "score", "datatype": "FP64", "shape": [2], "data": [14.0, 32.0]}],
    }


def test_a_body_in_pieces_is_one_body():
    raw = question([[1, 2, 3]])
    answer = Server().ask(("POST", INFER, [raw[:5], raw[5:6], b"", raw[6:]]))
    assert answer.json["outputs"][0]["data"] == [14.0]


def test_the_last_version_is_the_default_and_each_can_be_named():
    old, new = Toy(d=D), Toy(d=D)
    new.version, new.w = "2", new.w * 10
    server = Server(old, new)
    default, first, second = server.ask(
        ("POST", INFER, question([[1, 2, 3]])),
        ("POST", "/v2/models/toy/versions/1/infer", question([[1, 2, 3]])),
        ("POST", "/v2/models/toy/versions/2/infer", question([[1, 2, 3]])),
    )
    assert [a.json["outputs"][0]["data"] for a in (default, first, second)] == [[140.0], [14.0], [140.0]]
    index = server.ask(("POST", "/v2/repository/index"))
    assert [(m["name"], m["version"]) for m in index.json] == [("toy", "1"), ("toy", "2")]


BAD = {
    "wrong shape": (("POST", INFER, question([[1, 2]])), 400, r"shape [1, 2], but must have [-1, 3]"),
    "wrong dtype": (("POST", INFER, question([[1, 2, 3]], datatype="FP32")), 400, "float32, but must be FP64"),
    "unknown input": (("POST", INFER, question([[1, 2, 3]], name="X1")), 400, "unknown input 'X1'"),
    "malformed JSON": (("POST", INFER, b"{"), 400, "no inference request"),
    "bad header": (("POST", INFER, b"{}", [(b"inference-header-content-length", b"x")]), 400, "no number"),
    "absurd header": (("POST", INFER, b"{}", [(b"inference-header-content-length", b"9" * 5000)]), 400, "no number"),
    "absurd length": (("POST", INFER, b"{}", [(b"content-length", b"9" * 5000)]), 413, "larger than"),
    "deep": (("POST", INFER, b'{"inputs": ' + b"[" * 100_000), 400, "no inference request"),
    "deep data": (("POST", INFER, question([[1, 2, 3]]).replace(b"[1.0, 2.0", b"[" * 100_000)), 400, "recursion"),
    "deep elsewhere": (("POST", INFER, b'{"parameters": {"a": ' + b"[" * 100_000), 400, "recursion"),
    "deep and closed": (
        ("POST", INFER, question([[1, 2, 3]]).replace(b"[1.0, 2.0, 3.0]", b"[" * 900 + b"]" * 900)),
        400,
        "FP64",
    ),
    "unknown model": (("POST", "/v2/models/tay/infer", question([[1, 2, 3]])), 404, "did you mean toy?"),
    "unknown version": (("GET", "/v2/models/toy/versions/9"), 404, "known: 1"),
    "unknown path": (("GET", "/v2/health/life"), 404, "/v2/health/live"),
    "feedback for nothing": (("POST", FEEDBACK, b'{"id": "1", "reward": 1}'), 400, "no answer with id '1' waits"),
    "no feedback": (("POST", FEEDBACK, b"1"), 400, "this is no feedback"),
    "feedback by get": (("GET", FEEDBACK), 405, "use POST"),
    "get instead of post": (("GET", INFER), 405, "use POST"),
    "post instead of get": (("POST", "/v2/models/toy"), 405, "use GET"),
    "compressed": (("POST", INFER, b"", [(b"content-encoding", b"gzip")]), 415, "gzip"),
    "announced too large": (("POST", INFER, b"", [(b"content-length", b"99999999")]), 413, "larger than"),
    "too large": (("POST", INFER, [b" " * 9_000_000, b" " * 9_000_000]), 413, "larger than"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_and_the_next_request_is_fine(case):
    request, status, says = BAD[case]
    answer, after = Server().ask(request, ("POST", INFER, question([[1, 2, 3]])))
    assert answer.status == status
    assert set(answer.json) == {"error"}
    assert says in answer.json["error"]
    assert after.status == 200
    if status == 405:
        assert answer.headers[b"allow"] in (b"GET", b"POST")


@pytest.mark.parametrize("came", [[], [{"type": "http.request", "body": b"{", "more_body": True}]])
def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch, came):
    monkeypatch.setattr(module, "BODY_S", 0.01)

    async def main():
        first = list(came)

        async def receive():
            return first.pop() if first else await asyncio.Future()

        return await call(Server().app, "POST", INFER, receive=receive)

    assert asyncio.run(main()).status == 408


def test_a_model_that_fails_is_a_500_with_its_words():
    server = Server(Toy(d=D, fault=FAULTS["explode"]))
    bad, good = server.ask(("POST", INFER, question([[666, 0, 0]])), ("POST", INFER, question([[1, 2, 3]])))
    assert bad.status == 500
    assert "ZeroDivisionError: poison" in bad.json["error"]
    assert good.status == 200


def test_an_error_of_our_own_is_a_500_without_its_words(monkeypatch, caplog):
    def broken(*args):
        raise KeyError("secret")

    monkeypatch.setattr(module, "write_answer", broken)
    with caplog.at_level(logging.ERROR, logger="learnsys.serve"):
        answer = Server().ask(("POST", INFER, question([[1, 2, 3]])))
    assert answer.status == 500
    assert "secret" not in answer.json["error"]
    assert "secret" in caplog.text


def test_what_cannot_be_answered_in_time_is_shed_with_a_hint():
    class Stuck(Toy):
        def predict(self, batch):
            gate.wait(LONG)
            return super().predict(batch)

    gate = threading.Event()
    answer = Server(Stuck(d=D), slo_s=0.02).ask(("POST", INFER, question([[1, 2, 3]])))
    gate.set()
    assert answer.status == 503
    assert answer.headers[b"retry-after"] == b"1"
    assert "overloaded" in answer.json["error"]


def test_a_client_that_leaves_the_queue_is_not_run():
    class Gate(Toy):
        def predict(self, batch):
            gate.wait(LONG)
            return super().predict(batch)

    gate, model = threading.Event(), Gate(d=D)
    server = Server(model)

    async def main():
        server.runners[0].start()
        raw = question([[1, 2, 3]])
        first = asyncio.ensure_future(call(server.app, "POST", INFER, raw))
        await asyncio.sleep(0)
        leaving = [{"type": "http.disconnect"}, {"type": "http.request", "body": raw}]

        async def receive():
            return leaving.pop()

        gone = await call(server.app, "POST", INFER, receive=receive)
        gate.set()
        server_answer = await first
        server.runners[0].stop()
        return gone, server_answer

    gone, answer = asyncio.run(main())
    assert gone is None
    assert answer.status == 200
    assert model.batches == [1]
    assert server.runners[0].metrics.statuses == {200: 1, 499: 1}


def test_draining_is_not_ready_but_live_and_still_answers():
    ready, model_ready, live, infer = Server(draining=lambda: True).ask(
        ("GET", "/v2/health/ready"),
        ("GET", "/v2/models/toy/ready"),
        ("GET", "/v2/health/live"),
        ("POST", INFER, question([[1, 2, 3]])),
    )
    assert (ready.status, ready.json) == (503, {"ready": False})
    assert model_ready.status == 503
    assert live.status == infer.status == 200


def test_a_hung_model_is_not_ready_and_the_other_is():
    class Stuck(Toy):
        def predict(self, batch):
            gate.wait(LONG)
            return super().predict(batch)

    gate = threading.Event()
    server = Server(Stuck("stuck", d=D), Toy(d=D), slo_s=0.01)

    async def main():
        for runner in server.runners:
            runner.start()
        assert (await call(server.app, "GET", "/v2/health/ready")).status == 200
        await call(server.app, "POST", "/v2/models/stuck/infer", question([[1, 2, 3]]))
        server.runners[0].clock = lambda: time.monotonic() + 2.0
        answers = [await call(server.app, "GET", f"/v2/{p}/ready") for p in ("models/stuck", "models/toy", "health")]
        answers.append(await call(server.app, "POST", "/v2/repository/index"))
        gate.set()
        for runner in server.runners:
            runner.stop()
        return answers

    stuck, toy, everything, index = asyncio.run(main())
    assert (stuck.status, stuck.json) == (503, {"name": "stuck", "ready": False})
    assert (toy.status, everything.status) == (200, 503)
    assert [m["state"] for m in index.json] == ["UNAVAILABLE", "READY"]


def test_rewards_reach_the_version_that_answered():
    new = Toy(d=D)
    new.version = "2"
    asked = json.dumps({"id": "a", **json.loads(question([[1, 2, 3]]))}).encode()
    old = "/v2/models/toy/versions/1"
    *_, judged, again, other, metrics = Server(Toy(d=D), new).ask(
        ("POST", INFER, asked), ("POST", f"{old}/infer", asked), ("POST", INFER, question([[1, 2, 3]])),
        ("POST", f"{old}/feedback", b'{"id": "a", "reward": 0}'),
        ("POST", f"{old}/feedback", b'{"id": "a", "reward": 0}'),
        ("POST", f"{FEEDBACK}/", b'{"id": "a", "reward": 0.5}'), ("GET", "/metrics"),
    )  # fmt: skip
    assert (judged.status, judged.json) == (200, {"reward": 0.0})
    assert (again.status, other.status) == (400, 200)
    lines = metrics.body.decode().splitlines()
    for version, count, total in ((1, 1, 0.0), (2, 1, 0.5)):
        assert f'learnsys_rewarded_total{{model="toy/{version}"}} {count}' in lines
        assert f'learnsys_reward_total{{model="toy/{version}"}} {total}' in lines


def test_what_was_not_answered_is_not_judged():
    wrong = json.dumps({"id": "a", **json.loads(question([[1, 2]]))}).encode()
    refused, judged = Server().ask(("POST", INFER, wrong), ("POST", FEEDBACK, b'{"id": "a", "reward": 1}'))
    assert (refused.status, judged.status) == (400, 400)


def test_metrics_count_what_happened():
    *_, metrics = Server().ask(
        ("POST", INFER, question([[1, 2, 3]])), ("POST", INFER, question([[1, 2]])), ("GET", "/metrics")
    )
    assert 'learnsys_responses_total{model="toy/1",status="200"} 1' in metrics.body.decode()
    assert 'learnsys_responses_total{model="toy/1",status="400"} 1' in metrics.body.decode()
    assert 'learnsys_batched_rows_total{model="toy/1"} 1' in metrics.body.decode()


def test_models_that_cannot_be_told_apart_are_refused():
    with pytest.raises(InputError, match="two models"):
        Server(Toy(d=D), Toy(d=D))
    with pytest.raises(InputError, match="cannot"):
        Server(Toy("a/b", d=D))


class Shout(Toy):
    """Texts in, texts out."""

    inputs = (TensorSpec(name="said", dtype="BYTES", shape=(None,)),)
    outputs = (TensorSpec(name="loud", dtype="BYTES", shape=(None,)),)

    def __init__(self):
        self.name, self.max_rows = "shout", None

    def predict(self, batch):
        return {"loud": np.array([text.upper() for text in batch["said"]], object)}


def test_a_model_of_texts():
    def said(*texts):
        return json.dumps(
            {"inputs": [{"name": "said", "shape": [len(texts)], "datatype": "BYTES", "data": texts}]}
        ).encode()

    ok, bad = Server(Shout()).ask(
        ("POST", "/v2/models/shout/infer", said("delay", "desk")), ("POST", "/v2/models/shout/infer", said(5))
    )
    assert ok.json["outputs"] == [{"name": "loud", "datatype": "BYTES", "shape": [2], "data": ["DELAY", "DESK"]}]
    assert bad.status == 400
