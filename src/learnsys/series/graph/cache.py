"""Answers that were computed before: of the same question to the same content of the same sources."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, final

import msgspec
import numpy as np

from learnsys.core.result import Result
from learnsys.series.graph.nodes import Ask, Scan, walk

MOST_BYTES: Final = 256 << 20


@final
class Cache:
    """Results by question and fingerprints of its sources; the least recently used are dropped first.

    Parameters
    ----------
    most_bytes : int
        Of arrays in results, and of samples in memory that their questions hold.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._held: OrderedDict[tuple[Any, ...], Result] = OrderedDict()
        self._bytes = 0

    def get(self, ask: Ask) -> Result | None:
        """Look for an answer."""
        if (found := self._held.get(key := _key(ask))) is not None:
            self._held.move_to_end(key)
        return found

    def put(self, ask: Ask, result: Result) -> None:
        """Keep an answer, if it is not too large."""
        size = _size(ask, result)
        if size > self.most_bytes // 4 or (key := _key(ask)) in self._held:
            return
        self._held[key] = result
        self._bytes += size
        while self._bytes > self.most_bytes:
            (old, *_), result = self._held.popitem(last=False)
            self._bytes -= _size(old, result)


def _key(ask: Ask) -> tuple[Any, ...]:
    """The node itself is part of it: while it is held here, an equal question is this node."""
    return (ask, *(node.source.fingerprint for node in walk(ask) if isinstance(node, Scan)))


def _size(ask: Ask, result: Result) -> int:
    """Bytes of the result's arrays, and of samples in memory that the question holds."""
    held = [node.source.samples for node in walk(ask) if isinstance(node, Scan) and node.source.held]
    return sum(array.nbytes for value in (result, *held) for array in _arrays(value))


def _arrays(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _arrays(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _arrays(one)
