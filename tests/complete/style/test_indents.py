"""Units of indents."""

import pytest

from learnsys.complete.style.indents import USUAL, unit_of_text


@pytest.mark.parametrize("unit", ["\t", "  ", "    ", "        "])
def test_the_unit_of_a_text_is_found(unit):
    text = f"a {{\n{unit}b {{\n{unit}{unit}c\n{unit}}}\n}}\n"
    assert unit_of_text(text, "js") == unit


def test_texts_without_indents_have_the_usual_one_and_comments_do_not_count():
    assert unit_of_text("a\nb", "py") == USUAL["py"]
    assert unit_of_text("/**\n * a\n */\nb\n    c\n", "js") == "    "
