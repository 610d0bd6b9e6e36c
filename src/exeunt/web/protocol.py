"""How requests are read off a connection: by httptools, with a limit on what one request may be.

httptools reads with a parser written in C, where h11 is all Python; but unlike h11 it has no limit of its own on the head of
a request.
"""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_REQUEST: Final = 65_536
"""Bytes of one request, with whatever its body is wrapped in; the application itself takes 4 KiB of body."""
LARGEST_HEAD: Final = 16_384


class Limited(HttpToolsProtocol):
    """Protocol of one connection; a request whose head or whole is too large is answered with 400, and the connection ends."""

    _read = 0
    _within = _in_head = False

    def on_message_begin(self) -> None:
        """Count anew for each request."""
        self._read, self._within, self._in_head = 0, True, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._within = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it has become too much."""
        super().data_received(data)
        if not self._within or self.transport.is_closing():
            return
        self._read += len(data)
        if self._read <= (LARGEST_HEAD if self._in_head else LARGEST_REQUEST):
            return
        if self.cycle is None or self.cycle.response_complete or self._in_head:
            self.send_400_response("The request is too large.")
        else:  # its answer has begun, or will be of no use to anybody
            self.transport.close()
