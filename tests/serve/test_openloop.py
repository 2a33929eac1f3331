"""The open loop against a server with known delays; of times only lower bounds are asserted: load cannot break them."""

import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.serve import naive
from tests.serve.stub import OK, stub

from learnsys.core.errors import InputError
from learnsys.serve.client import find
from learnsys.serve.openloop import LOST, MOST, TIMEOUT, OpenLoop, schedule


def drive(server, due, *, connections=4, timeout_s=5.0, bodies=(b"{}",)):
    endpoint = find(server.url)
    loop = OpenLoop(
        endpoint.host, endpoint.port, [endpoint.message(b) for b in bodies], np.array(due, float),
        connections=connections, timeout_s=timeout_s,
    )  # fmt: skip
    return loop.run()


def test_a_stall_is_in_the_latency_of_all_that_were_due_meanwhile():
    due = np.arange(30) * 0.01
    with stub(delay_s=lambda k: 0.25 if k == 3 else 0.0) as server:
        outcomes = drive(server, due)
    latency = outcomes.done_s - outcomes.due_s
    # a closed loop would have seen one slow request; 25 requests were due during the stall
    stalled = (due > due[3]) & (due < due[3] + 0.25)
    assert stalled.sum() > 20
    assert (latency[stalled] >= due[3] + 0.25 - due[stalled]).all()
    assert (outcomes.status == 200).all()


@pytest.mark.parametrize("connections", [1, 8])
def test_latency_is_at_least_that_of_a_queue_with_one_server(connections):
    due = schedule(200, seconds=None, requests=40, seed=1)
    with stub(delay_s=lambda k: 0.008) as server:
        outcomes = drive(server, due, connections=connections)
    done = np.sort(outcomes.done_s)
    assert (done >= np.array(naive.lindley(due, 0.008)) - 1e-6).all()


def test_nothing_is_sent_before_it_is_due():
    due = schedule(500, seconds=None, requests=60, seed=2)
    with stub() as server:
        outcomes = drive(server, due)
    assert (outcomes.sent_s >= outcomes.due_s).all()
    assert (outcomes.done_s >= outcomes.sent_s).all()


def test_each_request_is_sent_once_and_messages_take_turns():
    with stub() as server:
        drive(server, np.arange(7) * 0.02, bodies=(b'"a"', b'"b"', b'"c"'), connections=1)
        assert server.bodies == [b'"a"', b'"b"', b'"c"'] * 2 + [b'"a"']


def test_a_long_body_goes_out_in_pieces():
    body = b'"' + b"x" * 6_000_000 + b'"'
    with stub(delay_s=lambda k: 0.05) as server:
        outcomes = drive(server, [0.0, 0.0, 0.0], bodies=(body,))
        assert server.bodies == [body] * 3
    assert (outcomes.status == 200).all()


def test_statuses_are_kept_apart():
    with stub(status=lambda k: [OK, "503 Service Unavailable", "400 Bad Request"][k % 3]) as server:
        outcomes = drive(server, np.arange(9) * 0.01, connections=1)
    assert outcomes.status.tolist() == [200, 503, 400] * 3


def test_a_connection_that_is_closed_is_opened_again():
    with stub(close=lambda k: k % 2 == 0) as server:
        outcomes = drive(server, np.arange(8) * 0.03, connections=1)
        assert server.connections > 4
    assert (outcomes.status == 200).all()


def test_a_server_that_hangs_up_loses_that_request_only():
    with stub(status=lambda k: None if k == 2 else OK) as server:
        outcomes = drive(server, np.arange(6) * 0.03, connections=1)
    assert outcomes.status.tolist() == [200, 200, LOST, 200, 200, 200]


def test_no_server_at_all_is_lost_not_an_error():
    with stub() as server:
        endpoint = find(server.url)
    loop = OpenLoop(endpoint.host, endpoint.port, [b"x"], np.arange(5) * 0.001, connections=2, timeout_s=1.0)
    assert loop.run().status.tolist() == [LOST] * 5


def test_a_server_that_hangs_ends_the_test_all_the_same():
    with stub(delay_s=lambda k: 30.0 if k == 1 else 0.0) as server:
        outcomes = drive(server, np.arange(6) * 0.01, connections=2, timeout_s=0.3)
    assert outcomes.status[0] == 200
    assert (outcomes.status[1:] == TIMEOUT).all()
    assert ((outcomes.done_s - outcomes.due_s)[1:] >= 0.2).all()


def test_a_server_that_does_not_accept_delays_no_request_of_others_and_ends_in_time():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        host, port = listener.getsockname()
        loop = OpenLoop(host, port, [b"x"], np.arange(20) * 0.01, connections=8, timeout_s=0.2)
        outcomes = loop.run()
    assert (outcomes.status == TIMEOUT).all()
    # waiting for each connection would have blocked the loop for two seconds each, and most would never have been due
    assert np.count_nonzero(~np.isnan(outcomes.sent_s)) >= 8


@given(st.floats(0.1, 1000), st.integers(1, 500), st.integers(0, 5))
def test_uniform_arrivals_keep_the_rate(rate, n, seed):
    due = schedule(rate, seconds=None, requests=n, arrivals="uniform", seed=seed)
    np.testing.assert_allclose(due, np.arange(n) / rate)


def test_poisson_arrivals_keep_the_rate_and_scatter():
    due = schedule(100, seconds=100, requests=None, seed=3)
    assert due.max() < 100
    assert len(due) == pytest.approx(10_000, abs=5 * 100)
    gaps = np.diff(due)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.1)
    np.testing.assert_array_equal(due, schedule(100, seconds=100, requests=None, seed=3))


@pytest.mark.parametrize("arrivals", ["poisson", "uniform"])
def test_whichever_limit_comes_first(arrivals):
    assert len(schedule(100, seconds=50, requests=7, arrivals=arrivals)) == 7
    assert schedule(100, seconds=0.5, requests=10_000, arrivals=arrivals).max() < 0.5


@pytest.mark.parametrize(
    ("rate", "seconds", "requests"),
    [(0, 1, None), (-1, 1, None), (float("inf"), 1, None), (1, 0, None), (1, None, 0), (1e9, 1e9, None),
     (1e-9, 1, None), (10, None, MOST + 1)],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(rate, seconds, requests):
    with pytest.raises(InputError):
        schedule(rate, seconds=seconds, requests=requests)
