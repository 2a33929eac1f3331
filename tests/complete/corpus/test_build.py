"""From a registry to a corpus: filters, caps, pins and copies, from archives as the real tools write them."""

import msgspec
import pytest
from tests.complete.corpus.archives import npm, package, registry, source

from learnsys.complete.corpus import build as building
from learnsys.complete.corpus.build import build, select
from learnsys.complete.corpus.stored import digest, read, read_manifest
from learnsys.core.errors import WorkFailed

SHARED = source("js", "shared")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    lgpl = "// SPDX-License-Identifier: LGPL-2.1+\n" + source("js", "theirs")
    contents = {
        "one": {"lib/one.js": source("js", "one"), "test/t.js": source("js", "t"), "shared.js": SHARED, "l.js": lgpl},
        "two": {"two.js": source("js", "two"), "copy.js": SHARED.replace("  ", "\t"), "README.md": "# two"},
        "three": {"three.js": source("js", "three"), "a.min.js": source("js", "min")},
    }
    archives = {f"{name}@1": npm(tmp_path / f"{name}.tgz", files) for name, files in contents.items()}
    registry(tmp_path / "bin", archives)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return [package("one"), package("two", split="valid"), package("three", split="test")]


def test_a_corpus_holds_what_the_filters_leave(packages, tmp_path):
    told = []
    manifest = build(
        packages, tmp_path / "c.parquet", archives=tmp_path / "kept", notice=lambda done, note: told.append(note)
    )
    kept = {(s.split, s.package, s.path) for s in read(tmp_path / "c.parquet")}
    assert kept == {
        ("train", "one", "package/lib/one.js"),
        ("valid", "two", "package/two.js"),
        ("valid", "two", "package/copy.js"),
        ("test", "three", "package/three.js"),
    }
    left_out = {record.package.name: record.left_out for record in manifest.packages}
    assert left_out["one"] == {"tests": 1, "another licence": 1, "copies": 1}
    assert left_out["three"] == {"built": 1, "copies": 0}
    assert [record.files for record in manifest.packages] == [1, 2, 1]
    assert [record.chars for record in manifest.packages] == [
        sum(len(s.text) for s in read(tmp_path / "c.parquet") if s.package == p.name) for p in packages
    ]
    assert read_manifest(tmp_path / "c.parquet") == manifest
    assert {"one", "two", "three"} <= set(told)


def test_a_second_build_is_the_same_and_the_pins_hold(packages, tmp_path):
    first = build(packages, tmp_path / "a.parquet", archives=tmp_path / "kept")
    again = [record.package for record in first.packages]
    assert all(len(p.sha256) == 64 for p in again)
    assert build(again, tmp_path / "b.parquet", archives=tmp_path / "kept") == first
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_sources_that_are_not_those_that_were_pinned_are_refused(packages, tmp_path):
    other = [msgspec.structs.replace(packages[0], sha256="0" * 64)]
    with pytest.raises(WorkFailed, match=r"one 1 are not those that were pinned.*delete its archive"):
        build(other, tmp_path / "c.parquet", archives=tmp_path / "kept")
    assert not (tmp_path / "c.parquet").exists()


def test_no_package_rules_the_corpus(monkeypatch):
    files = [(f"package/{i}.js", source("js", f"f{i}").encode()) for i in range(9)]
    size = len(files[0][1])
    monkeypatch.setattr(building, "CAP_BYTES", 4 * size)
    kept, record = select(package(), files)
    assert len(kept) == 4
    assert record.left_out == {"over the cap": 5}
    assert [s.path for s in kept] == sorted(s.path for s in kept)
    assert select(package(), files[::-1])[0] == kept  # whatever the order of the archive
    assert record.package.sha256 == digest(kept)


def test_who_interrupts_a_build_does_not_wait_for_the_rest(packages, tmp_path):
    asked = tmp_path / "bin" / "asked"
    many = [msgspec.structs.replace(packages[0], version=str(i + 1)) for i in range(200)]

    def interrupt(done, note):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(many, tmp_path / "c.parquet", archives=tmp_path / "kept", notice=interrupt)
    assert len(asked.read_text().splitlines()) < len(many)
    assert not (tmp_path / "c.parquet").exists()
