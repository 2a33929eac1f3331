"""Each answer gets its reward once, in time, and no more of them wait than there is room for."""

import json

import pytest

from learnsys.core.errors import InputError
from learnsys.serve import feedback as module
from learnsys.serve.feedback import LONGEST, WAIT_S, Feedback


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def feedback(clock):
    return Feedback(clock)


def told(id, reward):
    return json.dumps({"id": id, "reward": reward}).encode()


def test_a_reward_is_taken_once(feedback):
    feedback.answered("a")
    feedback.answered("b")
    assert feedback.reward(told("a", 1)) == 1.0
    assert feedback.reward(told("b", 0.25)) == 0.25
    with pytest.raises(InputError, match="'a' waits"):
        feedback.reward(told("a", 1))


def test_a_reward_that_comes_too_late_is_refused(feedback, clock):
    feedback.answered("early")
    clock.now = WAIT_S / 2
    feedback.answered("late")
    clock.now = WAIT_S + 1
    with pytest.raises(InputError, match="within 10 min"):
        feedback.reward(told("early", 1))
    assert feedback.reward(told("late", 1)) == 1


def test_the_oldest_give_way_and_asking_again_makes_young(feedback, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    for id in ("a", "b", "a", "c"):
        feedback.answered(id)
    assert feedback.reward(told("a", 1)) == 1
    assert feedback.reward(told("c", 1)) == 1
    with pytest.raises(InputError, match="'b'"):
        feedback.reward(told("b", 1))


def test_an_id_without_end_is_not_kept(feedback):
    feedback.answered("x" * (LONGEST + 1))
    with pytest.raises(InputError) as caught:
        feedback.reward(told("x" * (LONGEST + 1), 1))
    assert len(caught.value.message) < 2 * LONGEST


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"id": "a"}', b'{"id": 1, "reward": 1}', told("a", 1.5), told("a", -1), b"\xff"]
)
def test_what_is_no_feedback_is_refused_and_the_answer_waits_on(feedback, body):
    feedback.answered("a")
    with pytest.raises(InputError, match="no feedback"):
        feedback.reward(body)
    assert feedback.reward(told("a", 0)) == 0
