"""A language server in a process of its own, and the messages of an editor."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

PATIENCE_S = 120.0


class Server:
    """A server that was started by ``command``; what it asks of an editor is answered with nothing."""

    def __init__(self, command: Sequence[str], *, root: Path | None = None, more: dict | None = None) -> None:
        self._command = command
        self.server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None if root is None else subprocess.DEVNULL
        )
        self.number = 0
        uri = None if root is None else root.as_uri()
        folders = None if uri is None else [{"uri": uri, "name": root.name}]
        given = {"processId": None, "rootUri": uri, "workspaceFolders": folders, "capabilities": {}, **(more or {})}
        self.ask("initialize", given)
        self.tell("initialized", {})

    def tell(self, method: str, params: object, **more: object) -> None:
        """Send a message."""
        self._send({"method": method, "params": params, **more})

    def ask(self, method: str, params: object) -> dict:
        """Send a request and wait for its answer."""
        self.number += 1
        self.tell(method, params, id=self.number)
        watch = threading.Timer(PATIENCE_S, self.server.kill)
        watch.start()
        try:
            while "method" in (message := self._message()) or message.get("id") != self.number:
                if "method" in message and "id" in message:
                    wanted = (
                        len(message["params"].get("items", ())) if message["method"].endswith("configuration") else 0
                    )
                    self._send({"id": message["id"], "result": [None] * wanted or None})
        finally:
            watch.cancel()
        return message

    def leave(self) -> None:
        """Say goodbye."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        assert self.server.wait(20) == 0

    def _send(self, message: dict) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def _message(self) -> dict:
        length = 0
        while (header := self.server.stdout.readline().strip()) or not length:
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
            elif not header and self.server.poll() is not None:
                sys.exit(f"{self._command[0]} ended, or was ended after {PATIENCE_S:g} s without an answer")
        return json.loads(self.server.stdout.read(length))
