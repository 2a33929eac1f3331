"""Files that GNU time 1.9 and resource-tracker 0.5.0 really wrote (in ``recorded``), and the same cut short."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from learnsys.core.errors import BadFile
from learnsys.machines.measure.imports import import_file

RECORDED = Path(__file__).parent / "recorded"
KEY = "aws/m5.large"


def imported(path, **options):
    return import_file(path, name="etl", machine=KEY, **options)


def test_reports_of_gnu_time_one_after_another():
    made = imported(RECORDED / "gnu_time.txt", size=2e9)
    assert " ".join(made.command).startswith("sh -c sleep 0.2; dd if=/dev/zero")
    assert len(made.runs) == 2
    run = made.runs[0]
    assert (run.machine, run.outcome, run.elapsed_s, run.cpu_s, run.size) == (KEY, "ok", 0.24, 0.01, 2e9)
    assert run.peak_bytes == 2828 * 1024
    assert run.counters["switches.involuntary_s"][0] == pytest.approx(6 / 0.24)


@pytest.mark.parametrize(("file", "code"), [("gnu_time_failed.txt", 3), ("gnu_time_killed.txt", -9)])
def test_a_failed_command_is_one_in_gnu_time_too(file, code):
    (run,) = imported(RECORDED / file).runs
    assert (run.outcome, run.exit_code, run.elapsed_s) == ("failed", code, None)
    assert run.spent_s == pytest.approx(0.1, abs=0.05)


def test_the_time_of_this_host_is_read_where_it_is_installed(tmp_path):
    if time := shutil.which("time"):
        subprocess.run([time, "-v", "-o", tmp_path / "t", "sleep", "0.1"], check=True)
        (run,) = imported(tmp_path / "t").runs
        assert run.outcome == "ok"
        assert run.elapsed_s >= 0.1
    assert imported(RECORDED / "gnu_time.txt").runs


def test_hours_are_read(tmp_path):
    text = (
        (RECORDED / "gnu_time_failed.txt").read_text().replace("0:00.10", "1:02:03").replace("status: 3", "status: 0")
    )
    (tmp_path / "t").write_text(text)
    assert imported(tmp_path / "t").runs[0].elapsed_s == 3723


def test_a_snapshot_of_resource_tracker():
    content = json.loads((RECORDED / "tracker_snapshot.json").read_text())
    (run,) = imported(RECORDED / "tracker_snapshot.json").runs
    assert run.elapsed_s == content["metadata"]["stop_time"] - content["metadata"]["start_time"]
    assert run.cpu_s == pytest.approx(sum(row["utime"] + row["stime"] for row in content["process_metrics"]))
    assert run.peak_bytes == pytest.approx(max(row["memory_mib"] for row in content["process_metrics"]) * 2**20, abs=1)
    assert run.counters["cpu.cores"][0] == pytest.approx(0.72, abs=0.02)


@pytest.mark.parametrize("file", ["tracker_process.csv", "tracker_combined.csv"])
def test_tables_of_resource_tracker_agree_with_its_snapshot(file):
    (run,), (snapshot,) = imported(RECORDED / file).runs, imported(RECORDED / "tracker_snapshot.json").runs
    assert run.elapsed_s == pytest.approx(snapshot.elapsed_s, abs=0.5)  # its sampling interval
    assert run.cpu_s == pytest.approx(snapshot.cpu_s)
    assert run.peak_bytes == snapshot.peak_bytes


def test_a_compressed_snapshot_and_its_rows_alone_read_the_same(tmp_path):
    content = (RECORDED / "tracker_snapshot.json").read_bytes()
    (tmp_path / "s.json.gz").write_bytes(gzip.compress(content))
    assert imported(tmp_path / "s.json.gz") == imported(RECORDED / "tracker_snapshot.json")
    (tmp_path / "rows.json").write_text(json.dumps(json.loads(content)["process_metrics"]))
    assert imported(tmp_path / "rows.json") == imported(RECORDED / "tracker_process.csv")


def without(file, word):
    lines = (RECORDED / file).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if word not in line)


HEAD = (RECORDED / "tracker_process.csv").read_text().splitlines(keepends=True)[0]
ROW = (RECORDED / "tracker_process.csv").read_text().splitlines(keepends=True)[1]
BAD = {
    "system only": ((RECORDED / "tracker_system.csv").read_text(), "neither of GNU time"),
    "prose": ("hello\nworld\n", "neither of GNU time"),
    "one line": ("hello\n", "neither of GNU time"),
    "nothing": ("", "no samples"),
    "no memory line": (without("gnu_time.txt", "Maximum resident"), "no line 'Maximum resident set size (kbytes)'"),
    "no number": ((RECORDED / "gnu_time.txt").read_text().replace("0:00.24", "soon"), "line 1: in this report"),
    "two commands": (
        (RECORDED / "gnu_time.txt").read_text() + (RECORDED / "gnu_time_failed.txt").read_text(), "several commands",
    ),
    "no samples": (HEAD, "no samples"),
    "one sample": (HEAD + ROW, "one sample"),
    "time stands still": (HEAD + ROW + ROW, "do not grow"),
    "no number in a row": (HEAD + ROW.replace("0.36", "much"), "row 1"),
    "no value in a row": (HEAD + ROW.replace("0.36", ""), "row 1: stime is ''"),
    "not a number": (HEAD + ROW.replace("0.36", "nan"), "row 1: stime is 'nan'"),
    "negative": (HEAD + ROW.replace("0.36", "-1"), "row 1: stime is '-1'"),
    "no list": ('{"process_metrics": 5}', "neither of GNU time"),
    "no metadata": ('{"process_metrics": [], "metadata": null}', "no samples"),
    "no such day": (HEAD + ROW.replace("1795551408.506", "1e300"), "row 1: timestamp"),
    "cut json": ((RECORDED / "tracker_snapshot.json").read_text()[:500], "no JSON"),
    "other json": ('{"a": 1}', "neither of GNU time"),
    "list of other things": ("[1, 2]", "neither of GNU time"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_of_no_such_tool_or_not_whole_is_refused(tmp_path, case):
    text, says = BAD[case]
    (tmp_path / "file").write_text(text)
    with pytest.raises(BadFile) as caught:
        imported(tmp_path / "file")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
