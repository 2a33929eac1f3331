"""The real server in a process of its own, asked by others' clients and by ours."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tritonclient.http as triton
from tests.serve.toys import ROOT, D, Toy, serving
from tritonclient.utils import InferenceServerException

from learnsys.core.errors import InputError, PortInUse
from learnsys.serve.server import bind, serve


@pytest.fixture(scope="module")
def url():
    with serving(fault="explode", slo="20s") as (url, _):
        yield url


@pytest.fixture
def client(url):
    with triton.InferenceServerClient(url.removeprefix("http://")) as client:
        yield client


def tensor(x, *, binary=True):
    made = triton.InferInput("x", list(x.shape), "FP64")
    made.set_data_from_numpy(x, binary_data=binary)
    return made


def post(url, x):
    """Ask by plain HTTP; (status, headers, object)."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    body = {"inputs": [{"name": "x", "shape": list(x.shape), "datatype": "FP64", "data": x.ravel().tolist()}]}
    try:
        connection.request("POST", "/v2/models/toy/infer", json.dumps(body))
        response = connection.getresponse()
        return response.status, response.headers, json.loads(response.read())
    finally:
        connection.close()


def test_triton_s_client_finds_it_live_ready_and_described(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("toy")
    assert client.is_model_ready("toy", "1")
    assert not client.is_model_ready("other")
    about = client.get_model_metadata("toy")
    assert about["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, D]}]
    assert client.get_server_metadata()["name"] == "learnsys"
    assert client.get_model_repository_index()[0]["name"] == "toy"


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
def test_triton_s_client_gets_the_right_answer(client, binary_in, binary_out):
    x = np.random.default_rng(0).standard_normal((5, D))
    outputs = None if binary_out is None else [triton.InferRequestedOutput("score", binary_data=binary_out)]
    result = client.infer("toy", [tensor(x, binary=binary_in)], outputs=outputs, request_id="r1")
    np.testing.assert_allclose(result.as_numpy("score"), x @ Toy().w, rtol=1e-12)
    assert result.get_response()["id"] == "r1"


@pytest.mark.parametrize("binary", [True, False])
def test_triton_s_client_is_told_of_a_wrong_shape(client, binary):
    with pytest.raises(InferenceServerException, match=r"shape \[2, 7\], but must have \[-1, 120\]") as caught:
        client.infer("toy", [tensor(np.zeros((2, 7)), binary=binary)])
    assert caught.value.status() == "400"


def test_triton_s_client_is_told_of_an_unknown_model(client):
    with pytest.raises(InferenceServerException, match="did you mean toy") as caught:
        client.infer("toi", [tensor(np.zeros((1, D)))])
    assert caught.value.status() == "404"


def test_many_at_once_each_get_their_own_answer_and_only_the_poisoned_fails(url):
    rng = np.random.default_rng(1)
    asked = [rng.standard_normal((int(n), D)) for n in rng.integers(1, 4, 120)]
    asked[50][0, 0] = 666
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda x: post(url, x), asked))
    for i, (x, (status, _, answer)) in enumerate(zip(asked, answers, strict=True)):
        if i == 50:
            assert status == 500
            assert "poison" in answer["error"]
        else:
            assert status == 200
            np.testing.assert_allclose(answer["outputs"][0]["data"], x @ Toy().w, rtol=1e-9)


def test_overloaded_it_sheds_with_a_hint_and_serves_the_rest():
    with serving(slo="250ms", sleep_s=0.11) as (url, _), ThreadPoolExecutor(32) as pool:
        # one batch takes 110 ms: of what comes at once, some must be told to come again
        answers = list(pool.map(lambda i: post(url, np.full((1, D), float(i))), range(96)))
    statuses = [status for status, _, _ in answers]
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    for i, (status, headers, answer) in enumerate(answers):
        if status == 503:
            assert headers["retry-after"] == "1"
        else:
            assert answer["outputs"][0]["data"] == [i * Toy().w.sum()]


