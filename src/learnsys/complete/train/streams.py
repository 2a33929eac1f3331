# Numba has no types for its decorators.
# mypy: disable-error-code="untyped-decorator"
"""Many files side by side as streams of equal length, cut into chunks, for truncated back-propagation through time.

The stack machine may go on from a token far back, an opening bracket thousands of tokens ago. Its state is carried
over chunks in a few slots for each stream; which token sits in which slot is worked out here once, as a compiler
allots registers.
"""

from collections.abc import Iterator, Sequence
from typing import Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.complete.compiled import jit
from learnsys.complete.data.encode import SLOTS, Encoded
from learnsys.complete.data.vocabulary import START

CARRIED: Final = 48  # states kept over a chunk's end for each stream: levels that are open, at most
ZERO: Final = 1  # place of the zero state before the carried ones


@final
class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """T tokens of B streams, all arrays (T, B) but ``parts`` (T, B, SLOTS).

    ``previous`` and ``child`` are places in a column of states: 0 the zero state, 1 to CARRIED the carried ones, then
    the T of this chunk. ``keep`` (CARRIED, B) says which place each carried state is taken from for the next chunk.
    ``target`` and ``target_name`` are those of the next token, ``target_line`` its line; ``begin`` is where the token's
    file begins, counted in tokens of the stream, and ``counts`` is 0 where no answer is asked (the end of a file).
    """

    words: NDArray[np.int32]
    parts: NDArray[np.int32]
    lines: NDArray[np.uint8]
    names: NDArray[np.int32]
    previous: NDArray[np.int32]
    child: NDArray[np.int32]
    keep: NDArray[np.int32]
    target: NDArray[np.int32]
    target_name: NDArray[np.int32]
    target_line: NDArray[np.uint8]
    begin: NDArray[np.int32]
    counts: NDArray[np.bool_]
    start: int


@final
class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Files one after the other, each behind a start token, as arrays of length L."""

    words: NDArray[np.int32]
    parts: NDArray[np.int32]
    lines: NDArray[np.uint8]
    names: NDArray[np.int32]
    previous: NDArray[np.int32]
    child: NDArray[np.int32]
    begin: NDArray[np.int32]


def stream(files: Sequence[Encoded]) -> Stream:
    """Put files one after the other; ``previous`` and ``child`` count from the stream's beginning."""
    begins = np.cumsum([0, *(len(file) + 1 for file in files)])

    def joined(head: int, field: str) -> NDArray[np.int32]:
        return np.concatenate([np.concatenate([[head], getattr(file, field)]) for file in files])

    def moved(field: str, head: int) -> NDArray[np.int32]:
        columns = []
        for file, begin in zip(files, begins, strict=False):
            place = getattr(file.nesting, field)
            # Token t stands at begin + 1 + t; the first goes on from the start token at begin.
            shifted = place + begin + 1 if field == "previous" else np.where(place < 0, -1, place + begin + 1)
            columns.append(np.concatenate([[head], shifted]))
        return np.concatenate(columns).astype(np.int32)

    return Stream(
        words=joined(START, "words").astype(np.int32),
        parts=np.concatenate([np.concatenate([np.zeros((1, SLOTS), np.int32), file.parts]) for file in files]),
        lines=joined(0, "lines").astype(np.uint8), names=joined(-1, "names").astype(np.int32),
        previous=moved("previous", -1), child=moved("child", -1),
        begin=np.repeat(begins[:-1], [len(file) + 1 for file in files]).astype(np.int32),
    )  # fmt: skip


def side_by_side(files: Sequence[Encoded], *, streams: int) -> list[Stream]:
    """Deal files to streams of nearly equal length, the longest first and always to the shortest.

    Inside a stream they keep the order given.
    """
    dealt: list[list[int]] = [[] for _ in range(streams)]
    lengths = np.zeros(streams, np.int64)
    for i in sorted(range(len(files)), key=lambda i: -len(files[i])):
        shortest = int(lengths.argmin())
        dealt[shortest].append(i)
        lengths[shortest] += len(files[i]) + 1
    return [stream([files[i] for i in sorted(own)]) for own in dealt if own]


