"""What fits at a cursor."""

import pytest

from learnsys.complete.fragments.fits import Fits
from learnsys.complete.runtime.state import Stopped


def test_errors_may_be_there_but_not_become_more():
    assert not Fits("a = f(1);\n", 9, "js")(" )")
    broken = Fits("a = ;\nf(;\n", 8, "js")
    assert broken("1)")
    assert broken("")


def test_no_line_comes_twice():
    fits = Fits("import a\nimport \nimport b\n", 16, "py")
    assert fits("c")
    assert not fits("b")
    assert Fits("f(1);\nf()\n\n  f(2);\n", 8, "js")("1")
    assert not Fits("f(1);\nf()\n\n  f(2)\n", 8, "js")("2")


def test_a_question_can_be_taken_back():
    with pytest.raises(Stopped):
        Fits("a", 1, "js", lambda: True)(";")
