"""Feeds hand on every sample once, as soon as it is there, and count what they could not read."""

import os
import threading
import time

import numpy as np
import polars as pl
import pytest

from learnsys.core.errors import InputError
from learnsys.series.stream import feeds
from learnsys.series.stream.feeds import Feed, blocks, folder, lines


def test_every_line_is_a_sample_or_is_counted():
    feed = Feed()
    text = [["time,series,value", "1,a,1", "", "2,b,2"], ["x,a,3", "3,a,nan", "4,a,4,4", "5,c,5"], [""]]
    chunks = list(lines(text, feed))
    assert [c.ids for c in chunks] == [("a", "b"), ("c",)], "what a feed keeps does not grow with names"
    assert np.concatenate([c.codes for c in chunks]).tolist() == [0, 1, 0]
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
        os.write(into, b",2\n3,a,3\n")
        os.close(into)
        reader.join(30)
    assert [x for values in seen for x in values] == [1.0, 2.0, 3.0]
    assert feed.malformed == 0


def test_blocks_are_whole_lines_whatever_the_encoding(tmp_path):
    (tmp_path / "x").write_bytes(b"a\n\xff\nb")
    with (tmp_path / "x").open("rb") as file:
        assert [line for block in blocks(file) for line in block] == ["a\n", "\ufffd\n", "b"]


def read(path, content, **options):
    """The values in a file as a pipe would give them, and the feed."""
    path.write_bytes(content)
    feed = Feed()
    with path.open("rb") as file:
        return [x for chunk in lines(file, feed, **options) for x in chunk.x.tolist()], feed


def test_a_number_that_was_cut_is_no_number(tmp_path):
    values, feed = read(tmp_path / "x", b"time,series,value\n1,a,1\n2,a,37")  # it might have been 37.5
    assert values == [1.0]
    assert "cut" in feed.notes[0]
    values, feed = read(tmp_path / "x", b"up 1 1000\nup 2")
    assert (values, feed.malformed) == ([1.0], 1)
    values, feed = read(tmp_path / "x", b'{"t": 1, "a": 1}\n{"t": 2, "a": 2}')
    assert (values, feed.malformed) == ([1.0, 2.0], 0), "a document that was cut cannot be read, so this was not"
    values, feed = read(tmp_path / "x", b'{"t": 1, "a": 1}\n{"t": 2, "a": 2')
    assert (values, feed.malformed) == ([1.0], 1)


def test_a_line_without_end_is_not_kept_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(feeds, "LONGEST", 100)
    monkeypatch.setattr(feeds, "CHUNK_BYTES", 50)
    values, feed = read(tmp_path / "x", b"time,series,value\n1,a,1\n" + 500 * b"9" + b"\n3,a,3\n")
    assert values == [1.0, 3.0]
    assert feed.malformed > 1


@pytest.mark.parametrize(
    "line",
    ['{"t": 99999999999999999999, "a": 1}', '{"t": 1e300, "a": 1}', '{"t": 1, "a": 5, "b": "much"}', "[" * 100_000],
)
def test_what_no_number_can_hold_is_counted_and_all_of_its_line_left_out(line):
    feed = Feed()
    assert [c.x.tolist() for c in lines([['{"t": 1, "a": 2}', line, '{"t": 2, "a": 3}']], feed)] == [[2.0, 3.0]]
    assert feed.malformed == 1


def test_an_infinite_time_of_a_query_is_counted():
    feed, ok = Feed(), '{"status": "success", "data": {"result": [{"metric": {}, "value": [%s, "1"]}]}}'
    assert [c.x.tolist() for c in lines([[ok % "1", ok % "Infinity"]], feed)] == [[1.0]]
    assert feed.malformed == 1


def test_counters_of_scrapes_are_rates_and_those_of_other_feeds_are_as_they_are():
    feed = Feed()
    text = [["hits_total 5 1000", "load 7 1000", "hits_total 9 3000", "hits_total 1 4000", "hits_total 4 5000"]]
    assert [c.x.tolist() for c in lines(text, feed)] == [[7.0, 2.0, 3.0]]
    assert feed.notes == ("1 times a counter began anew, which gives no rate",)
    feed = Feed()
    assert [c.x.tolist() for c in lines([["time,hits_total", "1,5", "2,3"]], feed)] == [[5.0, 3.0]]
    assert feed.notes == ()


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
    assert [c.ids for c in seen] == [("a", "b"), ("a", "b"), ("c",)]
    assert seen[-1].t.tolist() == [3 * 10**9]
    assert (feed.samples, feed.malformed) == (5, 0)


def test_a_file_that_stays_broken_is_counted_and_the_others_are_read(tmp_path):
    written(tmp_path / "1.parquet", [1], ["a"])
    (tmp_path / "2.parquet").write_bytes(b"PAR1 and nothing more")
    feed = Feed()
    assert [c.x.tolist() for c in folder(tmp_path, feed, every_s=0.01, idle_s=0.05)] == [[1.0]]
    assert feed.malformed == 1
    assert "2.parquet" in feed.notes[0]


def test_rows_of_a_file_come_in_order_of_time_whatever_theirs(tmp_path):
    written(tmp_path / "1.parquet", [1, 4, 9, 2, 3, 10], list("aaabbb"))
    [chunk] = folder(tmp_path, Feed(), every_s=0.01, idle_s=0.02)
    assert (chunk.t // 10**9).tolist() == [1, 2, 3, 4, 9, 10]


def test_files_that_are_being_written_under_another_name_are_passed_over_and_odd_ones_counted(tmp_path):
    written(tmp_path / "1.parquet", [1], ["a"])
    written(tmp_path / ".2.parquet", [2], ["a"])
    written(tmp_path / "_2.parquet", [2], ["a"])
    pl.DataFrame({"what": ["ever"]}).write_parquet(tmp_path / "3.parquet")
    written(tmp_path / "4.parquet", [4], ["a"])
    feed = Feed()
    assert [c.x.tolist() for c in folder(tmp_path, feed, every_s=0.01, idle_s=0.05)] == [[1.0], [4.0]]
    assert feed.malformed == 1
    (tmp_path / "1.parquet").unlink()
    (tmp_path / "4.parquet").unlink()
    with pytest.raises(InputError):
        list(folder(tmp_path, Feed(), every_s=0.01, idle_s=0.05))


def test_a_file_that_is_taken_away_is_no_fault(tmp_path):
    for k in (1, 2, 3):
        written(tmp_path / f"{k}.parquet", [k], ["a"])
    feed, seen = Feed(), []
    for chunk in folder(tmp_path, feed, every_s=0.01, idle_s=0.03):
        seen += chunk.x.tolist()
        (tmp_path / "2.parquet").unlink(missing_ok=True)
    assert (seen, feed.malformed) == ([1.0, 3.0], 0)


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        next(folder(tmp_path / "absent", Feed()))
