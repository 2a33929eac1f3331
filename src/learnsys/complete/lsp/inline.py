"""Several tokens at once, shown as text at the cursor (inline completion, LSP 3.18)."""

from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import Snapshot
from learnsys.complete.lsp.types import AbstractFragment


def inline_list(
    found: AbstractFragment, now: Snapshot, offset: int, selected: lsp.SelectedCompletionInfo | None
) -> lsp.InlineCompletionList:
    """Turn the fragment at ``offset`` into what an editor shows: one item or none.

    While the list of completions is open, only what goes on from the item selected there may be shown.
    """
    start, text = offset, found.text
    if text and selected is not None:
        start = now.offset(selected.range.start)
        text = now.text[start:offset] + text
        if not text.startswith(selected.text):
            text = ""
    items = [lsp.InlineCompletionItem(insert_text=text, range=now.range(start, offset))] if text else []
    return lsp.InlineCompletionList(items=items)
