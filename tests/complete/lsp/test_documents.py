"""The editor's texts: any edits it makes in order are followed; others silence the text until it comes whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from learnsys.complete.lsp.documents import Documents, OutsideText, path_of

URI = "file:///work/app.js"
TEXTS = st.text(st.sampled_from("ab\n\r é\U0001f600"), max_size=30)


def whole(text):
    return lsp.TextDocumentContentChangeWholeDocument(text)


def part(document, start, end, new):
    return lsp.TextDocumentContentChangePartial(document.now.range(start, end), new)


@given(
    TEXTS,
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), TEXTS), max_size=5),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_edits_are_followed(text, edits, encoding):
    documents = Documents(encoding)
    document = documents.open(URI, text, version=1)
    for version, (a, b, new) in enumerate(edits, start=2):
        start, end = sorted((min(a, len(text)), min(b, len(text))))
        if any(text[i - 1 : i + 1] == "\r\n" for i in (start, end)):
            continue  # no position is between the two
        documents.change(URI, version, [part(document, start, end, new)])
        text = text[:start] + new + text[end:]
        assert document.now.text == text


def test_an_old_version_a_far_place_or_a_turned_range_lose_the_text():
    documents = Documents()
    document = documents.open(URI, "let a;", version=5)
    for version, bad in enumerate(
        [
            (5, (0, 0), (0, 0)),
            (7, (3, 0), (3, 1)),
            (8, (0, 3), (0, 1)),
        ]
    ):
        number, start, end = bad
        change = lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(*start), lsp.Position(*end)), "x")
        documents.change(URI, number, [change])
        assert document.now is None
        documents.change(URI, 20 * version + 9, [whole("let a;")])
        assert document.now.text == "let a;"
        document.version = 6


def test_a_lost_text_comes_back_by_a_whole_change_a_save_or_an_open():
    documents = Documents()

    def lost():
        document = documents.open(URI, "a", version=2)
        documents.change(URI, 1, [part(document, 0, 0, "b")])
        documents.change(
            URI, 3, [lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0)), "c")]
        )
        assert document.now is None
        return document

    document = lost()
    documents.change(URI, 4, [whole("new"), whole("newer")])
    assert (document.now.text, document.now.version) == ("newer", 4)
    document = lost()
    documents.save(URI, None)
    assert document.now is None
    documents.save(URI, "saved")
    assert document.now.text == "saved"
    assert lost() is not documents.open(URI, "opened")
    assert documents.get(URI).now.text == "opened"


def test_a_save_of_what_is_known_changes_nothing():
    documents = Documents()
    now = documents.open(URI, "a", version=2).now
    assert documents.save(URI, "a").now is now
    assert documents.save("file:///other.js", "a") is None


def test_documents_nobody_opened():
    documents = Documents()
    assert (
        documents.change(
            URI, 1, [lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0)), "a")]
        )
        is None
    )
    assert documents.close(URI) is None
    assert documents.change(URI, 2, [whole("a")]).now.text == "a"
    assert [document.uri for document in documents] == [URI]
    assert documents.close(URI).uri == URI
    assert documents.get(URI) is None


@pytest.mark.parametrize(
    ("uri", "language_id", "key", "path"),
    [
        ("file:///a%20b/c.js", "javascript", "js", "/a b/c.js"),
        ("file:///a/c.mjs", "", "js", "/a/c.mjs"),
        ("file:///a/tool", "python", "py", "/a/tool.py"),
        ("untitled:Untitled-1", "cpp", "cpp", "Untitled-1.cpp"),
        ("untitled:", "python", "py", "untitled.py"),
        ("file:///a/c.h", "c", "cpp", "/a/c.h"),
        ("file:///a/c.rs", "rust", None, "/a/c.rs"),
        ("git:/a/c.py?ref", "python", "py", "c.py"),
    ],
)
def test_language_and_path_of_a_document(uri, language_id, key, path):
    document = Documents().open(uri, "", language_id=language_id)
    assert (document.language and document.language.key, str(document.path)) == (key, path)
    assert path_of(uri, document.language) == document.path


@pytest.mark.parametrize("place", [(2, 1), (3, 0)])
def test_places_that_are_not_are_refused(place):
    now = Documents().open(URI, "a\nb").now
    with pytest.raises(OutsideText):
        now.offset(lsp.Position(*place))
    assert now.offset(lsp.Position(2, 0)) == now.offset(lsp.Position(1, 50)) == 3
