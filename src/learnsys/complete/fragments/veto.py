"""Whether a text parses: how many places its parser had to skip or to make up."""

from typing import TYPE_CHECKING

from learnsys.complete.languages import parser
from learnsys.complete.lexing.leaves import utf8

if TYPE_CHECKING:
    import tree_sitter


def errors(text: str, key: str) -> int:
    """Count the error nodes and missing tokens of a text.

    Examples
    --------
    >>> errors("f(1);", "js"), errors("f(1;", "js")
    (0, 1)
    """
    return count(parser(key).parse(utf8(text)).root_node)


def count(root: "tree_sitter.Node") -> int:
    """Count the error nodes and missing tokens below a node, without going into what has none inside."""
    count, todo = 0, [root]
    while todo:
        node = todo.pop()
        if node.is_error or node.is_missing:
            count += 1
        if node.has_error:
            todo.extend(node.children)
    return count
