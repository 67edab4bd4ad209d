"""Connections whose every wait ends when the request under way must be over.

The HTTP packages bound each operation by itself, so that a server which sends a byte now and then holds a call
for ever; and under asyncio they serve other libraries too, which costs more time than the rest of a request.
Errors are those of the operating system: `OSError`, `TimeoutError` among them.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from eas_deploy.clients.wire import Bytes

_PIECE = 64 * 1024
"""Bytes that are read, or written before the time is looked at again."""


_NOT_TAKEN = "the request was not taken in time"


class Origin(NamedTuple):
    """Where connections go.

    Attributes:
        host: Host name or address.
        port: TCP port.
        context: For TLS; None for a connection in the clear.
    """

    host: str
    port: int
    context: ssl.SSLContext | None


TimeLeft = Callable[[], float]
"""Seconds that the next operation may take; raises when there are none."""


class BlockingStream:
    """A connection for the requests of one thread at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._timeout = connected.gettimeout()

    @classmethod
    def connect(cls, origin: Origin, seconds: float) -> BlockingStream:
        """A new connection; each part of the way there may take ``seconds``.

        Raises:
            OSError: There is none.
        """
        connected = socket.create_connection((origin.host, origin.port), seconds)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if origin.context is not None:
                connected = origin.context.wrap_socket(connected, server_hostname=origin.host)
        except BaseException:
            connected.close()
            raise
        return cls(connected)

    def read(self, time_left: TimeLeft) -> Bytes:
        """Bytes as they come; none at the end."""
        self._allow(time_left())
        return Bytes(self._socket.recv(_PIECE))

    def write(self, request: Bytes, time_left: TimeLeft) -> None:
        """Send all bytes."""
        for start in range(0, len(request.data), _PIECE):
            self._allow(time_left())
            try:
                self._socket.sendall(request.data[start : start + _PIECE])
            except TimeoutError as error:
                raise OSError(_NOT_TAKEN) from error

    def _allow(self, seconds: float) -> None:
        if seconds != self._timeout:  # each time is a system call, after which another thread may go first
            self._socket.settimeout(seconds)
            self._timeout = seconds

    def has_news(self) -> bool:
        """Whether there is something to read: between two requests the other side can only have closed it."""
        try:
            if hasattr(select, "poll"):
                poll = select.poll()
                poll.register(self._socket, select.POLLIN)
                return bool(poll.poll(0))
            return bool(select.select([self._socket], [], [], 0)[0])  # pragma: no cover - Windows
        except (OSError, ValueError):  # closed here, by another thread
            return True

    def interrupt(self) -> None:
        """End the wait of the thread that uses it, which then closes it.

        Closing it here would take the encryption away from under that thread: what it is about to send would
        go out in the clear. So does the `shutdown` of an `ssl.SSLSocket`.
        """
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    disown = close  # which says nothing to the other side: a process that was forked may close its copy


class AsyncStream(asyncio.Protocol):
    """A connection for the requests of one asyncio task at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._full = False
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    async def connect(cls, origin: Origin, seconds: float) -> AsyncStream:
        """A new connection, within ``seconds``.

        Raises:
            OSError: There is none.
            asyncio.TimeoutError: There is none yet.
        """
        connecting = asyncio.get_running_loop().create_connection(
            cls,
            origin.host,
            origin.port,
            ssl=origin.context,
            server_hostname=origin.host if origin.context else None,
        )
        _, stream = await asyncio.wait_for(connecting, seconds)
        return stream

    async def read(self, time_left: TimeLeft) -> Bytes:
        """Bytes as they come; none at the end."""
        if not self._received and not self._ended:
            await self._news(time_left())
        if not self._received and self._error is not None:
            raise ConnectionError(str(self._error)) from self._error
        received = Bytes(bytes(self._received))
        self._received.clear()
        return received

    async def write(self, request: Bytes, time_left: TimeLeft) -> None:
        """Send all bytes."""
        if self._ended:
            raise ConnectionError("the connection is closed")
        self._transport.write(request.data)
        while self._full and not self._ended:
            try:
                await self._news(time_left())
            except TimeoutError as error:
                raise OSError(_NOT_TAKEN) from error

    def has_news(self) -> bool:
        """Whether it was closed, or belongs to an event loop that is gone."""
        return bool(self._received) or self._ended or self._loop is not asyncio.get_running_loop()

    def close(self) -> None:
        """Close it, without waiting for the other side."""
        self._ended = True
        if not self._loop.is_closed():
            self._transport.abort()

    interrupt = close

    def disown(self) -> None:
        """Leave it to the process that made it."""

    async def _news(self, seconds: float) -> None:
        """Return when something has happened."""
        waiter = self._waiter = self._loop.create_future()
        timer = self._loop.call_later(seconds, _give_up, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; called by the event loop, as all that follow."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Keep what has come."""
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        """Note that no more will come; the transport closes itself."""
        self._ended = True
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the connection is gone."""
        self._ended, self._error = True, error
        self._wake()

    def pause_writing(self) -> None:
        """Note that what was written has not left yet."""
        self._full = True

    def resume_writing(self) -> None:
        """Note that most of it has."""
        self._full = False
        self._wake()


def _give_up(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
