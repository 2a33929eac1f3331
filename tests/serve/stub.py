"""A tiny HTTP server whose delays are known: one request at a time, in the order they come."""

import json
import socket
import threading
import time
from contextlib import contextmanager

ABOUT = {
    "name": "stub",
    "versions": ["1"],
    "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}],
    "outputs": [],
}
OK = "200 OK"


class Stub:
    """Answers inference after ``delay_s(k)`` seconds for the k-th request, with ``status(k)`` (None: hangs up)."""

    def __init__(self, delay_s=lambda k: 0.0, status=lambda k: OK, close=lambda k: False):
        self.delay_s, self.status, self.close = delay_s, status, close
        self.bodies = []
        self._turn = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = []
        self.connections = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(peer)
            self.connections += 1
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        try:
            with peer, peer.makefile("rb") as lines:
                while request := lines.readline():
                    length = 0
                    while (line := lines.readline()) not in (b"\r\n", b""):
                        name, _, value = line.partition(b":")
                        length = int(value) if name.lower() == b"content-length" else length
                    if not self.answer(peer, request, lines.read(length)):
                        return
        except (OSError, ValueError):
            return

    def answer(self, peer, request, body):
        with self._turn:
            k = len(self.bodies)
            status, closes, reply = OK, False, ABOUT
            if b"/infer " in request:
                self.bodies.append(body)
                time.sleep(self.delay_s(k))
                status, closes, reply = self.status(k), self.close(k), {"outputs": []}
            elif b"repository" in request:
                reply = [{"name": "stub", "version": "1"}]
            if status is None:
                return False
            raw = json.dumps(reply).encode()
            close = "connection: close\r\n" if closes else ""
            peer.sendall(f"HTTP/1.1 {status}\r\n{close}content-length: {len(raw)}\r\n\r\n".encode() + raw)
            return not closes

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._open:
            peer.close()


@contextmanager
def stub(**kwargs):
    server = Stub(**kwargs)
    thread = threading.Thread(target=server.accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)
