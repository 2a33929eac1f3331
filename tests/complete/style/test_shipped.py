"""Counts on the disk."""

import pytest
from tests.complete.toys import program

from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.shipped import load_counts, save_counts
from learnsys.core.errors import BadFile


def test_what_is_kept_is_read_again(tmp_path):
    path = tmp_path / "js.bin"
    made = save_counts(path, [tokens(program(1), "js")], "js", least=1)
    assert load_counts(path, "js").table == made.table


def test_foreign_and_damaged_counts_are_refused(tmp_path):
    path = tmp_path / "js.bin"
    save_counts(path, [], "js")
    with pytest.raises(BadFile, match="not of 'py'"):
        load_counts(path, "py")
    path.write_bytes(b"x")
    with pytest.raises(BadFile, match="no counts"):
        load_counts(path, "js")
