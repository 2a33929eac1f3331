"""Events are the tree: balanced, with the tokens as leaves; pairs hold the whole tree too."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.complete.strategies import CODE, LANGUAGES, texts

from learnsys.complete.languages import language, parser
from learnsys.complete.lexing.events import Action, events, node_types, pairs
from learnsys.complete.lexing.leaves import tokens, utf8


def naive(text, key):
    """(type, tokens inside or None for a leaf) of the nodes, as nested lists, by recursion over the tree."""
    spoken = language(key)

    def walk(node):
        if node.end_byte == node.start_byte or node.type in spoken.comments or node.type.isspace():
            return None
        if not node.child_count or node.type in spoken.whole:
            return None if node.parent is None and not node.is_error else (node.type, None)
        return (node.type, [made for child in node.children if (made := walk(child)) is not None])

    root = walk(parser(key).parse(utf8(text)).root_node)
    return [] if root is None else [root]


def from_events(found):
    """Build nested lists from events with a stack."""
    names, top = node_types(found.tokens.language), []
    levels = [top]
    for action, kind in zip(found.actions, found.types, strict=True):
        name = names[kind].strip("'") or "'"
        if action == Action.CLOSE:
            levels.pop()
            assert levels[-1][-1][0] == name
        else:
            levels[-1].append((name, [] if action == Action.OPEN else None))
            if action == Action.OPEN:
                levels.append(levels[-1][-1][1])
    assert levels == [top]
    return top


def from_pairs(made, key):
    """Build nested lists from types and bits alone, as the paper says one can."""
    names, node = node_types(key), iter(range(len(made)))

    def siblings():
        here = []
        while True:
            i = next(node)
            leaf = made.leaves[i] >= 0
            here.append(
                (names[made.types[i]].strip("'") or "'", siblings() if made.has_child[i] else None if leaf else [])
            )
            if not made.has_sibling[i]:
                return here

    return siblings() if len(made) else []


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_events_and_pairs_are_the_tree(key, data):
    text = data.draw(texts(key))
    found = events(text, key)
    assert from_events(found) == naive(text, key)
    assert from_pairs(pairs(found), key) == naive(text, key)


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_the_leaves_are_the_tokens(key, data):
    text = data.draw(texts(key))
    found, made = events(text, key), pairs(events(text, key))
    assert found.tokens.words == tokens(text, key).words
    for leaves in (found.leaves, made.leaves):
        assert leaves[leaves >= 0].tolist() == list(range(len(found.tokens)))
    assert ((found.leaves >= 0) == (found.actions == Action.LEAF)).all()


@pytest.mark.parametrize("key", LANGUAGES)
@given(data=st.data())
def test_a_closing_event_goes_on_from_before_its_node(key, data):
    found = events(data.draw(texts(key)), key)
    tree, opened = found.nesting, []
    for t, action in enumerate(found.actions):
        if action == Action.CLOSE:
            opener = opened.pop()
            assert tree.previous[t] == tree.previous[opener]
            assert tree.child[t] == t - 1
            assert found.types[t] == found.types[opener]
        else:
            assert tree.previous[t] == t - 1
            assert tree.child[t] == -1
        assert tree.depth[t] == len(opened)
        if action == Action.OPEN:
            opened.append(t)


@pytest.mark.parametrize("key", LANGUAGES)
def test_numbers_of_nonterminals_tell_type_and_bits_apart(key):
    made = pairs(events(CODE[key], key))
    n = made.nonterminals
    assert n.min() >= 0
    assert n.max() < 4 * len(node_types(key))
    assert (n // 4 == made.types).all()
    assert ((n // 2 % 2).astype(bool) == made.has_child).all()
    assert ((n % 2).astype(bool) == made.has_sibling).all()
    assert (made.parents[1:] < np.arange(1, len(made))).all()
    assert made.parents[0] == -1


@pytest.mark.parametrize("key", LANGUAGES)
def test_names_of_node_types_are_one_each(key):
    names = node_types(key)
    assert len(set(names)) == len(names)
    assert names[-1] == "ERROR"
    assert {"'('", "identifier"} <= set(names)
