"""A corpus reads as it was written, and its sha256 is of its sources alone."""

import pytest
from tests.complete.corpus.archives import package

from learnsys.complete.corpus.stored import digest, read, read_manifest, write
from learnsys.complete.corpus.types import SPLITS, Kept, Source
from learnsys.core.errors import BadFile

SOURCES = [Source(split=split, package="p", path=f"{split}.js", text=f"let ä😀 = '{split}'\r\n") for split in SPLITS]
KEPT = [Kept(package=package(split=split), files=1, chars=20, left_out={"tests": 2, "copies": 0}) for split in SPLITS]


@pytest.fixture
def corpus(tmp_path):
    write(tmp_path / "c.parquet", SOURCES, KEPT, left_out={"minified": 3})
    return tmp_path / "c.parquet"


def test_sources_are_read_as_they_were_written(corpus):
    assert list(read(corpus)) == SOURCES
    for split, source in zip(SPLITS, SOURCES, strict=True):
        assert read(corpus, split) == (source,)


def test_the_manifest_is_read_as_it_was_written_and_tells_what_it_holds(corpus):
    manifest = read_manifest(corpus)
    assert manifest.packages == tuple(KEPT)
    assert manifest.sha256 == digest(SOURCES)
    text = manifest.table().markdown()
    assert "2 tests" in text
    assert "copies" not in text
    assert "left out: 3 minified" in manifest.table().notes
    assert manifest.chart().to_dict()["mark"]["type"] == "bar"


def test_the_digest_tells_sources_apart():
    others = [
        SOURCES[::-1],
        SOURCES[1:],
        [*SOURCES[:2], Source(split="test", package="p", path="test.js", text="x")],
        [],
    ]
    digests = {digest(SOURCES), *map(digest, others)}
    assert len(digests) == 5


def test_an_empty_split_is_empty(tmp_path):
    write(tmp_path / "c.parquet", SOURCES[:1], KEPT[:1])
    assert read(tmp_path / "c.parquet", "valid") == ()


def test_what_is_no_corpus_is_refused(corpus, tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read(tmp_path / "missing.parquet")
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(BadFile, match=r"c\.json"):
        read_manifest(corpus)
    corpus.write_bytes(b"PAR1 no")
    with pytest.raises(BadFile, match="no corpus"):
        read(corpus)
    import polars

    polars.DataFrame({"x": [1]}).write_parquet(corpus)
    for split in (None, "test"):
        with pytest.raises(BadFile, match="no corpus"):
            read(corpus, split)