def test_sigterm_answers_what_is_in_flight_then_exits_with_0():
    with serving(slo="30s", sleep_s=0.5) as (url, process), ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(post, url, np.ones((1, D))) for _ in range(3)]
        while metric(url, "requests_total") < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        answers = [w.result(timeout=60) for w in waiting]
        _, log = process.communicate(timeout=60)
    assert [status for status, _, _ in answers] == [200] * 3
    assert process.returncode == 0
    assert log.splitlines()[-1] == "drained; responses: 3 x 200"
    assert "Traceback" not in log


def metric(url, name):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"learnsys_{name}"))
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once_with_0(number):
    with serving() as (url, process):
        assert url.startswith("http://127.0.0.1:")
        process.send_signal(number)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    first, ready, last = log.splitlines()
    assert first == f"{url} serves toy within 1 s"
    assert ready.startswith("ready; toy: one row ")
    assert last == "drained; responses: none"


def test_a_model_that_hangs_keeps_neither_clients_nor_the_server():
    with serving(slo="1s", fault="hang") as (url, process):
        assert post(url, np.ones((1, D)))[0] == 200
        assert post(url, np.full((1, D), 666.0))[0] == 503
        assert post(url, np.ones((1, D)))[0] == 503
        with triton.InferenceServerClient(url.removeprefix("http://")) as client:
            assert client.is_server_live()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert log.splitlines()[-1] == "drained; responses: 1 x 200, 2 x 503"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["gc.freeze", "server.write_atomic", "server._Server.startup"])
def test_a_signal_between_warm_up_and_the_first_request_drains(moment, number, tmp_path):
    script = f"""
import gc, signal
from learnsys.serve import server
from tests.serve.toys import Toy
before = {moment}
def first_the_signal(*args, **kwargs):
    signal.raise_signal({int(number)})
    return before(*args, **kwargs)
{moment} = first_the_signal
server.serve([Toy()], port=0, announce={str(tmp_path / "url")!r})
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "drained; responses: none"


def test_sigterm_while_warming_up_ends_at_once_with_0():
    words = ["0", "", "1h", "", "3600"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serve.toys", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert "serves toy" in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_signal_that_comes_just_before_a_blocking_call_is_not_lost():
    script = """
import os, signal, threading, time
from learnsys.serve import server
from tests.serve.toys import Toy
def sleep_that_no_signal_ends(seconds):
    # as where the signal came after Python looked for it, and before the kernel slept
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(seconds)
time.sleep = sleep_that_no_signal_ends
server.serve([Toy(sleep_s=3600)], port=0)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_port_in_use_is_one_line_and_code_1():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "tests.serve.toys", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr == f"error: port {port} on 127.0.0.1 is in use; choose another: --port {port + 1}\n"


def test_a_port_in_use_is_known_before_anything_is_warmed_up():
    model = Toy()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        serve([model], port=taken.getsockname()[1])
    assert model.batches == []


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 99999), ("::zz", 0)])
def test_where_nobody_can_listen_is_refused(host, port):
    with pytest.raises(InputError, match="cannot listen"):
        bind(host, port)


@pytest.mark.parametrize(
    ("models", "slo", "says"), [([], "10ms", "no model"), ([Toy()], 0, "SLO"), ([Toy()], "soon", "no duration")]
)
def test_nonsense_is_refused(models, slo, says):
    with pytest.raises(InputError, match=says):
        serve(models, slo=slo, port=0)


def test_it_listens_on_this_machine_only_unless_told():
    with bind("127.0.0.1", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
    assert "127.0.0.1" in str(serve.__kwdefaults__["host"])


def test_garbage_on_the_wire_does_not_disturb_others(url):
    host, port = url.removeprefix("http://").split(":")
    for garbage in (
        b"\x16\x03\x01 not http\r\n\r\n",
        b"POST /v2/models/toy/infer HTTP/1.1\r\ncontent-length: 50\r\n\r\n{",
    ):
        with socket.create_connection((host, int(port))) as peer:
            peer.sendall(garbage)
    assert post(url, np.ones((1, D)))[0] == 200
