"""What became of answers: a client tells the reward of an answer, under the id that it asked with.

An accepted suggestion is worth 1, a rejected one 0. Rewards come late or never, so that an answer waits for its own a
while, the latest `MOST` of them. What a model and version earned is in ``/metrics``: two versions that are served side
by side can be compared by it.
"""

from collections.abc import Callable
from typing import Annotated, Final, final

import msgspec

from learnsys.core.errors import InputError
from learnsys.core.units import format_duration

MOST: Final = 10_000  # answers of a model that wait
WAIT_S: Final = 600.0
LONGEST: Final = 256  # characters of an id that is kept


@final
class WireFeedback(msgspec.Struct, frozen=True):
    """Feedback as it comes."""

    id: str
    reward: Annotated[float, msgspec.Meta(ge=0, le=1)]


_FEEDBACK: Final = msgspec.json.Decoder(WireFeedback)


@final
class Feedback:
    """The answers of one model that wait for their reward.

    Parameters
    ----------
    clock : callable
        Seconds, never going back.

    Examples
    --------
    >>> feedback = Feedback(lambda: 0.0)
    >>> feedback.answered("7")
    >>> feedback.reward(b'{"id": "7", "reward": 1}')
    1.0
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}

    def answered(self, id: str) -> None:
        """Let an answer wait; an older one under the same id waits no more."""
        self._since.pop(id, None)
        if len(id) <= LONGEST:
            self._since[id] = self._clock()
        if len(self._since) > MOST:
            del self._since[next(iter(self._since))]

    def reward(self, body: bytes) -> float:
        """Return the reward that ``body`` tells of an answer that waits; it waits no more.

        Raises
        ------
        InputError
            If it is malformed, or no such answer waits.
        """
        try:
            told = _FEEDBACK.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"this is no feedback: {error}", next='send {"id": "...", "reward": 1}') from error
        since = self._since.pop(told.id, None)
        if since is None or self._clock() - since > WAIT_S:
            raise InputError(
                f"no answer with id {told.id[:LONGEST]!r} waits for feedback", value=told.id[:LONGEST],
                next=f"give each request an id of its own, and its reward once, within {format_duration(WAIT_S)}",
            )  # fmt: skip
        return told.reward
