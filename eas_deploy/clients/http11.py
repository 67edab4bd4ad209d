"""One client's side of an HTTP/1.1 connection, request after request. No I/O: bytes out, bytes in.

The protocol is ``h11``'s. A request goes out in one piece, head and body, which is one packet for most.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import h11

from eas_deploy.clients.wire import SignedRequest

_LARGEST_HEAD = 100 * 1024
"""Bytes of the head of an answer; a longer one is an error."""

_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests tell the length of their body even if they have none (RFC 9110, 8.6)."""

Headers = list[tuple[bytes, bytes]]

ProtocolError = h11.ProtocolError
"""One side does not speak HTTP/1.1: the other one, or what was to be sent."""

UnsayableError = h11.LocalProtocolError
"""A request that cannot be sent; its text may quote a header."""


class RawAnswer(NamedTuple):
    """An answer as it came, whole; headers in lower case."""

    status: int
    headers: Headers
    body: bytes


class Talk:
    """The requests and answers of one connection."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._head: h11.Response | None = None
        self._body = bytearray()

    def ask(self, request: SignedRequest, target: bytes) -> bytes:
        """The bytes of a request. Its headers are no variables here: a traceback may show those.

        Raises:
            UnsayableError: It has a header that no request can have.
        """
        self._head, self._body = None, bytearray()
        send = self._connection.send
        said = [send(h11.Request(method=request.method, target=target, headers=_headers(request)))]
        if request.body:
            said.append(send(h11.Data(data=cast("bytes", request.body))))  # an API call has no body in pieces
        said.append(send(h11.EndOfMessage()))
        return b"".join(filter(None, said))

    def hear(self, received: bytes) -> RawAnswer | None:
        """The answer, once it is whole.

        Args:
            received: What has arrived; nothing means that no more will.

        Raises:
            ProtocolError: It is no HTTP, or ended too early.
        """
        if not received and self._head is None:
            raise h11.RemoteProtocolError("the connection was closed without an answer")
        self._connection.receive_data(received)
        while True:
            event = self._connection.next_event()
            if isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                return RawAnswer(self._head.status_code, list(self._head.headers), bytes(self._body))
            elif not isinstance(event, h11.InformationalResponse):
                return None  # NEED_DATA: whatever else there is ends in an error

    def may_go_on(self) -> bool:
        """Whether another request can follow; makes ready for it.

        Not if either side has closed, or said more than it should have: that would pass for the next answer.
        """
        connection = self._connection
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            return False
        if connection.trailing_data[0]:
            return False
        connection.start_next_cycle()
        return True


def _headers(request: SignedRequest) -> Headers:
    headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
    body = cast("bytes", request.body or b"")
    if body or request.method in _BODY_EXPECTED:
        headers.append((b"content-length", b"%d" % len(body)))
    return headers
