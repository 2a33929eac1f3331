"""Polars is imported when it is needed, and its absence names the extra."""

import sys

import pytest

from learnsys.core.errors import MissingExtra
from learnsys.core.frames import polars


def test_gives_the_library_itself():
    assert polars().DataFrame({"a": [1, 2]}).height == 2


def test_a_missing_library_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtra, match=r"pip install 'learnsys\[data\]'"):
        polars()
