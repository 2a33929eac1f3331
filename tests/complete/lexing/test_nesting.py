"""The stack machine is its slow twin, and a prefix has the nesting of the whole."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete import naive
from tests.complete.strategies import CODE, LANGUAGES, texts

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.lexing.nesting import line_columns, nesting


def rows(tree):
    return list(zip(tree.previous.tolist(), tree.child.tolist(), tree.depth.tolist(), strict=True))


def first(found, n):
    return msgspec.structs.replace(
        found, words=found.words[:n], starts=found.starts[:n], ends=found.ends[:n], kinds=found.kinds[:n],
        text=found.text[: found.ends[n - 1] if n else 0],
    )  # fmt: skip


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_nesting_is_that_of_the_slow_twin(key, data):
    found = tokens(data.draw(texts(key)), key)
    assert rows(nesting(found)) == naive.nesting(found)


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_a_prefix_has_the_nesting_of_the_whole(key, data):
    found = tokens(data.draw(texts(key)), key)
    n = data.draw(st.integers(0, len(found)))
    assert rows(nesting(first(found, n))) == rows(nesting(found))[:n]


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_what_a_token_goes_on_from_is_before_it(key, data):
    tree = nesting(tokens(data.draw(texts(key)), key))
    t = np.arange(len(tree.previous))
    assert (tree.previous < t).all()
    assert (tree.previous >= -1).all()
    closes = tree.child >= 0
    assert (tree.child[closes] == t[closes] - 1).all()
    assert (tree.previous[~closes] == t[~closes] - 1).all()
    assert (tree.child[closes] >= tree.previous[closes]).all()
    assert (tree.depth >= 0).all()


BRACKETS = {
    "js": ("f([a, {b: `x${c}y`}], d);", [("}", "${"), ("}", "{"), ("]", "["), (")", "(")]),
    "cpp": (
        "#ifdef A\nint f(int a[2]) { return 0; }\n#endif",
        [("]", "["), (")", "("), ("}", "{"), ("#endif", "#ifdef")],
    ),
    "py": ("def f(a):\n    if a:\n        return [\n1]\n    b\nc", [(")", "("), ("]", "["), ("b", ":"), ("c", ":")]),
}  # fmt: skip


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_closer_goes_on_from_its_opener(key):
    text, pairs = BRACKETS[key]
    found = tokens(text, key)
    tree = nesting(found)
    closers = [t for t in range(len(found)) if tree.child[t] >= 0]
    assert [(found.words[t], found.words[tree.previous[t]]) for t in closers] == pairs
    assert tree.depth[-1] == 0


def test_a_block_is_closed_by_the_first_token_that_is_indented_less():
    found = tokens("if a:\n  if b:\n    c\nd", "py")
    tree = nesting(found)
    assert found.words[-1] == "d"
    assert tree.previous[-1] == 2  # the colon of the outer block: both are left at once
    assert tree.depth.tolist() == [0, 0, 0, 1, 1, 1, 2, 0]


def test_a_closer_without_opener_and_an_opener_without_closer_are_borne():
    found = tokens(") ( ] }", "js")
    tree = nesting(found)
    assert tree.child.tolist() == [-1] * len(found)


def test_brackets_in_quotes_are_no_brackets():
    assert nesting(tokens("'(' + ')'", "py")).depth.max() == 0


@pytest.mark.parametrize("key", LANGUAGES)
def test_columns_are_those_of_the_lines(key):
    found = tokens(CODE[key], key)
    for t, column in enumerate(line_columns(found)):
        before = found.text[: found.starts[t]].rsplit("\n", 1)[-1]
        starts_line = t == 0 or "\n" in found.gap(t)
        assert column == (len(before) if starts_line else -1)
