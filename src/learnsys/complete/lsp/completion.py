"""Suggestions as the list of an editor: in our order, each with where it comes from and its probability."""

import re
from typing import Final

from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import Snapshot
from learnsys.complete.types import Suggestion, Suggestions

OPTIONS: Final = lsp.CompletionOptions(trigger_characters=[".", ":", ">", "(", "["], resolve_provider=False)

_LEAST: Final = 0.01  # probability that is still told
_REST: Final = re.compile(r"[\w$]*")


def completion_list(
    found: Suggestions, now: Snapshot, offset: int, n: int, *, replaces: bool = False
) -> lsp.CompletionList:
    """Turn suggestions at ``offset`` into a list of ``n``.

    In the middle of a word what is typed of it is replaced; an editor that ``replaces`` lets its user choose to replace
    the rest too.

    A list that leaves something out is incomplete: with the next character others fit. Single signs are left out
    first, because to accept one costs the key that types it; so more than ``n`` should have been asked for.
    """
    begin, rest = offset - len(found.prefix), _REST.match(now.text, offset)
    end = rest.end() if replaces and rest else offset
    place = (now.range(begin, offset), now.range(begin, end) if end > offset else None)
    kept = [item for item in found.items if _saves(item.text)][:n]
    items = [_item(rank, item, place) for rank, item in enumerate(kept)]
    return lsp.CompletionList(is_incomplete=len(found.items) > n, items=items)


def _item(rank: int, found: Suggestion, place: tuple[lsp.Range, lsp.Range | None]) -> lsp.CompletionItem:
    insert, replace = place
    return lsp.CompletionItem(
        label=found.text,
        kind=_kind(found.text),
        detail=f"{found.detail}, p = {found.p:.2f}" if found.p >= _LEAST else f"{found.detail}, p < {_LEAST}",
        sort_text=f"{rank:04d}",
        filter_text=found.text,
        text_edit=lsp.InsertReplaceEdit(found.text, insert, replace) if replace else lsp.TextEdit(insert, found.text),
    )


def _saves(text: str) -> bool:
    word = text.strip()
    return len(word) > 1 or word.isalnum() or word in {"_", "$"}


def _kind(text: str) -> lsp.CompletionItemKind:
    if text.replace("$", "_").isidentifier():
        return lsp.CompletionItemKind.Variable
    return lsp.CompletionItemKind.Operator if not any(c.isalnum() for c in text) else lsp.CompletionItemKind.Value
