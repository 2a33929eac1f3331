from datetime import date

import pytest

from learnsys.core.errors import BadFile, UnknownName
from learnsys.machines.offline.fetch import digest
from learnsys.machines.offline.manifest import FILE, Entry, SourceTable, keep, read_manifest


def entry(name, path):
    stat = path.stat()
    table = SourceTable(
        source=str(path), sha256=digest(path), size_bytes=stat.st_size, modified_ns=stat.st_mtime_ns, rows=1
    )
    day = date(2026, 1, 1)
    return Entry(
        name=name, form="own", tables=(table,), licence="none", as_of=day, added=day, workloads=1, machines=2, runs=3
    )


@pytest.fixture
def table(tmp_path):
    (path := tmp_path / "t.csv").write_text("a\n1\n")
    return path


def test_nothing_is_registered_at_first():
    assert read_manifest().entries == ()
    assert "learnsys machines data add" in read_manifest().table().notes[1]


def test_entries_are_kept_by_name(table):
    keep(entry("b", table))
    keep(entry("a", table))
    keep(entry("b", table))
    assert [e.name for e in read_manifest().entries] == ["a", "b"]
    assert read_manifest().get("b").tables[0].sha256 == digest(table)
    with pytest.raises(UnknownName, match="offline benchmark 'c'"):
        read_manifest().get("c")


def test_a_table_is_hashed_again_only_when_it_looks_changed(table):
    kept = entry("a", table).tables[0]
    table.touch()
    assert kept.verified() == table  # another time, the same content
    table.write_text("a\n2\n")
    with pytest.raises(BadFile, match=r"checksum .* register it anew"):
        kept.verified()
    table.unlink()
    with pytest.raises(BadFile, match="no file"):
        kept.verified()


def test_a_damaged_manifest_is_told(home, table):
    keep(entry("a", table))
    (home / FILE).write_text('{"entries": [')
    with pytest.raises(BadFile, match=r"cannot read .*offline\.json"):
        read_manifest()


def test_entries_print_and_draw_themselves(table, tmp_path):
    one = entry("a", table)
    assert one.table().rows[0][0] == str(table)
    assert one.chart().to_dict()["mark"]
    keep(one)
    assert read_manifest().save(tmp_path / "m.csv").read_text().startswith("name,workloads")
    assert read_manifest().chart().to_dict()["mark"]
