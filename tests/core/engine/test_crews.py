"""A host's commands, carried out here."""

import pytest
from tests.core.engine.workers import Number, Stateless

from learnsys.core.engine.crews import Crews, Failure
from learnsys.core.errors import InputError, WorkFailed


class Watched(Number):
    """Notes when its state is taken."""

    taken = 0

    def get_state(self):
        Watched.taken += 1
        return self.value


@pytest.fixture
def crews():
    crews = Crews()
    crews.run("share", 7, "shared")
    crews.run("build", 1, Watched, [1, 2], [7])
    return crews


def test_a_call_is_answered_by_outcomes_and_states(crews):
    reply, states = crews.run("call", 1, "add", (10,))
    assert (reply.outcomes, reply.changed, states) == ([11, 12], True, [11, 12])
    assert crews.run("call", 1, "get", ())[0].outcomes == [(11, "shared"), (12, "shared")]


def test_a_method_that_changes_nothing_costs_no_snapshot(crews):
    before = Watched.taken
    reply, states = crews.run("call", 1, "get", ())
    assert (reply.changed, states, Watched.taken) == (False, None, before)


def test_states_can_be_put_back(crews):
    _, states = crews.run("snapshot", 1)
    crews.run("call", 1, "add", (10,))
    crews.run("restore", 1, states)
    assert crews.run("call", 1, "add", (0,))[0].outcomes == [1, 2]


def test_a_failure_is_one_outcome_among_others(crews):
    reply, states = crews.run("call", 1, "refuse", (2,))
    first, second = reply.outcomes
    assert first == 2
    assert isinstance(second.error, ValueError)
    assert "in refuse" in second.trace
    assert states == [2, 3], "what the worker did before it failed is part of the round"


def test_a_command_that_fails_says_why(crews):
    (failure,) = crews.run("call", 99, "get", ())[0].outcomes
    assert isinstance(failure.error, KeyError)
    none, failure = crews.run("build", 2, lambda shard: Stateless(shard) if shard else Number(shard), [0, 1], [])[
        0
    ].outcomes
    assert none is None
    assert isinstance(failure.error, InputError)


def test_forgotten_keys_are_gone(crews):
    crews.run("forget", [1, 7, 1234])
    for command in (("call", 1, "get", ()), ("build", 3, Number, [1], [7])):
        (failure,) = crews.run(*command)[0].outcomes
        assert isinstance(failure.error, KeyError)


def test_an_error_that_cannot_be_pickled_keeps_its_words():
    class Local(Exception):
        """Of this function only."""

    error = Failure.of(Local("no way out")).error
    assert isinstance(error, WorkFailed)
    assert "Local in a worker: no way out" in str(error)


def test_cpu_seconds_grow(crews):
    before = crews.run("call", 1, "get", ())[0].cpu_s
    sum(range(300_000))
    assert crews.run("call", 1, "get", ())[0].cpu_s > before > 0
