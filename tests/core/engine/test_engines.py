"""Laws that every engine obeys; the twin is a loop."""

from functools import reduce
from operator import add, sub

import numpy as np
import pytest
from tests.core.engine import naive
from tests.core.engine.workers import (
    Descent,
    Number,
    Stateless,
    descend,
    load_seven,
    refuse_odd,
    scaled,
    shards,
)

from learnsys.core import engine as door
from learnsys.core.errors import InputError, LearnsysError, UnknownName


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@pytest.mark.parametrize("p", [1, 2, 3, 5])
def test_a_run_has_the_same_bits_on_every_engine(engine, p):
    twin = naive.Sequential()
    ours = engine.workers(Descent, shards(p), engine.put(0.5))
    theirs = twin.workers(Descent, shards(p), twin.put(0.5))
    assert same_bits(descend(ours), descend(theirs))
    assert all(map(same_bits, ours.call("gram"), theirs.call("gram")))
    assert same_bits(descend(ours), descend(theirs))  # the states of workers and generators are the same too


@pytest.mark.parametrize("op", [add, sub])
def test_reduce_folds_from_the_left(engine, op):
    numbers = [1e16, 1.0, -1e16, 3.0, 0.1]
    twin = naive.Sequential().workers(Number, numbers)
    assert twin.reduce("add", 0.0, op=op) != reduce(op, reversed(numbers)), "the order must matter"
    assert engine.workers(Number, numbers).reduce("add", 0.0, op=op) == twin.reduce("add", 0.0, op=op)


def test_results_come_in_the_order_of_shards_and_items(engine):
    assert engine.workers(Number, list("edcba")).call("get") == [(letter,) for letter in "edcba"]
    assert engine.map(scaled, range(7)) == list(range(7))
    assert engine.map(scaled, iter("abc"), engine.put(2)) == ["aa", "bb", "cc"]
    assert engine.map(scaled, []) == []


def test_shared_values_and_loaders_arrive(engine):
    factor, table = engine.put(3), engine.put({"a": np.arange(50_000.0)})
    (number, three, shared), _ = engine.workers(Number, [load_seven, 8], factor, table).call("get")
    assert (number, three) == (7, 3)
    assert same_bits(shared["a"], np.arange(50_000.0))
    assert engine.map(callable, [load_seven]) == [True], "an item of a map is no loader"


def test_big_arguments_and_results_come_back_whole(engine):
    big = np.arange(300_000.0).reshape(300, 1000)
    for (back, flag), shift in zip(engine.workers(Number, [0, 1, 2]).call("same", big.T, "x"), range(3), strict=True):
        assert (flag, shift) == ("x", shift)
        assert np.array_equal(back, big.T)
        assert back.flags.f_contiguous


def test_groups_on_one_engine_do_not_disturb_each_other(engine):
    one, other = engine.workers(Number, [1, 2, 3]), engine.workers(Number, [10, 20])
    assert one.call("add", 1) == [2, 3, 4]
    assert other.call("add", 5) == [15, 25]
    assert one.call("add", 0) == [2, 3, 4]


def test_the_first_error_in_shard_order_comes_back_as_it_is(engine):
    restarts = engine.stats.restarts
    group = engine.workers(Number, [0, 5, 7])
    with pytest.raises(ValueError, match=r"^value 6 is above 4$"):
        group.call("refuse", 4)
    assert group.call("add", 0) == [1, 6, 8], "all workers ended the round, and nothing is undone"
    with pytest.raises(ValueError, match="1 is odd"):
        engine.map(refuse_odd, [0, 1, 2, 3])
    with pytest.raises(AttributeError, match="no_such"):
        group.call("no_such")
    assert engine.stats.restarts == restarts


def test_all_engines_count_the_same_bytes(engine):
    sent, received = engine.stats.bytes_sent, engine.stats.bytes_received
    v, pair = np.zeros(10), {"u": np.ones(3, np.float32), "k": 1}
    group = engine.workers(Number, [v] * 3, engine.put(v))
    group.call("same", v, pair)
    engine.map(scaled, [v, v])
    assert engine.stats.bytes_sent - sent == naive.payload(v) + 3 * naive.payload((v, pair)) + naive.payload([v, v])
    assert engine.stats.bytes_received - received == 3 * naive.payload((v, pair)) + naive.payload([v, v])


def test_blas_has_one_thread_where_workers_run(engine):
    assert engine.workers(Number, [0, 1]).call("threads") == [1, 1]


def test_an_object_without_state_is_no_worker(engine):
    with pytest.raises(InputError, match=r"worker Stateless has no get_state\(\); write"):
        engine.workers(Stateless, [1, 2])


def test_a_group_has_a_worker(engine):
    with pytest.raises(InputError, match="number of shards is 0"):
        engine.workers(Number, [])


@pytest.mark.parametrize("open_one", [door.local, lambda: door.local(kind="processes"), lambda: door.ray(1)])
def test_a_closed_engine_says_so(open_one, ray_engine):
    with open_one() as engine:
        group = engine.workers(Number, [1])
    engine.close()
    for use in (
        lambda: engine.map(scaled, [1]),
        lambda: engine.workers(Number, [1]),
        lambda: engine.put(1),
        lambda: group.call("get"),
    ):
        with pytest.raises(InputError, match="engine is closed; open another"):
            use()


def test_engines_are_opened_by_name(ray_engine):
    with door.open_engine("local", 1) as local, door.open_engine("ray", 1) as ray:
        assert (local.name, local.slots, ray.name, ray.slots) == ("local", 1, "ray", 1)
        assert local.map(scaled, [2]) == ray.map(scaled, [2])


@pytest.mark.parametrize(
    ("open_wrongly", "error", "words"),
    [
        (lambda: door.open_engine("rai"), UnknownName, "unknown engine 'rai'; did you mean ray"),
        (lambda: door.local(kind="process"), UnknownName, "did you mean processes"),
        (lambda: door.local(0), InputError, "slots is 0, but must be at least 1"),
        (lambda: door.ray(-1), InputError, "slots is -1"),
    ],
)
def test_what_cannot_be_opened_is_refused(open_wrongly, error, words):
    with pytest.raises(error, match=words) as caught:
        open_wrongly()
    assert isinstance(caught.value, LearnsysError)
    assert caught.value.exit_code == 2
