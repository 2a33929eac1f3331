import sys

import pytest

from learnsys.core.errors import Refused
from learnsys.serve import process
from learnsys.serve.process import ServerDied, running


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
