"""What another server offers, in the order of what is likely.

jedi, clangd and typescript-language-server know which members there are, and list them by the alphabet. That list comes
back with a probability each, the likeliest first; what the models do not expect keeps its order, behind. Editors send
it as the request ``learnsys/rerank``.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from learnsys.complete.types import Suggestion, Suggestions

if TYPE_CHECKING:
    from learnsys.complete.session import Cancel

_DEPTH: Final = 1000  # suggestions among which candidates are looked up
_WORD: Final = re.compile(r"[^\W\d][\w$]*|[$#@][\w$]+|[^\s\w]+|\w+")


class Suggests(Protocol):
    """An open file."""

    def suggest(self, offset: int, n: int, *, cancel: "Cancel | None") -> Suggestions:
        """Return the ``n`` likeliest tokens at a cursor."""


def rerank(file: Suggests, offset: int, candidates: Sequence[str], *, cancel: "Cancel | None" = None) -> Suggestions:
    """Order candidates by the probability of the first token of each.

    Parameters
    ----------
    file : Suggests
        Where the cursor is.
    offset : int
        Of the cursor, in code points.
    candidates : sequence of str
        Labels as servers write them: ``join(sep)`` is the token ``join``.
    cancel : Cancel, optional
        To take the question back.

    Returns
    -------
    Suggestions
        All candidates; ``p`` is 0 for those that are not among the suggestions.
    """
    found = file.suggest(offset, _DEPTH, cancel=cancel)
    known = {item.text: item for item in found.items}
    items = [_as_known(candidate, known) for candidate in candidates]
    return Suggestions(items=tuple(sorted(items, key=lambda item: -item.p)), prefix=found.prefix)


def _as_known(candidate: str, known: dict[str, Suggestion]) -> Suggestion:
    word = _WORD.search(candidate)
    item = known.get(candidate) or (known.get(word.group()) if word else None)
    if item is None:
        return Suggestion(text=candidate, p=0.0, origin="model")
    return Suggestion(text=candidate, p=item.p, origin=item.origin, line=item.line)
