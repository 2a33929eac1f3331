"""Traces come back from files as they went in, and a damaged file is named with its line."""

import math
import os

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.strategies import quick, traces

from learnsys.core.errors import BadFile, InputError
from learnsys.core.recorder import Recorder
from learnsys.core.trace import Network
from learnsys.core.trace_file import decode_traces, encode_traces, holds_traces, read_traces, write_traces

many = st.lists(traces, max_size=3)


def run(method="sgd", losses=(1.0, 0.5, 0.25)):
    recorder = Recorder(method, params={"lam": 0.1})
    for loss in losses:
        recorder.step(loss, lower=0.1, part_s=(0.25, 0.5))
    return recorder.finish("rounds")


@quick
@given(many)
def test_bytes_round_trip(found):
    assert decode_traces(encode_traces(found), "memory") == found


@quick
@given(found=many)
def test_both_forms_give_back_the_same(tmp_path_factory, found):
    folder = tmp_path_factory.getbasetemp()
    jsonl, parquet = (read_traces(write_traces(found, folder / f"both{s}")) for s in (".jsonl", ".parquet"))
    assert jsonl == parquet == found


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_types_of_parameters_are_kept(tmp_path, suffix):
    params = {"a": 1, "b": 1.0, "c": True, "d": "1", "e": "inf", "f": "nan", "g": 10**18}
    trace = msgspec.structs.replace(run(), params=params)
    (back,) = read_traces(write_traces([trace], tmp_path / f"t{suffix}"))
    assert {k: (type(v), v) for k, v in back.params.items()} == {k: (type(v), v) for k, v in params.items()}


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_loss_that_is_no_number_is_kept(tmp_path, suffix):
    (back,) = read_traces(write_traces([run(losses=(1.0, math.inf, math.nan))], tmp_path / f"t{suffix}"))
    assert back.steps[1].loss == math.inf
    assert math.isnan(back.steps[2].loss)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_network_without_limit_is_kept(tmp_path, suffix):
    network = Network(latency_s=0.0, bytes_s=math.inf, source="none between")
    trace = msgspec.structs.replace(run(), network=network)
    assert read_traces(write_traces([trace], tmp_path / f"t{suffix}")) == [trace]


def test_a_parameter_that_is_no_number_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match="parameter lam of trace"):
        write_traces([msgspec.structs.replace(run(), params={"lam": math.inf})], tmp_path / "t.jsonl")
    assert not list(tmp_path.iterdir())


def test_the_form_is_the_promised_one(tmp_path):
    header, *steps = (msgspec.json.decode(line) for line in encode_traces([run()]).splitlines())
    assert header["v"] == 1
    assert header["method"] == "sgd"
    assert "steps" not in header
    assert [s["iteration"] for s in steps] == [0, 1, 2]
    frame = pl.read_parquet(write_traces([run(), run("cocoa")], tmp_path / "t.parquet"))
    assert frame["trace"].to_list() == [0, 0, 0, 1, 1, 1]
    assert frame["loss"].to_list() == [1.0, 0.5, 0.25] * 2


def test_a_folder_gives_all_its_traces_in_order_of_their_files(tmp_path):
    for name, method in (("b.jsonl", "second"), ("a.parquet", "first"), ("c.jsonl", "third")):
        write_traces([run(method)], tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a trace")
    assert [t.method for t in read_traces(tmp_path)] == ["first", "second", "third"]


GOOD = encode_traces([run(), run("cocoa")])
LINES = GOOD.splitlines(keepends=True)
DAMAGED = {
    "cut in the last line": (GOOD[:-5], 8, "ends before the line does"),
    "cut at the end of the last line": (GOOD[:-1], 8, "ends before the line does"),
    "a step before any header": (LINES[1], 1, "before any header"),
    "no JSON": (GOOD + b"{oops\n", 9, "malformed"),
    "an empty line": (b"".join([*LINES[:3], b"\n", *LINES[3:]]), 4, "truncated"),
    "a step without loss": (LINES[0] + b'{"iteration":0,"wall_s":0,"cpu_s":0,"eval_s":0}\n', 2, "loss"),
    "a loss of text": (b"".join(LINES[:2]).replace(b'"loss":1.0', b'"loss":"low"'), 2, r"\$\.loss"),
    "a newer version": (GOOD.replace(b'{"v":1', b'{"v":2'), 1, "version 2 .* reads 1"),
    "an unknown end": (GOOD.replace(b'"ended":"rounds"', b'"ended":"bored"'), 1, "bored"),
    "a list": (b'["v"]\n', 1, "version"),
    "bytes": (b"\xff\xfe\n", 1, "before any header"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_is_named_with_its_line(tmp_path, case):
    text, line, says = DAMAGED[case]
    (tmp_path / "t.jsonl").write_bytes(text)
    with pytest.raises(BadFile, match=rf"t\.jsonl, line {line}: .*{says}"):
        read_traces(tmp_path / "t.jsonl")


@quick
@given(st.integers(1, len(GOOD) - 1))
def test_a_file_cut_anywhere_is_refused_or_holds_whole_steps(cut):
    if not GOOD[:cut].endswith(b"\n"):
        with pytest.raises(BadFile, match=rf"line {GOOD[:cut].count(10) + 1}:"):
            decode_traces(GOOD[:cut], "memory")
        return
    for part, whole in zip(decode_traces(GOOD[:cut], "memory"), decode_traces(GOOD, "memory"), strict=False):
        assert part.steps == whole.steps[: len(part.steps)]


def test_a_parquet_file_that_holds_no_traces_is_refused(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(BadFile, match="holds no traces"):
        read_traces(tmp_path / "other.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 or not")
    with pytest.raises(BadFile, match=r"broken\.parquet"):
        read_traces(tmp_path / "broken.parquet")
    pl.DataFrame({"trace": [3]}).write_parquet(tmp_path / "odd.parquet", metadata={"learnsys.traces": "[]"})
    with pytest.raises(BadFile, match=r"odd\.parquet"):
        read_traces(tmp_path / "odd.parquet")


def test_files_of_traces_are_told_from_tables_by_their_form(tmp_path):
    for suffix in (".jsonl", ".parquet"):
        assert holds_traces(write_traces([run()], tmp_path / f"t{suffix}"))
    assert holds_traces(tmp_path)
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "table.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 or not")
    for name in ("table.parquet", "broken.parquet", "none.parquet", "table.csv", "nycflights"):
        assert not holds_traces(tmp_path / name)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(BadFile, match="no file"):
        read_traces(tmp_path / "none.jsonl")
    with pytest.raises(BadFile, match=r"no \.jsonl or \.parquet file in"):
        read_traces(tmp_path)
    with pytest.raises(InputError, match=r"\.jsonl or \.parquet"):
        write_traces([run()], tmp_path / "t.json")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_traces([run("old")], tmp_path / "t.jsonl")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(BadFile, match="No space left"):
        write_traces([run("new")], path)
    assert [t.method for t in read_traces(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]
