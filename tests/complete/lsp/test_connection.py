"""Questions of one editor: places that are not, and edits that are followed before anything is asked."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from lsprotocol import types as lsp
from tests.complete.lsp.words import Words, naming, surprises

from learnsys.complete.lsp.connection import Connection
from learnsys.core.errors import Interrupted

URI = "file:///work/a.js"


@pytest.mark.parametrize(("uri", "line", "found"), [(URI, 0, True), (URI, 9, False), ("file:///b.js", 0, False)])
def test_a_cursor_is_in_a_text_that_is_known(uri, line, found):
    connection = Connection(lambda path: SimpleNamespace(open=lambda path, text: Words(text)), naming, surprises)
    document = connection.documents.open(URI, "let a;")
    assert (connection.cursor(uri, lsp.Position(line, 0)) is not None) == found
    document.now = None
    assert connection.cursor(uri, lsp.Position(line, 0)) is None


@pytest.mark.asyncio
async def test_models_read_what_is_typed_before_they_are_asked():
    read = []
    connection = Connection(
        lambda path: SimpleNamespace(open=lambda path, text: read.append(text) or Words(text)), naming, surprises
    )
    document = connection.documents.open(URI, "let a;")
    connection.follow(document)
    connection.follow(connection.documents.open("file:///work/a.rs", "fn a()"))
    for _ in range(100):
        await asyncio.sleep(0.01)
        if read:
            break
    assert read == ["let a;"]
    assert await connection.ask(document, document.now, lambda file, cancel: file.text) == "let a;"
    connection.worker.close()


@pytest.mark.asyncio
async def test_reading_ahead_makes_room_and_goes_on():
    steps = []

    class Slow(Words):
        def suggest(self, offset, n=5, *, cancel=None):
            while len(steps) < 30:
                time.sleep(0.01)
                steps.append(offset)
                if cancel.is_set():
                    raise Interrupted("made room")

    connection = Connection(lambda path: SimpleNamespace(open=lambda path, text: Slow(text)), naming, surprises)
    document = connection.documents.open(URI, "let a;")
    connection.follow(document, ahead=True)
    await asyncio.sleep(0.05)
    assert await connection.ask(document, document.now, lambda file, cancel: len(steps)) < 30
    for _ in range(200):
        await asyncio.sleep(0.01)
        if len(steps) == 30:
            break
    assert steps == [len("let a;")] * 30
    connection.worker.close()
