"""An editor without a screen: it starts the language server, types, and waits for each answer."""

import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psutil


class Editor:
    """A server in a process of its own, spoken to in the words of the Language Server Protocol."""

    def __init__(self, folder: Path, models: Path | None) -> None:
        words = [sys.executable, "-m", "learnsys", "complete", "lsp", *(["--models", str(models)] if models else [])]
        self._server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._ids = itertools.count(1)
        root = folder.resolve().as_uri()
        params = {
            "processId": None, "rootUri": root, "capabilities": {"textDocument": {"completion": {}}},
            "workspaceFolders": [{"uri": root, "name": "w"}],
        }  # fmt: skip
        self.ask("initialize", params)
        self.tell("initialized", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.ask("shutdown", None)
        self.tell("exit", None)
        self._server.wait(30)

    def type(self, uri: str, version: int, place: tuple[int, int], character: str) -> tuple[float, int]:
        """Type a character at (line, column), ask for completion after it; return milliseconds and items."""
        line, column = place
        at = {"line": line, "character": column}
        began = time.perf_counter()
        self.tell("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": at, "end": at}, "text": character}],
        })  # fmt: skip
        found = self.ask("textDocument/completion", {
            "textDocument": {"uri": uri}, "position": {"line": line, "character": column + 1},
        })  # fmt: skip
        items = found["items"] if isinstance(found, dict) else found or []
        return 1000 * (time.perf_counter() - began), len(items)

    def cpu_s(self) -> float:
        """CPU seconds of the server so far."""
        spent = psutil.Process(self._server.pid).cpu_times()
        return float(spent.user + spent.system)

    def memory(self) -> int:
        """Bytes that the server holds."""
        return int(psutil.Process(self._server.pid).memory_info().rss)

    def tell(self, method: str, params: Any) -> None:
        """Send a message that nobody answers."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer; what the server asks meanwhile is granted."""
        number = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message["result"]
            if "id" in message and "method" in message:
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        length = 0
        while (line := self._server.stdout.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            elif not line and self._server.poll() is not None:
                raise RuntimeError(f"the server ended with code {self._server.returncode}")
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message
