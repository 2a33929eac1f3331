"""What fits at a cursor."""

import pytest

from learnsys.complete.fragments.fits import Fits
from learnsys.complete.lexing.edits import Document
from learnsys.complete.runtime.state import Stopped


def test_errors_may_be_there_but_not_become_more():
    assert not Fits(Document("a = f(1);\n", "js"), 9)(" )")
    broken = Fits(Document("a = ;\nf(;\n", "js"), 8)
    assert broken("1)")
    assert broken("")


def test_no_line_comes_twice():
    fits = Fits(Document("import a\nimport \nimport b\n", "py"), 16)
    assert fits("c")
    assert not fits("b")
    assert Fits(Document("f(1);\nf()\n\n  f(2);\n", "js"), 8)("1")
    assert not Fits(Document("f(1);\nf()\n\n  f(2)\n", "js"), 8)("2")


def test_a_question_can_be_taken_back():
    with pytest.raises(Stopped):
        Fits(Document("a", "js"), 1, lambda: True)(";")
