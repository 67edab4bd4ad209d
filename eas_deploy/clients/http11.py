"""One client's side of an HTTP/1.1 connection, request after request. No I/O: bytes out, bytes in.

The protocol is ``h11``'s. A request goes out in one piece, head and body, which is one packet for most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import h11

from eas_deploy.clients.wire import Bytes, SignedRequest

_LARGEST_HEAD = 100 * 1024
"""Bytes of the head of an answer; a longer one is an error."""

_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests tell the length of their body even if they have none (RFC 9110, 8.6)."""

Headers = list[tuple[bytes, bytes]]

UnsayableError = h11.LocalProtocolError
"""A request that cannot be sent; its text may quote a header."""


class UnheardError(Exception):
    """What arrived is no answer. Its text quotes nothing of it, and its cause is not kept: a token may be in it."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came, whole; headers in lower case."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


class Talk:
    """The requests and answers of one connection."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._whole = False

    def ask(self, request: SignedRequest, target: bytes) -> Bytes:
        """The bytes of a request. Its headers are no variables here: a traceback may show those.

        Raises:
            UnsayableError: It has a header that no request can have.
        """
        self._head, self._body, self._whole = None, bytearray(), False
        send = self._connection.send
        said = [send(h11.Request(method=request.method, target=target, headers=_headers(request)))]
        if request.body:
            said.append(send(h11.Data(data=cast("bytes", request.body))))  # an API call has no body in pieces
        said.append(send(h11.EndOfMessage()))
        return Bytes(b"".join(filter(None, said)))

    def hear(self, received: Bytes) -> RawAnswer | None:
        """The answer, once it is whole.

        Args:
            received: What has arrived; nothing means that no more will.

        Raises:
            UnheardError: It is no HTTP, or ended too early.
        """
        if not received.data and self._head is None:
            raise UnheardError("the connection was closed without an answer")
        try:
            self._connection.receive_data(received.data)
            while self._hear_more():
                pass
        except h11.RemoteProtocolError:
            said = "it ended too early" if not received.data else "what arrived is no HTTP"
        else:
            if self._whole and self._head is not None:
                return RawAnswer(self._head.status_code, list(self._head.headers), bytes(self._body))
            return None
        raise UnheardError(said)

    def _hear_more(self) -> bool:
        """Take in what comes next; whether there may be more."""
        event = self._connection.next_event()
        if isinstance(event, h11.Data):
            self._body += event.data
            return True
        if isinstance(event, h11.Response):
            self._head = event
            return True
        self._whole = isinstance(event, h11.EndOfMessage)
        return isinstance(event, h11.InformationalResponse)  # otherwise more is needed from the network

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
