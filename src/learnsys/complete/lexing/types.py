"""Tokens of a text, and where each hangs in the tree of its brackets and indents."""

from enum import IntEnum
from typing import final

import msgspec
import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a token is: a name, a word or a sign of the grammar, a number, or text inside quotes."""

    NAME = 0
    KEYWORD = 1
    SIGN = 2
    NUMBER = 3
    TEXT = 4


@final
class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The n tokens of ``text`` in order; comments and white space are the gaps between them.

    Attributes
    ----------
    language : str
        Key of the language.
    text : str
        The whole text.
    words : list of str, length n
        The tokens as written.
    starts, ends : (n,) int32
        Code points in ``text``; ``text[starts[i]:ends[i]] == words[i]``.
    kinds : (n,) uint8
        Values of `Kind`.
    """

    language: str
    text: str
    words: list[str]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    kinds: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.words)

    def gap(self, i: int) -> str:
        """Return what stands between token i - 1 and token i: white space and comments; i = n gives the rest."""
        begin = self.ends[i - 1] if i else 0
        return self.text[begin : self.starts[i] if i < len(self) else len(self.text)]


@final
class Nesting(msgspec.Struct, frozen=True, kw_only=True):
    """The tree of brackets and indents, as a stack machine sees it from left to right.

    Attributes
    ----------
    previous : (n,) int32
        The token from whose state token t goes on: t - 1; but for a token that closes a level, the token that
        opened it. -1 at the start.
    child : (n,) int32
        For a token that closes a level, the last token inside it; else -1.
    depth : (n,) int32
        Levels that are open where token t stands: a closing token stands in the same level as its opener.
    """

    previous: NDArray[np.int32]
    child: NDArray[np.int32]
    depth: NDArray[np.int32]
