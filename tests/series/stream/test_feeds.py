"""Feeds hand on every sample once, as soon as it is there, and count what they could not read."""

import os
import threading
import time

import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import InputError
from learnsys.series.stream.feeds import Feed, blocks, folder, lines


def test_every_line_is_a_sample_or_is_counted():
    feed = Feed()
    text = [["time,series,value", "1,a,1", "", "2,b,2"], ["x,a,3", "3,a,nan", "4,a,4,4", "5,c,5"], [""]]
    chunks = list(lines(text, feed))
    assert [c.ids for c in chunks] == [("a", "b"), ("a", "b", "c")]
    assert np.concatenate([c.codes for c in chunks]).tolist() == [0, 1, 2]
    assert np.concatenate([c.t for c in chunks]).tolist() == [10**9, 2 * 10**9, 5 * 10**9]
    assert (feed.samples, feed.malformed, feed.dropped) == (3, 2, 1)
    assert "'x,a,3'" in feed.notes[0]
    assert "4 cells" in feed.notes[0]
    assert feed.notes[1] == "1 value was NaN or infinite and was left out"


def test_a_feed_without_faults_has_no_notes():
    feed = Feed()
    assert len(list(lines([['{"t": 1, "a": 2}']], feed))) == 1
    assert feed.notes == ()


def test_a_pipe_gives_what_it_has_and_joins_cut_lines():
    out, into = os.pipe()
    seen, feed = [], Feed()
    with os.fdopen(out, "rb") as pipe:
        reader = threading.Thread(target=lambda: seen.extend(c.x.tolist() for c in lines(pipe, feed)))
        reader.start()
        os.write(into, b"time,series,value\n1,a,1\n2,a")
        deadline = time.monotonic() + 30
        while not seen and time.monotonic() < deadline:
            time.sleep(0.005)
        assert seen == [[1.0]], "the first line is there before the second is whole"
        os.write(into, b",2\n3,a,3")
        os.close(into)
        reader.join(30)
    assert [x for values in seen for x in values] == [1.0, 2.0, 3.0]
    assert feed.malformed == 0


def test_blocks_are_whole_lines_whatever_the_encoding(tmp_path):
    (tmp_path / "x").write_bytes(b"a\n\xff\nb")
    with (tmp_path / "x").open("rb") as file:
        assert [line for block in blocks(file) for line in block] == ["a", "\ufffd", "b"]


def written(path, t, names):
    frame = pl.DataFrame({"time": np.array(t, "M8[s]").astype("M8[ns]"), "series": names, "value": np.array(t, float)})
    frame.with_columns(pl.col("time").dt.replace_time_zone("UTC")).write_parquet(path)


def test_a_folder_is_followed_file_by_file_and_a_half_written_one_is_waited_for(tmp_path):
    written(tmp_path / "1.parquet", [1, 2], ["a", "b"])
    whole = (tmp_path / "1.parquet").read_bytes()
    (tmp_path / "notes.txt").write_text("no samples")
    (tmp_path / "0.parquet").write_bytes(whole[:100])
    feed, seen = Feed(), []
    following = folder(tmp_path, feed, every_s=0.02, idle_s=0.1)
    seen.append(next(following))
    (tmp_path / "0.parquet").write_bytes(whole)
    written(tmp_path / "2.parquet", [3], ["c"])
    seen += following
    assert [c.ids for c in seen] == [("a", "b"), ("a", "b"), ("a", "b", "c")]
    assert seen[-1].t.tolist() == [3 * 10**9]
    assert (feed.samples, feed.malformed) == (5, 0)


def test_a_file_that_stays_broken_is_counted_and_the_others_are_read(tmp_path):
    written(tmp_path / "1.parquet", [1], ["a"])
    (tmp_path / "2.parquet").write_bytes(b"PAR1 and nothing more")
    feed = Feed()
    assert [c.x.tolist() for c in folder(tmp_path, feed, every_s=0.01, idle_s=0.05)] == [[1.0]]
    assert feed.malformed == 1
    assert "2.parquet" in feed.notes[0]


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        next(folder(tmp_path / "absent", Feed()))
