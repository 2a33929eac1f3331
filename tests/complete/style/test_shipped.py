"""Counts on the disk."""

import pytest
from tests.complete.toys import program

from learnsys.complete.corpus.types import Source
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.shipped import load_counts, save_counts, some
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


def test_each_package_gives_some_files_whatever_their_order():
    sources = [Source(split="train", package=f"p{i % 2}", path=f"{i}.js", text=program(i)) for i in range(12)]
    sources += [Source(split="train", package="big", path=f"{i}.js", text=program(i, 60)) for i in range(40)]
    whole, few = list(some(sources, "js", 10**6)), list(some(sources, "js", 600))
    assert len(whole) == len(sources)
    assert {len(found) for found in few} <= {len(found) for found in whole}
    assert sum(len(found) for found in few) < 3 * 600 + 3 * max(len(found) for found in whole)
    assert [found.text for found in some(sources[::-1], "js", 600)] == [found.text for found in few]
