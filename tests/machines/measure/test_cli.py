"""The commands as a user gives them: output, exit codes and signals pass through, results are kept."""

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from tests.machines.measure import hosts
from tests.machines.measure.test_imports import RECORDED

from learnsys.core.store import Store
from learnsys.machines.offline.registry import add as register

MAIN = """
import sys
from contextlib import suppress
from cyclopts import App
from learnsys.core.command import end_on_sigterm, run
app = App(name="learnsys")
for name in ("fingerprint", "show", "add", "import_"):
    app.command(f"learnsys.machines.measure.cli:{name}", name=name.rstrip("_"))
end_on_sigterm()
sys.exit(run(app, sys.argv[1:]))
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LEARNSYS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path / "home"


def call(*words, stdin=subprocess.DEVNULL, **options):
    command = hosts.python(MAIN, *map(str, words))
    return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=stdin, **options)


def test_output_and_exit_code_pass_through_and_the_run_is_kept(home):
    done = call(
        "fingerprint", "--name", "etl", "--shape", "cpu=1,mem=256m", "--", "sh", "-c", "echo out; echo err >&2; exit 3"
    )
    if hosts.ISOLATION != "weak":
        assert done.stderr.startswith("err\n")
    assert done.returncode == 3
    assert done.stdout.startswith("out\n")
    (run,) = Store(home).get("fingerprint", "etl").runs
    assert (run.outcome, run.exit_code, run.machine) == ("failed", 3, "host/cpu=1,mem=256MiB")


def test_json_is_alone_on_stdout_and_flags_after_the_dashes_are_the_commands(home):
    words = ("fingerprint", "--name", "etl", "--reps", "2", "--json", "--", "echo", "--json", "--name", "x")
    done = call(*words)
    assert done.returncode == 0, done.stderr
    envelope = json.loads(done.stdout)
    assert envelope["command"] == "fingerprint"
    assert envelope["result"]["command"] == ["echo", "--json", "--name", "x"]
    assert [run["outcome"] for run in envelope["result"]["runs"]][-1] == "ok"
    assert "--json --name x\n" in done.stderr
    plain = call("fingerprint", "--name", "two", "--reps", "2", "--", "echo", "--json")
    assert plain.stdout.startswith("--json\n--json\n")
    assert "two: echo --json" in plain.stdout


@pytest.mark.parametrize(
    ("command", "code", "outcome"),
    [("sleep 30", 124, "timeout"), ("kill -TERM $$", 143, "failed"), ("true", 0, "ok")],
)
def test_exit_codes_are_those_of_a_shell(home, command, code, outcome):
    done = call("fingerprint", "--name", "n", "--reps", "1", "--timeout", "500ms", "--", "sh", "-c", command)
    assert done.returncode == code
    assert Store(home).get("fingerprint", "n").runs[0].outcome == outcome


def test_out_of_memory_is_a_point_that_does_not_fit(home):
    program = "b = b'a' * 300_000_000; import time; time.sleep(2)"
    done = call("fingerprint", "--name", "n", "--shape", "cpu=1,mem=64m", "--", sys.executable, "-c", program)
    assert done.returncode == 137
    assert Store(home).get("fingerprint", "n").runs[0].outcome == "oom"


def test_words_that_are_no_text_reach_the_command_and_are_kept_readable(home):
    words = hosts.python(MAIN, "fingerprint", "--name", "n", "--reps", "1", "--", "printf")
    for _ in range(2):
        done = subprocess.run([*words, b"\xff%s"], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(b"\xff")
    assert Store(home).get("fingerprint", "n").command == ("printf", "\\xff%s")


def test_sizes_are_an_axis(home):
    for size, words in (("1MB", "a"), ("10GB", "b")):
        assert call("fingerprint", "--name", "n", "--reps", "1", "--size", size, "--", "echo", words).returncode == 0
    assert [run.size for run in Store(home).get("fingerprint", "n").runs] == [1e6, 1e10]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_reach_the_command_and_nothing_is_recorded(home, number, code):
    job = "trap 'echo told; exit 0' INT TERM; echo ready; sleep 20 & wait"
    words = ("fingerprint", "--name", "n", "--", "sh", "-c", job)
    with hosts.start(MAIN, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as caller:
        assert caller.stdout.readline() == "ready\n"
        caller.send_signal(number)
        out, err = caller.communicate(timeout=20)
        assert caller.returncode == code
    assert out == "told\n"
    assert "Traceback" not in err
    assert Store(home).list("fingerprint") == ()


def test_input_is_read_by_every_run_or_refused(home, tmp_path):
    (tmp_path / "in").write_text("yes\n")
    words = ("fingerprint", "--name", "n", "--reps", "2", "--", "sh", "-c", "read word; test $word = yes")
    with (tmp_path / "in").open() as source:
        assert call(*words, stdin=source).returncode == 0
    command = hosts.python(MAIN, *words)
    done = subprocess.run(command, input="yes\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "read only once" in done.stderr
    words = ("fingerprint", "--name", "silent", "--reps", "2", "--", "cat")
    with hosts.start(MAIN, *words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as caller:
        assert "reads nothing" in caller.stderr.read()
        assert caller.wait(20) == 0
    done = subprocess.run(hosts.python(MAIN, *words), input="", capture_output=True, text=True, timeout=60)
    assert "reads nothing" not in done.stderr, "whoever had the pipe has closed it"


def test_show_add_and_import(home, tmp_path):
    assert "none yet" in call("show").stdout
    assert call("fingerprint", "--name", "etl", "--reps", "1", "--", "true").returncode == 0
    (tmp_path / "runs.csv").write_text("elapsed_s,peak_bytes\n12,1GiB\n13s,1GiB\n")
    assert "runs kept as 'etl': 3" in call("add", "etl", "aws/m6i.large", tmp_path / "runs.csv").stdout
    shown = json.loads(call("show", "etl", "--json").stdout)["result"]["fingerprints"][0]
    assert [run["elapsed_s"] for run in shown["runs"]][1:] == [12.0, 13.0]
    assert call("import", RECORDED / "gnu_time.txt", "--name", "timed", "--machine", "aws/m5.large").returncode == 0
    assert "timed" in call("show").stdout


def test_runs_are_added_though_a_registered_table_has_changed(home, tmp_path):
    (tmp_path / "runs.csv").write_text("workload,machine,elapsed_s\nw,here/a,1\nw,here/b,2\n")
    (tmp_path / "machines.csv").write_text("key,vcpus,memory\nhere/a,2,4GiB\nhere/b,4,8GiB\n")
    register("mine", tmp_path / "runs.csv", tmp_path / "machines.csv")
    assert call("fingerprint", "--name", "etl", "--reps", "1", "--", "true").returncode == 0
    (tmp_path / "new.csv").write_text("elapsed_s\n3\n")
    assert call("add", "etl", "here/a", tmp_path / "new.csv").returncode == 0
    (tmp_path / "runs.csv").unlink()
    done = call("add", "etl", "aws/m5.large", tmp_path / "new.csv")
    assert done.returncode == 0, done.stderr
    assert "no file" in done.stderr


BAD = {
    "no command": (["fingerprint", "--name", "n"], "no command to run"),
    "no name": (["fingerprint", "--", "true"], "name"),
    "name of no text": (["fingerprint", "--name", "a\nb", "--", "true"], "can be printed"),
    "no program": (["fingerprint", "--name", "n", "--", "no-such-program"], "cannot start 'no-such-program'"),
    "no shape": (["fingerprint", "--name", "n", "--shape", "big", "--", "true"], "'big' is no shape"),
    "no timeout": (["fingerprint", "--name", "n", "--timeout", "0s", "--", "true"], "timeout"),
    "no repetitions": (["fingerprint", "--name", "n", "--reps", "0", "--", "true"], "reps"),
    "other command": (["fingerprint", "--name", "kept", "--", "false"], "--replace"),
    "unknown name": (["show", "kpt"], "did you mean kept?"),
    "unknown fingerprint": (["add", "kpt", "aws/m5.large", "x.csv"], "did you mean kept?"),
    "missing file": (["add", "kept", "aws/m5.large", "no.csv"], "no file no.csv"),
    "unknown machine": (["add", "kept", "aws/m5.larg", "no.csv"], "did you mean aws/m5.large"),
    "no machine": (["import", RECORDED / "gnu_time.txt", "--name", "n", "--machine", "m5"], "vendor/type"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_words_get_one_line_and_exit_code_2_and_nothing_is_lost(home, tmp_path, case):
    words, says = BAD[case]
    assert call("fingerprint", "--name", "kept", "--reps", "1", "--", "true").returncode == 0
    done = call(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [stored.version for stored in Store(home).list("fingerprint")] == [1]


def test_a_job_on_a_terminal_is_told_once_by_the_keys_of_the_terminal(home):
    """Ctrl-C reaches job and caller from the terminal itself: the caller must not pass it on a second time."""
    job = "trap 'echo told; n=1$n' INT; echo ready; sleep 1 & wait; wait; echo times $n; test -t 0 && echo terminal"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, hosts.python(MAIN, "fingerprint", "--name", "n", "--reps", "1", "--", "sh", "-c", job))
    text = b""
    with suppress(OSError):  # a terminal that nobody holds any more
        while part := os.read(terminal, 4096):
            if b"ready" in part and b"ready" not in text:
                os.write(terminal, b"\x03")
            text += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    os.close(terminal)
    assert text.count(b"told") == 1, text
    assert b"times 1\r\n" in text
    assert b"terminal\r\n" in text
