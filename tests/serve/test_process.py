import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from learnsys.convex.model import LinearModel
from learnsys.core.errors import Refused
from learnsys.serve import process
from learnsys.serve.process import LIFELINE, ServerDied, running


@pytest.fixture
def command(monkeypatch):
    """Start something else than ``learnsys serve run`` and note the words of the command."""
    words = []

    def use(script):
        popen = process.subprocess.Popen

        def start(args, **kwargs):
            words.extend(args)
            announce = args[args.index("--announce") + 1]
            return popen([sys.executable, "-c", script, announce], **kwargs)

        monkeypatch.setattr(process.subprocess, "Popen", start)
        return words

    return use


UP = "import sys, time; open(sys.argv[1], 'w').write('http://x'); "


def test_the_command_is_the_one_a_user_types(command):
    words = command("import signal; signal.signal(15, lambda *a: sys.exit(0)); " + UP + "time.sleep(60)")
    with running(["a", "b"], slo="5ms", port=81) as url:
        assert url == "http://x"
    assert words[1:7] == ["-m", "learnsys", "serve", "run", "a", "b"]
    assert words[words.index("--slo") + 1] == "5ms"
    assert words[words.index("--port") + 1] == "81"


def test_a_refusal_is_a_refusal_here_too(command):
    command("import sys; sys.stderr.write('error: no file a\\n'); sys.exit(2)")
    with pytest.raises(Refused, match=r"^no file a$"), running("a"):
        raise AssertionError("not reached")


def test_a_failure_to_start_is_told_in_the_server_s_words(command):
    command("import sys; sys.stderr.write('error: port 80 is in use\\n'); sys.exit(1)")
    with pytest.raises(ServerDied, match="code 1: port 80 is in use"), running("a"):
        raise AssertionError("not reached")


def test_a_server_that_does_not_come_is_not_waited_for(command, monkeypatch):
    command("import time; time.sleep(60)")
    monkeypatch.setattr(process, "START_S", 0.2)
    with pytest.raises(ServerDied, match="in time"), running("a"):
        raise AssertionError("not reached")


def test_a_bad_end_is_an_error(command):
    command("import signal; signal.signal(15, lambda *a: sys.exit(3)); " + UP + "time.sleep(60)")
    with pytest.raises(ServerDied, match="code 3"), running("a"):
        pass


def test_a_server_that_does_not_stop_is_made_to(command, monkeypatch):
    command("import signal; signal.signal(15, signal.SIG_IGN); " + UP + "time.sleep(60)")
    monkeypatch.setattr(process, "STOP_S", 0.2)
    with pytest.raises(ServerDied), running("a"):
        pass


def test_an_error_in_the_block_comes_through(command):
    command(UP + "time.sleep(60)")
    with pytest.raises(ZeroDivisionError), running("a"):
        1 / 0  # noqa: B018


def test_a_missing_model_is_refused_by_the_real_command(tmp_path):
    with pytest.raises(Refused, match=r"no file .*nothing"), running(tmp_path / "nothing"):
        raise AssertionError("not reached")


@pytest.fixture(scope="module")
def delay(tmp_path_factory):
    """A linear model of two classes named by texts, saved."""
    coef = np.random.default_rng(0).standard_normal(120)
    model = LinearModel(name="delay", coef=coef, intercept=0.5, classes=("late", "on time"))
    return model, model.save(tmp_path_factory.mktemp("models") / "delay")


def test_a_saved_model_is_served_to_triton_s_client_by_the_command(delay):
    model, folder = delay
    x = np.random.default_rng(1).standard_normal((4, 120)).astype(np.float32)
    with running(folder, slo="10s") as url, triton.InferenceServerClient(url.removeprefix("http://")) as client:
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.get_model_metadata("delay")["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 120]}]
        for binary in (True, False):
            asked = triton.InferInput("x", [4, 120], "FP32").set_data_from_numpy(x, binary_data=binary)
            outputs = [triton.InferRequestedOutput(n, binary_data=binary) for n in ("probability", "label")]
            answer = client.infer("delay", [asked], model_version=model.version, outputs=outputs)
            want = model.predict({"x": x})
            np.testing.assert_array_equal(answer.as_numpy("probability"), want["probability"])
            labels = [t.decode() if isinstance(t, bytes) else t for t in answer.as_numpy("label")]
            assert labels == want["label"].tolist()
        wrong = triton.InferInput("x", [4, 9], "FP32").set_data_from_numpy(x[:, :9].copy())
        with pytest.raises(InferenceServerException, match=r"must have \[-1, 120\]") as caught:
            client.infer("delay", [wrong])
        assert caught.value.status() == "400"


def children(pid):
    return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def test_a_server_ends_when_its_parent_is_killed(delay):
    script = (
        "import sys, time; from learnsys.serve import running\n"
        "with running(sys.argv[1], slo='10s') as url: print(url, flush=True); time.sleep(3600)"
    )
    command = [sys.executable, "-c", script, str(delay[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline().startswith("http://127.0.0.1:")
        (server,) = children(parent.pid)
        watched = os.pidfd_open(server)
        try:
            assert not select.select([watched], [], [], 0)[0], "it serves"
            parent.kill()
            parent.wait(60)
            assert select.select([watched], [], [], 30)[0], "it has ended"
        finally:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            os.close(watched)


def test_the_end_of_the_parent_drains_and_is_no_secret_of_grandchildren():
    script = """
import os, signal, sys, time
from learnsys.serve.process import LIFELINE, end_with_parent
signal.signal(signal.SIGTERM, lambda *a: sys.exit(7))
end_with_parent()
assert LIFELINE not in os.environ
print("up", flush=True)
while True:
    time.sleep(0.1)
"""
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, pass_fds=[read], env=os.environ | {LIFELINE: str(read)}
    ) as child:
        assert child.stdout.readline() == b"up\n"
        assert child.poll() is None
        os.close(write)
        assert child.wait(60) == 7
    os.close(read)


def test_the_commands_of_the_readme(delay):
    _, folder = delay
    with running(folder, slo="10s") as url:
        words = ["--rate", "100", "--requests", "20", "--slo", "10s", "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "learnsys", "serve", "load", url, *words], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    envelope = json.loads(done.stdout)
    assert envelope["command"] == "serve load"
    assert envelope["result"]["within"] == 20
    assert [s["status"] for s in envelope["result"]["statuses"]] == ["200"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["run", "MODEL", "--slo", "fast"], 2, "no duration"),
        (["run", "MODEL", "--port", "99999"], 2, "cannot listen"),
        (["run"], 2, "no model"),
        (["load", "http://127.0.0.1:9", "--requests", "1"], 1, "no server answers"),
        (["load", "https://example.org"], 2, "no http URL"),
        (["load", "http://127.0.0.1:9", "--rate", "0"], 2, "rate"),
        (["load", "http://127.0.0.1:9", "--data", "none.npz"], 2, "no file none.npz"),
    ],
)
def test_bad_words_are_one_line(delay, words, code, says):
    command = [str(delay[1]) if w == "MODEL" else w for w in words]
    done = subprocess.run(
        [sys.executable, "-m", "learnsys", "serve", *command], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_one_line_and_code_1(delay):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = ["serve", "run", str(delay[1]), "--port", str(taken.getsockname()[1])]
        done = subprocess.run([sys.executable, "-m", "learnsys", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "is in use; choose another: --port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
