"""Errors of a text."""

import pytest

from learnsys.complete.fragments.veto import errors


@pytest.mark.parametrize(("text", "key"), [("a = f(1)\n", "py"), ("int a = 1;", "cpp"), ("", "js"), ("let a", "js")])
def test_what_parses_has_none(text, key):
    assert errors(text, key) == 0


@pytest.mark.parametrize(("text", "key"), [("a = f(1\n", "py"), ("int a = ;;)", "cpp"), ("let a = ;", "js")])
def test_what_does_not_has_some(text, key):
    assert errors(text, key) > 0
