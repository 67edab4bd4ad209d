"""The network streams under ``httpcore``: every wait ends when the request under way must be over.

The packages' own streams bound each operation, so that a server which sends a byte now and then holds a call
for ever; and the one for asyncio costs more time than the rest of a request, for it serves other libraries
too. Either package, ``httpcore`` or ``httpcore2``, is passed in as ``core``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any, NamedTuple

_PIECE = 64 * 1024
"""Bytes that are written before the time is looked at again."""

_HAPPY_EYEBALLS_S = 0.25
"""Seconds after which the next address of a host is tried too (RFC 8305)."""


_NO_HOST_NAME = "it is no name that a host can have"


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


class BlockingStream:
    """A socket for the requests of one thread at a time.

    Attributes:
        time_left: Seconds that the next operation may take; raises when there are none.
    """

    def __init__(self, inner: Any, time_left: Callable[[], float]) -> None:
        self.time_left = time_left
        self._inner = inner

    @classmethod
    def connect(cls, core: ModuleType, origin: Origin, seconds: float) -> BlockingStream:
        """A new connection; each part of the way there may take ``seconds``."""
        try:
            inner = core.SyncBackend().connect_tcp(origin.host, origin.port, timeout=seconds)
        except UnicodeError as error:
            raise core.ConnectError(_NO_HOST_NAME) from error
        if origin.context is not None:
            inner = inner.start_tls(origin.context, server_hostname=origin.host, timeout=seconds)
        return cls(inner, lambda: seconds)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore gives it
        """Bytes as they come; none at the end."""
        received: bytes = self._inner.read(max_bytes, self.time_left())
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Send all bytes."""
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], self.time_left())

    def close(self) -> None:
        """Close the socket; whoever waits for it in another thread waits no longer."""
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    drop = close

    def get_extra_info(self, info: str) -> Any:
        """What `httpcore` asks of a stream."""
        return self._inner.get_extra_info(info)


class AsyncStream(asyncio.Protocol):
    """The same for asyncio: for the requests of one task at a time.

    Attributes:
        time_left: Seconds that the next operation may take; raises when there are none.
    """

    def __init__(self, core: ModuleType, seconds: float) -> None:
        self.time_left: Callable[[], float] = lambda: seconds
        self._core = core
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._full = False
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    async def connect(cls, core: ModuleType, origin: Origin, seconds: float) -> AsyncStream:
        """A new connection, within ``seconds``."""
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(
            lambda: cls(core, seconds),
            origin.host,
            origin.port,
            ssl=origin.context,
            server_hostname=origin.host if origin.context else None,
            happy_eyeballs_delay=_HAPPY_EYEBALLS_S,
        )
        try:
            _, stream = await asyncio.wait_for(connecting, seconds)
        except asyncio.TimeoutError as error:
            raise core.ConnectTimeout(f"none within {seconds:g} s") from error
        except UnicodeError as error:
            raise core.ConnectError(_NO_HOST_NAME) from error
        except OSError as error:
            raise core.ConnectError(str(error)) from error
        return stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore gives it
        """Bytes as they come; none at the end."""
        if not self._received and not self._ended:
            await self._news(self._core.ReadTimeout)
        if not self._received and self._error is not None:
            raise self._core.ReadError(str(self._error)) from self._error
        received = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        return received

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Send all bytes."""
        if self._ended:
            raise self._core.WriteError("the connection is closed")
        self._transport.write(buffer)
        while self._full and not self._ended:
            await self._news(self._core.WriteTimeout)

    async def aclose(self) -> None:
        """Close the connection, without waiting for the other side."""
        self.drop()

    def drop(self) -> None:
        """Do the same at once."""
        self._ended = True
        if not self._loop.is_closed():
            self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """What `httpcore` asks of a stream: only whether it can be read before a request was sent.

        If so, the other side has closed it, or it belongs to an event loop that is gone.
        """
        if info != "is_readable":
            return None
        return bool(self._received) or self._ended or self._loop is not asyncio.get_running_loop()

    async def _news(self, too_late: type[Exception]) -> None:
        """Return when something has happened."""
        waiter = self._waiter = self._loop.create_future()
        timer = self._loop.call_later(self.time_left(), _give_up, waiter, too_late)
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


def _give_up(waiter: asyncio.Future[None], too_late: type[Exception]) -> None:
    if not waiter.done():
        waiter.set_exception(too_late())
