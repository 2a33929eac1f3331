"""What is read off the lines around an edit is what the whole text says, or nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, PIECES

from learnsys.complete.languages import parser
from learnsys.complete.lexing.leaves import tokens, utf8
from learnsys.complete.lexing.near import LONGEST, Region, near


def edited(text, start, end, new):
    return text[:start] + new + text[end:], Region(start, start + len(new))


def read(key, text, start, end, new, offset):
    now, region = edited(text, start, end, new)
    return now, near(tokens(text, key), now, region, offset, parser(key))


def begun(found, offset):
    return [(word, begin) for word, begin in zip(found.words, found.starts.tolist(), strict=True) if begin < offset]


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_whole_code_has_the_tokens_before_the_cursor_that_it_has_when_all_is_read(key, data):
    text = CODE[key] * 3
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 3)))
    new = data.draw(st.sampled_from(["", *PIECES]))
    offset = data.draw(st.integers(0, len(text) + len(new) - end + start))
    now, found = read(key, text, start, end, new, offset)
    if found is not None and not parser(key).parse(utf8(now)).root_node.has_error:
        assert begun(found, offset) == begun(tokens(now, key), offset)


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_of_any_text_it_makes_tokens_that_are_parts_of_it_in_order(key, data):
    text = data.draw(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    offset = data.draw(st.integers(0, start))
    now, found = read(key, text, start, end, data.draw(st.sampled_from(PIECES)), offset)
    if found is not None:
        assert found.text == now
        assert found.words == [now[a:b] for a, b in zip(found.starts.tolist(), found.ends.tolist(), strict=True)]
        assert (found.starts[1:] >= found.ends[:-1]).all()


LINES = "".join(f"f{i}(a, b);\n" for i in range(40))


def test_only_the_lines_around_the_edit_are_parsed():
    class Spy:
        def parse(self, content):
            self.content = content
            return parser("js").parse(content)

    spy, at = Spy(), LINES.index("f20(") + 4
    now, region = edited(LINES, at, at, "name, ")
    found = near(tokens(LINES, "js"), now, region, at + 6, spy)
    assert spy.content == b"f17(a, b);\nf18(a, b);\nf19(a, b);\nf20(name, a, b);\n"
    assert begun(found, at + 6) == begun(tokens(now, "js"), at + 6)
    assert begun(near(tokens(LINES, "js"), now, region, 30, None), 30) == begun(tokens(now, "js"), 30)


@pytest.mark.parametrize(
    ("key", "text", "at", "new"),
    [
        ("js", "a = `one\ntwo`;\nb;\n", "wo`", "$"), ("js", "a;\n* b\n*/ c;\n", "* b", "/"),
        ("js", "a;\n/ c;\n", "/", "*"), ("py", 'def f():\n    """One\n    two."""\n', "two", '"'),
        ("py", "a = 1\nb = ''\n", "'\n", "'"), ("cpp", 'a = "";\n', '"";', "R"),
        ("js", LINES, "f3(", "g();" * (LONGEST // 4 + 1)),
    ],
)  # fmt: skip
def test_where_strings_and_comments_of_many_lines_are_concerned_nothing_is_said(key, text, at, new):
    start = text.index(at)
    assert read(key, text, start, start, new, start + len(new))[1] is None


@pytest.mark.parametrize(
    ("key", "text"),
    [("py", 'def f():\n    """One\n    two three."""\n    g()\n'), ("js", "a = `one\n two three`;\ng();\n")],
)  # fmt: skip
@pytest.mark.parametrize("new", ["x", " and more\n  of it", ""])
def test_a_string_of_many_lines_only_grows(key, text, new):
    start = text.index("three")
    end = start + (not new)
    now, region = edited(text, start, end, new)
    found = near(tokens(text, key), now, region, start + len(new), None)  # nothing is parsed
    assert begun(found, start + len(new)) == begun(tokens(now, key), start + len(new))
    assert found.ends[-1] == tokens(now, key).ends[len(found) - 1]


def test_far_from_the_edit_nothing_is_said():
    text = LINES * 20
    assert read("js", text, 3, 3, "x", 200)[1] is not None
    assert read("js", text, 3, 3, "x", 5 + LONGEST)[1] is None


def test_lines_that_read_otherwise_by_themselves_are_not_trusted():
    text = "a = b\n/ c / d + e + f + g + h + i + j + k + l;\n"  # the second line alone begins with an expression
    start = text.index("l;")
    assert read("js", text, start, start, "x", start + 1)[1] is None
