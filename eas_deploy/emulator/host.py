"""The web server of an emulator: uvicorn's HTTP protocol on an event loop in a thread of its own.

``uvicorn.Server`` itself is not used: it looks ten times a second whether it should stop, and takes 0.2
seconds to do so, which a test suite pays for every test.
"""

from __future__ import annotations

import asyncio
import socket
import threading

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from eas_deploy.emulator.wire import TRANSPORT, AsgiApp, Receive, Scope, Send

KEEP_ALIVE_S = 75
"""Longer than clients keep idle connections, so that none is closed just as it is used again."""
STOP_TIMEOUT_S = 1.0
"""How long requests may go on when the emulator stops, before they are cancelled."""


class _Protocol(H11Protocol):
    """uvicorn's protocol, with the transport in reach of the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # The ignore is uvicorn's own: asyncio declares a BaseTransport, and hands over a Transport.
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


class Host:
    """Serves one ASGI application on one main port and any number of further ones.

    Args:
        app: The application.
        host: Address to listen on.
        port: The main port; 0 for a free one.
    """

    def __init__(self, app: AsgiApp, host: str, port: int) -> None:
        self._config = Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self._state = ServerState()
        self._host = host
        self._main = _listening_socket(host, port)
        self.port: int = self._main.getsockname()[1]
        self._listeners: dict[int, socket.socket] = {}
        self._accepted: set[asyncio.Task[None]] = set()
        """Connections that do not have a protocol yet."""
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name=f"emulator-{self.port}", daemon=True)
        self._started = threading.Event()

    @property
    def url(self) -> str:
        """The base URL of the main port."""
        return f"http://{self._host}:{self.port}"

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Break every connection and stop serving; returns when nothing is left."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def open(self, port: int) -> int:
        """Listen on ``port`` too, or on a free one if it is taken; the port that it became."""
        try:
            listening = _listening_socket(self._host, port)
        except OSError:
            listening = _listening_socket(self._host, 0)
        bound: int = listening.getsockname()[1]
        # The kernel takes connections from now on; the loop answers them as soon as it can.
        self._loop.call_soon_threadsafe(self._listen, bound, listening)
        return bound

    def close(self, port: int) -> None:
        """Stop listening on a port that :meth:`open` returned."""
        self._loop.call_soon_threadsafe(self._drop, port)

    # asyncio.Server is not used: a connection that it accepts just as it is closed is lost, and never closed.

    def _listen(self, port: int, listening: socket.socket) -> None:
        self._listeners[port] = listening
        self._loop.add_reader(listening, self._accept, listening)

    def _drop(self, port: int) -> None:
        listening = self._listeners.pop(port)
        self._loop.remove_reader(listening)
        listening.close()

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            # The client is gone already.
            return
        connection.settimeout(0)
        task = self._loop.create_task(self._connect(connection))
        self._accepted.add(task)
        task.add_done_callback(self._accepted.discard)

    async def _connect(self, connection: socket.socket) -> None:
        await self._loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> _Protocol:
        return _Protocol(self._config, self._state, {}, _loop=self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._listen(self.port, self._main)
            self._loop.call_soon(self._started.set)
            self._loop.run_forever()
            self._loop.run_until_complete(self._shut_down())
        finally:
            self._loop.close()

    async def _shut_down(self) -> None:
        for port in list(self._listeners):
            self._drop(port)
        await _finish(self._accepted)
        for connection in list(self._state.connections):
            connection.transport.abort()
        # Requests see that their clients are gone, and end; only a plugged-in application may not.
        await _finish(self._state.tasks)
        # An idle connection is closed in the next turn of the loop.
        await asyncio.sleep(0)
        await self._loop.shutdown_asyncgens()


async def _finish(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for tasks, but not for ever."""
    if tasks:
        _, stuck = await asyncio.wait(set(tasks), timeout=STOP_TIMEOUT_S)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


def _listening_socket(host: str, port: int) -> socket.socket:
    # With the protocol named asyncio switches Nagle's algorithm off; without, each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
        listening.settimeout(0)
    except OSError:
        listening.close()
        raise
    return listening
