"""API calls over connections that are kept: a lane carries one request at a time, on one connection.

A fleet makes hundreds of calls, and most of the time of each is spent in the layers between a call and its
socket. The pools of the HTTP packages walk over all their connections for every request, and their clients do
much that an API call has no use for (redirects, cookies, event hooks). A lane is one connection of
``httpcore``, taken from a stack, so that those used last are used again first.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from eas_deploy._defaults import POOL_KEEPALIVE_S
from eas_deploy.clients.clock import Clock
from eas_deploy.clients.exchange import Transmit
from eas_deploy.clients.failures import late, translated
from eas_deploy.clients.patience import OutOfPatienceError, within
from eas_deploy.clients.sockets import AsyncStream, BlockingStream, Origin
from eas_deploy.clients.tls import tls_context
from eas_deploy.clients.wire import WireAnswer

_CORES = {"httpx": "httpcore", "httpx2": "httpcore2"}

_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests tell the length of their body even if they have none (RFC 9110, 8.6)."""


class _Place(NamedTuple):
    """A scheme and an authority, taken apart once."""

    origin: Origin
    scheme: bytes
    host: bytes


class _Lane(NamedTuple):
    """A connection, and the socket under it."""

    place: _Place
    stream: Any
    connection: Any


class _Lanes:
    """What the two kinds of lanes have in common: the connections that are open, and those nobody uses now."""

    def __init__(self, package: ModuleType) -> None:
        self._package = package
        self._core = import_module(_CORES[package.__name__])
        self._places: dict[tuple[str, str], _Place] = {}
        self._lock = threading.Lock()
        self._open: set[_Lane] = set()
        self._spare: dict[_Place, list[_Lane]] = {}

    def _place(self, scheme: str, authority: str) -> _Place:
        place = self._places.get((scheme, authority))
        if place is None:
            with self._lock:  # two of a kind would each keep connections that the other does not find
                place = self._places.get((scheme, authority)) or self._new_place(scheme, authority)
                self._places[scheme, authority] = place
        return place

    def _new_place(self, scheme: str, authority: str) -> _Place:
        parts = urlsplit(f"{scheme}://{authority}")
        host = parts.hostname or ""
        secure = scheme == "https"
        port = parts.port or (443 if secure else 80)
        context = tls_context(self._package) if secure else None
        return _Place(Origin(host, port, context), scheme.encode(), host.encode())

    def _take_spare(self, place: _Place) -> _Lane | None:
        """A lane that nobody uses, its connection still good; those that are not are forgotten."""
        spare = self._spare.setdefault(place, [])
        while True:
            try:
                lane = spare.pop()
            except IndexError:  # asking first would be a race between threads
                return None
            if not lane.connection.has_expired():
                return lane
            self._drop(lane)

    def _keep(self, place: _Place, stream: Any, connection_type: Any) -> _Lane:
        origin = self._core.Origin(place.scheme, place.host, place.origin.port)
        connection = connection_type(origin, stream, keepalive_expiry=POOL_KEEPALIVE_S)
        lane = _Lane(place, stream, connection)
        self._open.add(lane)
        return lane

    def _leave(self, lane: _Lane) -> None:
        """Use a lane again, if its connection is good for another request."""
        if lane.connection.is_idle():
            self._spare.setdefault(lane.place, []).append(lane)
        else:
            self._drop(lane)

    def _drop(self, lane: _Lane) -> None:
        lane.stream.drop()
        self._open.discard(lane)

    def _request(self, step: Transmit) -> Any:
        """The request as the package takes it. The signed headers stay out of the frames that wait."""
        core, signed = self._core, step.request
        place, target = self._aim(signed.url)
        headers = [(name.encode(), value.encode()) for name, value in signed.headers.items()]
        body = cast("bytes | None", signed.body)  # an API call has no body in pieces
        if body is not None or signed.method in _BODY_EXPECTED:
            headers.append((b"content-length", b"%d" % len(body or b"")))
        url = core.URL(scheme=place.scheme, host=place.host, port=place.origin.port, target=target)
        return core.Request(signed.method, url, headers=headers, content=body)

    def _aim(self, url: str) -> tuple[_Place, bytes]:
        scheme, _, rest = url.partition("://")
        authority, slash, target = rest.partition("/")
        return self._place(scheme, authority), (slash + target).encode() or b"/"

    def _answer(
        self, step: Transmit, status: int, raw: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> WireAnswer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
        if "content-encoding" in headers:
            with translated(self._package, step):
                body = self._package.Response(status, headers=raw, content=body).content
        return WireAnswer(status, headers, body)


class Lanes(_Lanes):
    """Lanes for threads: ``Lanes(httpx).transmit(step, clock)``."""

    def transmit(self, step: Transmit, clock: Clock) -> WireAnswer:
        """The answer to a request, read whole.

        Raises:
            TransportError: There was none; a subclass says how far it came.
        """
        with translated(self._core, step):
            place, _ = self._aim(step.request.url)
            lane = self._take_spare(place) or self._connect(place, step, clock)
            try:
                lane.stream.time_left = partial(_time_left, step, clock)
                response = lane.connection.handle_request(self._request(step))
                try:
                    return self._answer(step, response.status, response.headers, response.read())
                finally:
                    response.close()
            finally:
                self._leave(lane)

    def close(self) -> None:
        """Close all connections, those in use too."""
        for lane in tuple(self._open):
            lane.connection.close()
        self._open.clear()
        self._spare.clear()

    def _connect(self, place: _Place, step: Transmit, clock: Clock) -> _Lane:
        seconds = _connect_s(step, clock)
        connect = partial(BlockingStream.connect, self._core, place.origin, seconds)
        try:
            # By another thread: nothing else bounds the time that a host name takes to be looked up.
            stream = within(seconds, connect, BlockingStream.close)
        except OutOfPatienceError as error:
            raise self._core.ConnectTimeout(f"none within {seconds:g} s") from error
        return self._keep(place, stream, self._core.HTTP11Connection)


class AsyncLanes(_Lanes):
    """Lanes for the tasks of an event loop; see `Lanes`."""

    async def transmit(self, step: Transmit, clock: Clock) -> WireAnswer:
        """The answer to a request, read whole; see `Lanes.transmit`."""
        with translated(self._core, step):
            place, _ = self._aim(step.request.url)
            lane = self._take_spare(place) or await self._connect(place, step, clock)
            try:
                lane.stream.time_left = partial(_time_left, step, clock)
                response = await lane.connection.handle_async_request(self._request(step))
                try:
                    return self._answer(step, response.status, response.headers, await response.aread())
                finally:
                    await response.aclose()
            finally:
                self._leave(lane)

    async def aclose(self) -> None:
        """Close all connections, those in use too."""
        for lane in tuple(self._open):
            await lane.connection.aclose()
        self._open.clear()
        self._spare.clear()

    async def _connect(self, place: _Place, step: Transmit, clock: Clock) -> _Lane:
        stream = await AsyncStream.connect(self._core, place.origin, _connect_s(step, clock))
        return self._keep(place, stream, self._core.AsyncHTTP11Connection)


def _connect_s(step: Transmit, clock: Clock) -> float:
    return min(step.connect_s, _remaining_s(step, clock))


def _time_left(step: Transmit, clock: Clock) -> float:
    """Seconds that the next operation on the socket may take.

    Raises:
        ReadTimeoutError: None.
    """
    if clock.monotonic() >= step.until:
        raise late(step)
    return min(step.read_s, _remaining_s(step, clock))


def _remaining_s(step: Transmit, clock: Clock) -> float:
    # 0 would mean "do not block" to a socket.
    return max(0.001, step.until - clock.monotonic())
