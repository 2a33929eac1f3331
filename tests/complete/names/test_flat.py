"""The flat tree is tree-sitter's, node by node."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnsys.complete.languages import parser
from learnsys.complete.names.flat import flat

PIECES = st.lists(
    st.sampled_from(
        ["let a = 1;", "f(a, b)", "{", "}", "é😀", "class A", "def f(x):\n    y = x\n", "(", "int i = 0;", "\n"]
    ),
    max_size=8,
).map(" ".join)


def naive(node, field, parent, out, content):
    if node.is_named or field:
        text = content[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")
        out.append((node.type, field or "", parent, text))
        parent = len(out) - 1
    for k, child in enumerate(node.children):
        naive(child, node.field_name_for_child(k), parent, out, content)
    return out


@settings(max_examples=40, deadline=None)
@given(PIECES)
@pytest.mark.parametrize("language", ["js", "py", "cpp"])
def test_it_has_the_same_nodes(language, text):
    tree, content = flat(text, language), text.encode()
    expected = naive(parser(language).parse(content).root_node, None, -1, [], content)
    found = [(tree.types[i], tree.fields[i], tree.parents[i], tree.spelled(i)) for i in range(len(tree))]
    assert found == expected
    for i in range(len(tree)):
        assert list(tree.children(i)) == [j for j in range(len(tree)) if tree.parents[j] == i]


def test_lookups():
    tree = flat("function f(a) { return a }", "js")
    assert tree.types[tree.field(1, "parameters")] == "formal_parameters"
    assert tree.field(1, "none") == -1
    assert tree.within(tree.field(1, "name"), frozenset({"program"})) == 0
    assert tree.within(0, frozenset({"program"})) == -1
    assert tree.is_leaf(tree.field(1, "name"))
    assert not tree.is_leaf(0)
