"""One HTTP connection of a client, as uvicorn has it, with two things mended."""

from typing import Any, Final, final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_HEAD: Final = 64 * 1024


@final
class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, safe from clients that pipeline and leave, and from heads without end.

    uvicorn tells the request that came last that its client has gone; of pipelined requests it is an
    earlier one that is being answered, and would be written to a closed connection. And it keeps
    whatever comes until a head (request line and headers) is whole.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answered: RequestResponseCycle | None = None
        self._in_head, self._head = True, 0

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, too."""
        super().connection_lost(exc)
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Read on, and refuse a head that is too large."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head += len(data)
        if self._head > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response(f"the head of the request is larger than {MAX_HEAD} bytes")

    def on_message_begin(self) -> None:
        """Count from here."""
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """Count no more."""
        self._in_head = False
        super().on_headers_complete()
