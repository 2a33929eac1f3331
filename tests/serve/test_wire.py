"""Raw bytes to the real server, from clients that do not behave."""

import http.client
import json
import socket
import struct

import pytest
from tests.serve.toys import D, serving

from learnsys.serve.wire import MAX_HEAD

BODY = json.dumps({"inputs": [{"name": "x", "shape": [1, D], "datatype": "FP64", "data": [0.0] * D}]}).encode()
ASK = b"POST /v2/models/toy/infer HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def server():
    """Address of a server; it must have written no traceback at the end."""
    with serving(slo="20s", sleep_s=0.01) as (url, process):
        host, port = url.removeprefix("http://").split(":")
        yield host, int(port)
        process.terminate()
        _, log = process.communicate(timeout=60)
    assert "Traceback" not in log
    assert log.splitlines()[-1].startswith("drained")


def status(peer):
    response = http.client.HTTPResponse(peer)
    response.begin()
    response.read()
    return response.status


def pour(peer):
    """Send 64 MB, unless the other side minds."""
    for _ in range(1000):
        peer.sendall(b"x" * MAX_HEAD)


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("answers", [0, 1])
@pytest.mark.parametrize("asked", [2, 3, 30])
def test_a_client_that_pipelines_and_leaves_disturbs_nobody(server, asked, answers, reset):
    for _ in range(5):
        with socket.create_connection(server, timeout=60) as peer:
            peer.sendall(ASK * asked)
            if answers:
                peer.recv(1)
            if reset:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.create_connection(server, timeout=60) as peer:
        peer.sendall(ASK)
        assert status(peer) == 200


def test_pipelined_requests_are_all_answered(server):
    with socket.create_connection(server, timeout=60) as peer, peer.makefile("rb") as lines:
        peer.sendall(ASK * 5)
        for _ in range(5):
            assert lines.readline().startswith(b"HTTP/1.1 200 ")
            length = 0
            while (line := lines.readline()) != b"\r\n":
                name, _, value = line.partition(b":")
                length = int(value) if name == b"content-length" else length
            assert json.loads(lines.read(length))["model_name"] == "toy"


@pytest.mark.parametrize("start", [b"GET /", b"GET /v2 HTTP/1.1\r\nhost: x\r\na: ", ASK + b"GET /v2 HTTP/1.1\r\na: "])
def test_a_head_without_end_is_refused(server, start):
    with socket.create_connection(server, timeout=60) as peer:
        peer.sendall(start)
        with pytest.raises(ConnectionError):
            pour(peer)


def test_a_head_that_is_too_large_is_told_so(server):
    with socket.create_connection(server, timeout=60) as peer:
        peer.sendall(b"GET /" + b"x" * MAX_HEAD)
        assert status(peer) == 400


def test_a_head_up_to_the_bound_is_read_however_it_comes(server):
    head = b"GET /v2 HTTP/1.1\r\nhost: x\r\na: " + b"x" * (MAX_HEAD - 200)
    with socket.create_connection(server, timeout=60) as peer:
        for part in (head, b"\r\n", b"b: c\r\n\r\n"):
            peer.sendall(part)
        assert status(peer) == 200


def test_a_long_body_is_no_head(server):
    body = b" " * (4 * MAX_HEAD) + BODY
    with socket.create_connection(server, timeout=60) as peer:
        peer.sendall(b"POST /v2/models/toy/infer HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert status(peer) == 200