def chunks(streams: Sequence[Stream], *, length: int) -> Iterator[Chunk]:
    """Cut streams into chunks of ``length`` tokens, until the longest ends; nothing is asked of those that ended."""
    total = max(len(own.words) for own in streams)
    streams = [_filled(own, total) for own in streams]
    places = [_allot(own.previous, own.child, length) for own in streams]
    for number, start in enumerate(range(0, total - 1, length)):
        here, after = slice(start, min(start + length, total - 1)), slice(start + 1, min(start + length, total - 1) + 1)

        def stack(field: str, where: slice) -> NDArray[np.int32]:
            return np.stack([getattr(own, field)[where] for own in streams], axis=1)

        yield Chunk(
            words=stack("words", here), parts=stack("parts", here), lines=stack("lines", here).astype(np.uint8),
            names=stack("names", here), begin=stack("begin", here),
            previous=np.stack([place[0][here] for place in places], axis=1),
            child=np.stack([place[1][here] for place in places], axis=1),
            keep=np.stack([place[2][number] for place in places], axis=1),
            target=stack("words", after), target_name=stack("names", after),
            target_line=stack("lines", after).astype(np.uint8), counts=stack("names", after) >= 0, start=start,
        )  # fmt: skip


def _filled(own: Stream, total: int) -> Stream:
    """Lengthen a stream with empty files, each but a start token."""
    more = total - len(own.words)
    start = np.arange(total - more, total, dtype=np.int32)
    tails = {"words": np.full(more, START, np.int32), "parts": np.zeros((more, SLOTS), np.int32), "begin": start}
    tails |= {field: np.full(more, -1, np.int32) for field in ("names", "previous", "child")}
    tails["lines"] = np.zeros(more, np.uint8)
    return Stream(**{field: np.concatenate([getattr(own, field), tail]) for field, tail in tails.items()})


@jit()
def _allot(
    previous: NDArray[np.int32], child: NDArray[np.int32], length: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return ``previous`` and ``child`` as places in their chunk's column of states, and ``keep`` of each chunk."""
    n = len(previous)
    count = (n + length - 1) // length
    last = np.full(n, -1, np.int32)  # the last chunk that goes on from a token
    for t in range(n):
        if previous[t] >= 0:
            last[previous[t]] = max(last[previous[t]], t // length)
        if child[t] >= 0:
            last[child[t]] = max(last[child[t]], t // length)
    slot = np.full(CARRIED, -1, np.int32)  # token in each slot
    at = np.zeros(n, np.int32)  # slot of a carried token + 1
    new_previous, new_child = np.zeros(n, np.int32), np.zeros(n, np.int32)
    keep = np.zeros((count, CARRIED), np.int32)
    for number in range(count):
        begin, end = number * length, min((number + 1) * length, n)
        for t in range(begin, end):
            for source, into in ((previous, new_previous), (child, new_child)):
                place = source[t]
                if place >= begin:
                    into[t] = ZERO + CARRIED + place - begin
                elif place >= 0:
                    into[t] = at[place]  # 0, the zero state, where the slots did not suffice
        for k in range(CARRIED):
            if slot[k] >= 0 and last[slot[k]] <= number:
                at[slot[k]] = 0
                slot[k] = -1
            if slot[k] >= 0:
                keep[number, k] = ZERO + k
        free = 0
        for t in range(begin, end):
            if last[t] > number:
                while free < CARRIED and slot[free] >= 0:
                    free += 1
                if free < CARRIED:
                    slot[free] = t
                    at[t] = ZERO + free
                    keep[number, free] = ZERO + CARRIED + t - begin
    return new_previous, new_child, keep
