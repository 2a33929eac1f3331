import threading
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from learnsys.core.errors import BadFile
from learnsys.machines.offline.fetch import digest, downloads, is_url, local


class Quiet(SimpleHTTPRequestHandler):
    """Serve a folder, and say nothing about it; ``/cut`` breaks off in the middle of a chunk."""

    def do_GET(self):
        """Answer."""
        if self.path != "/cut":
            super().do_GET()
            return
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nsome")

    def log_message(self, *args):
        """Stay silent."""


@pytest.fixture
def site(tmp_path):
    (folder := tmp_path / "site").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_url_is_fetched_once(site):
    folder, url = site
    (folder / "t.csv").write_text("a\n1\n")
    path = local(f"{url}/t.csv?raw=1")
    assert path.name.endswith("-t.csv")
    (folder / "t.csv").write_text("a\n2\n")
    assert local(f"{url}/t.csv?raw=1").read_text() == "a\n1\n"


def test_another_content_than_expected_is_refused_and_fetched_again(site):
    folder, url = site
    (folder / "t.csv").write_text("cut sho")
    wanted = sha256(b"whole").hexdigest()
    with pytest.raises(BadFile, match=f"checksum .* not {wanted[:12]}"):
        local(f"{url}/t.csv", sha256=wanted)
    (folder / "t.csv").write_text("whole")
    assert digest(local(f"{url}/t.csv", sha256=wanted)) == wanted


def test_what_is_not_there_is_said_in_one_line(site):
    _, url = site
    with pytest.raises(BadFile, match=r"cannot fetch http://.*gone: File not found"):
        local(f"{url}/gone")
    with pytest.raises(BadFile, match="cannot fetch"):
        local("http://127.0.0.1:1/t.csv")
    for address in (f"{url}/cut", "http://127.0.0.1:port/t.csv", "http://a b/t.csv"):
        with pytest.raises(BadFile, match="cannot fetch"):
            local(address)
    with pytest.raises(BadFile, match="no file"):
        local("file:///etc/passwd")
    assert list(downloads().iterdir()) == []


def test_a_path_stays_where_it_is(tmp_path):
    (path := tmp_path / "t.csv").write_text("a")
    assert local(path) == path
    assert not is_url(path)
    with pytest.raises(BadFile, match="no file"):
        local(tmp_path / "u.csv")
    with pytest.raises(BadFile, match="checksum"):
        local(path, sha256="0" * 64)
    assert path.exists(), "a user's own file is never removed"
