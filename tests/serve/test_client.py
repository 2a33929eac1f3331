import socket
import time
from contextlib import ExitStack

import pytest
from tests.serve.stub import stub

from learnsys.core.errors import InputError, UnknownName
from learnsys.serve.client import Connection, Unreachable, find, resolve


def test_finds_the_only_model():
    with stub() as server:
        endpoint = find(server.url)
    assert (endpoint.model, endpoint.version, endpoint.path) == ("stub", "1", "/v2/models/stub")
    assert [(s.name, s.dtype, s.shape) for s in endpoint.inputs] == [("x", "FP64", (None, 2))]


def test_an_unknown_model_is_named_with_the_next():
    with stub() as server, pytest.raises(UnknownName, match="did you mean stub"):
        find(server.url, "stup")


@pytest.mark.parametrize("url", ["https://127.0.0.1", "ftp://x", "http://", "http://127.0.0.1:99999"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises((InputError, Unreachable)):
        find(url)


def test_no_server_is_said_with_the_next_step():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="learnsys serve run"):
        find(f"http://127.0.0.1:{port}")


def test_a_server_of_something_else_is_said():
    with stub(), socket.create_server(("127.0.0.1", 0)) as listener:
        import threading

        def talk():
            peer, _ = listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"SSH-2.0-nothing\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(Unreachable):
            find(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()


def receive(connection):
    for _ in range(500):
        if (status := connection.receive()) is not None:
            return status
        time.sleep(0.01)
    raise AssertionError("no answer")


def test_a_connection_is_used_again():
    with stub(status=lambda k: ["200 OK", "503 No"][k]) as server:
        endpoint = find(server.url)
        connection = Connection(resolve(endpoint.host, endpoint.port))
        assert connection.send(0, endpoint.message(b"{}"))
        assert receive(connection) == 200
        assert connection.reusable
        assert connection.send(1, endpoint.message(b"{}"))
        assert receive(connection) == 503
        connection.close()


def test_connection_close_is_obeyed():
    with stub(close=lambda k: True) as server:
        endpoint = find(server.url)
        connection = Connection(resolve(endpoint.host, endpoint.port))
        connection.send(0, endpoint.message(b"{}"))
        assert receive(connection) == 200
        assert not connection.reusable
        connection.close()


def test_a_closed_connection_and_bad_http_are_errors_of_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for reply in (b"", b"nonsense\r\n\r\n"):
            connection = Connection((socket.AF_INET, listener.getsockname()))
            peer, _ = listener.accept()
            with peer:
                peer.sendall(reply)
            with pytest.raises(ConnectionError):
                receive(connection)
            connection.close()


def test_a_message_says_where_its_json_ends():
    with stub() as server:
        endpoint = find(server.url)
    head, _, body = endpoint.message(b"{}binary", 2).partition(b"\r\n\r\n")
    assert body == b"{}binary"
    assert b"content-length: 8" in head
    assert b"inference-header-content-length: 2" in head


def test_of_the_addresses_of_a_host_the_one_that_answers_is_taken():
    with stub() as server:
        port = find(server.url).port
        assert resolve("localhost", port) == (socket.AF_INET, ("127.0.0.1", port))


def test_a_connection_does_not_wait_for_a_server_that_does_not_accept():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = (socket.AF_INET, listener.getsockname())
        connections = [Connection(address) for _ in range(4)]  # the backlog is full: some stay on the way
        assert not all(c.send(0, b"x") for c in connections)
        assert [c.receive() for c in connections] == [None] * 4
        for c in connections:
            c.close()


def test_a_connection_that_is_refused_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()

    def ask():
        with ExitStack() as stack:
            connection = Connection((socket.AF_INET, address))
            stack.callback(connection.close)
            connection.send(0, b"x")
            receive(connection)

    with pytest.raises(ConnectionError):  # at once or later, as the system has it
        ask()
