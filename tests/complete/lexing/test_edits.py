"""After any edits the tokens are those of the text as it is, and what is called unchanged is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, PIECES, texts

from learnsys.complete.languages import parser
from learnsys.complete.lexing.edits import Document
from learnsys.complete.lexing.leaves import tokens, utf8
from learnsys.core.errors import InputError


def same(found, other):
    return (
        found.text == other.text
        and found.words == other.words
        and found.starts.tolist() == other.starts.tolist()
        and found.ends.tolist() == other.ends.tolist()
        and found.kinds.tolist() == other.kinds.tolist()
    )


def some_edit(draw, text):
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 0, 1, 30])))))
    return start, end, draw(st.one_of(st.sampled_from(["", *PIECES]), st.just(text[end : end + 40])))


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_tokens_after_edits_are_those_of_the_text(key, data):
    document = Document(data.draw(texts(key)), key)
    for _ in range(data.draw(st.integers(1, 5))):
        for _ in range(data.draw(st.integers(1, 2))):  # several between two readings
            document.edit(*some_edit(data.draw, document.text))
        fresh = tokens(document.text, key)
        rebuilt = "".join(document.tokens.gap(i) + word for i, word in enumerate([*document.tokens.words, ""]))
        assert rebuilt == document.text
        if not parser(key).parse(utf8(document.text)).root_node.has_error:
            assert same(document.tokens, fresh)


@pytest.mark.parametrize("key", LANGUAGES)
def test_code_typed_character_by_character_has_the_tokens_of_the_whole(key):
    document = Document("", key)
    for place, character in enumerate(CODE[key]):
        document.edit(place, place, character)
        if place % 7 == 0:
            assert document.tokens.text == document.text
    assert same(document.tokens, tokens(CODE[key], key))


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_what_is_before_the_first_changed_token_is_as_it_was(key, data):
    document = Document(data.draw(texts(key)), key)
    before = document.tokens
    document.mark_read(before)
    for _ in range(data.draw(st.integers(0, 3))):
        document.edit(*some_edit(data.draw, document.text))
        if data.draw(st.booleans()):
            assert document.tokens.text == document.text  # read by someone else in between
    n = document.unchanged(document.tokens)
    for found in (before, document.tokens):
        assert n <= len(found)
    assert before.words[:n] == document.tokens.words[:n]
    assert [before.gap(i) for i in range(n)] == [document.tokens.gap(i) for i in range(n)]
    assert before.kinds[:n].tolist() == document.tokens.kinds[:n].tolist()


@pytest.mark.parametrize(
    ("edit", "first"),
    [
        ((7, 7, " // why"), 3), ((12, 13, "name"), 7), ((7, 8, "\n"), 3), ((4, 4, "\n"), 1), ((0, 0, "x"), 0),
        ((13, 14, "c"), 7), ((16, 16, "g"), 10),
    ],
)  # fmt: skip
def test_only_what_an_edit_touches_is_changed(edit, first):
    document = Document("var a = f(1, b);", "js")
    assert document.unchanged(document.tokens) == 0
    document.mark_read(document.tokens)
    assert document.unchanged(document.tokens) == len(document.tokens)
    document.edit(*edit)
    assert document.unchanged(document.tokens) == first


@given(text=texts("js"), new=texts("js"))
def test_a_document_becomes_another_text(text, new):
    document = Document(text, "js")
    document.become(new)
    assert document.text == new
    assert document.tokens.text == new


def test_becoming_a_text_keeps_what_both_have():
    document = Document("a(b, c); d(e);", "js")
    document.mark_read(document.tokens)
    document.become("a(b, c); dd(e);")
    assert document.unchanged(document.tokens) == 7


@pytest.mark.parametrize("edit", [(-1, 0, ""), (3, 2, ""), (0, 17, "")])
def test_an_edit_outside_the_text_is_refused_and_changes_nothing(edit):
    document = Document("var a = f(1, b);", "js")
    with pytest.raises(InputError, match="outside a text of 16 code points"):
        document.edit(*edit)
    assert document.text == "var a = f(1, b);"
    assert document.tokens.text == document.text


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_the_tokens_before_a_cursor_are_there_and_what_is_called_unchanged_is(key, data):
    document, known = Document(data.draw(texts(key)), key), None
    for _ in range(4):
        offset = data.draw(st.integers(0, len(document.text)))
        found = document.leading(offset)
        last = int(found.ends[-1]) if len(found) else 0
        assert found.text == document.text
        if last < offset:
            assert not document.tokens.starts[(document.tokens.starts >= last) & (document.tokens.starts < offset)].size
        if known is not None:
            n = document.unchanged(found)
            assert known.words[:n] == found.words[:n]
            assert [known.gap(i) for i in range(n)] == [found.gap(i) for i in range(n)]
        document.mark_read(known := found)
        document.edit(*some_edit(data.draw, document.text))


@given(text=texts("js"), data=st.data())
def test_a_tree_with_a_text_put_in_is_that_of_the_whole_and_changes_nothing(text, data):
    document, offset = Document(text, "js"), data.draw(st.integers(0, len(text)))
    before = str(document.tree().root_node)
    found = document.tree(offset, "f(ö);\n")
    want = Document(text[:offset] + "f(ö);\n" + text[offset:], "js").tree()
    if not want.root_node.has_error:
        assert str(found.root_node) == str(want.root_node)
    assert str(document.tree().root_node) == before
    assert document.text == text
