"""Requests over connections that are kept: a lane carries one request at a time, on one connection.

A fleet makes hundreds of calls, and most of the time of each is spent in the layers between a call and its
socket. The pools of the HTTP packages walk over all their connections for every request, and their clients do
much that an API call has no use for (redirects, cookies, event hooks). Lanes are taken from a stack, so that
those used last are used again first.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from eas_deploy._defaults import POOL_KEEPALIVE_S
from eas_deploy._later import Later
from eas_deploy.clients.clock import Clock
from eas_deploy.clients.exchange import Transmit
from eas_deploy.clients.failures import late, lost, no_answer, no_connection, translated
from eas_deploy.clients.patience import OutOfPatienceError, within
from eas_deploy.clients.sockets import AsyncStream, BlockingStream, Origin, TimeLeft
from eas_deploy.clients.tls import tls_context
from eas_deploy.clients.wire import WireAnswer

if TYPE_CHECKING:
    from eas_deploy.clients import http11
else:
    http11 = Later("eas_deploy.clients.http11")

_LONGEST_WAIT_S = 86_400.0
"""No single wait is longer; neither sockets nor threads can wait for ever by number."""

StreamT = TypeVar("StreamT", BlockingStream, AsyncStream)


@dataclass(eq=False)
class _Lane(Generic[StreamT]):
    """A connection that carries request after request.

    Attributes:
        origin: Where it goes.
        stream: Its bytes.
        talk: What they mean.
        good_until: When it has been idle for too long, on the process's clock.
    """

    origin: Origin
    stream: StreamT
    talk: http11.Talk = field(default_factory=lambda: http11.Talk())  # noqa: PLW0108 - later
    good_until: float = 0.0

    def is_good(self) -> bool:
        """Whether an idle lane can be used again."""
        return monotonic() < self.good_until and not self.stream.has_news()


class _Lanes(Generic[StreamT]):
    """What the two kinds of lanes have in common: all that are open, and those that nobody uses now."""

    def __init__(self, package: ModuleType) -> None:
        self._package = package
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._process = os.getpid()
        self._origins: dict[tuple[str, str], Origin] = {}
        self._lock = threading.Lock()
        self._open: set[_Lane[StreamT]] = set()
        self._spare: dict[Origin, list[_Lane[StreamT]]] = {}

    def _aim(self, url: str) -> tuple[Origin, bytes]:
        """Where a URL goes, and what is asked for there."""
        if self._process != os.getpid():
            # A child that was forked has the sockets too. On them it would read answers of its parent.
            inherited = self._open
            self._start()
            for lane in inherited:
                lane.stream.disown()
        scheme, _, rest = url.partition("://")
        authority, slash, target = rest.partition("/")
        origin = self._origins.get((scheme, authority))
        if origin is None:
            with self._lock:  # two of a kind would each keep lanes that the other does not find
                origin = self._origins.get((scheme, authority)) or self._new_origin(scheme, authority)
                self._origins[scheme, authority] = origin
        return origin, (slash + target).encode()

    def _new_origin(self, scheme: str, authority: str) -> Origin:
        parts = urlsplit(f"{scheme}://{authority}")
        if scheme == "https":
            return Origin(parts.hostname or "", parts.port or 443, tls_context(self._package))
        return Origin(parts.hostname or "", parts.port or 80, None)

    def _take_spare(self, origin: Origin) -> _Lane[StreamT] | None:
        """A lane that nobody uses and that is good for another request; those that are not are forgotten."""
        spare = self._spare.setdefault(origin, [])
        while True:
            try:
                lane = spare.pop()
            except IndexError:  # asking first would be a race between threads
                return None
            if lane.is_good():
                return lane
            self._drop(lane)

    def _opened(self, origin: Origin, stream: StreamT, step: Transmit) -> _Lane[StreamT]:
        lane = _Lane(origin, stream)
        self._open.add(lane)
        if self._closed:
            self._drop(lane)
            raise no_connection(step, "the client was closed")
        return lane

    def _leave(self, lane: _Lane[StreamT]) -> None:
        """Let a lane be used again, if it is good for another request."""
        now = monotonic()
        if self._closed or lane not in self._open or not lane.talk.may_go_on():
            self._drop(lane)
            return
        lane.good_until = now + POOL_KEEPALIVE_S
        spare = self._spare.setdefault(lane.origin, [])
        spare.append(lane)
        with suppress(IndexError):  # another thread took the last one
            while spare[0].good_until < now:  # those at the bottom of a stack get no other turn
                self._drop(spare.pop(0))
        if self._closed:  # just now, by another thread
            self._drop(lane)

    def _drop(self, lane: _Lane[StreamT]) -> None:
        lane.stream.close()
        self._open.discard(lane)

    def _close(self) -> None:
        """Close idle connections; the others are interrupted, and closed by those who use them."""
        self._closed = True
        if self._process != os.getpid():
            return
        for spare in tuple(self._spare.values()):
            while spare:
                with suppress(IndexError):  # another thread took the last one
                    self._drop(spare.pop())
        for lane in tuple(self._open):
            lane.stream.interrupt()

    def _read(self, step: Transmit, raw: http11.RawAnswer) -> WireAnswer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw.headers}
        if "content-encoding" not in headers:
            return WireAnswer(raw.status, headers, raw.body)
        with translated(self._package, step):
            decoded = self._package.Response(raw.status, headers=raw.headers, content=raw.body)
        return WireAnswer(raw.status, headers, decoded.content)


class Lanes(_Lanes[BlockingStream]):
    """Lanes for threads: ``Lanes(httpx).transmit(step, clock)``."""

    def transmit(self, step: Transmit, clock: Clock) -> WireAnswer:
        """The answer to a request, read whole.

        Raises:
            TransportError: There was none; a subclass says how far it came.
        """
        origin, target = self._aim(step.request.url)
        lane = self._take_spare(origin) or self._connect(origin, step, clock)
        try:
            with _in_our_words(step, clock):
                return self._read(step, _converse(lane, step, target, partial(_time_left, step, clock)))
        finally:
            self._leave(lane)

    def close(self) -> None:
        """Close all connections, those in use too."""
        self._close()

    def _connect(self, origin: Origin, step: Transmit, clock: Clock) -> _Lane[BlockingStream]:
        seconds = _connect_s(step, clock)
        try:
            # By another thread: nothing else bounds the time that a host name takes to be looked up.
            stream = within(seconds, partial(BlockingStream.connect, origin, seconds), BlockingStream.close)
        except (OutOfPatienceError, TimeoutError) as error:
            raise no_connection(step, f"none within {seconds:g} s") from error
        except (OSError, UnicodeError) as error:
            raise no_connection(step, _reason(error)) from error
        return self._opened(origin, stream, step)


class AsyncLanes(_Lanes[AsyncStream]):
    """Lanes for the tasks of an event loop; see `Lanes`."""

    async def transmit(self, step: Transmit, clock: Clock) -> WireAnswer:
        """The answer to a request, read whole; see `Lanes.transmit`."""
        origin, target = self._aim(step.request.url)
        lane = self._take_spare(origin) or await self._connect(origin, step, clock)
        try:
            with _in_our_words(step, clock):
                return self._read(
                    step, await _converse_async(lane, step, target, partial(_time_left, step, clock))
                )
        finally:
            self._leave(lane)

    async def aclose(self) -> None:
        """Close all connections, those in use too."""
        self._close()

    async def _connect(self, origin: Origin, step: Transmit, clock: Clock) -> _Lane[AsyncStream]:
        seconds = _connect_s(step, clock)
        try:
            stream = await AsyncStream.connect(origin, seconds)
        except (asyncio.TimeoutError, TimeoutError) as error:
            raise no_connection(step, f"none within {seconds:g} s") from error
        except (OSError, UnicodeError) as error:
            raise no_connection(step, _reason(error)) from error
        return self._opened(origin, stream, step)


def _converse(
    lane: _Lane[BlockingStream], step: Transmit, target: bytes, time_left: TimeLeft
) -> http11.RawAnswer:
    stream, talk = lane.stream, lane.talk
    with suppress(ConnectionError, ssl.SSLError):  # a server may refuse before it has read all, and say why
        stream.write(talk.ask(step.request, target), time_left)
    while True:
        answer = talk.hear(stream.read(time_left))
        if answer is not None:
            return answer


async def _converse_async(
    lane: _Lane[AsyncStream], step: Transmit, target: bytes, time_left: TimeLeft
) -> http11.RawAnswer:
    stream, talk = lane.stream, lane.talk
    with suppress(ConnectionError, ssl.SSLError):  # as above
        await stream.write(talk.ask(step.request, target), time_left)
    while True:
        answer = talk.hear(await stream.read(time_left))
        if answer is not None:
            return answer


@contextmanager
def _in_our_words(step: Transmit, clock: Clock) -> Iterator[None]:
    """Raises our error for what may go wrong on a connection."""
    began = clock.monotonic()
    try:
        yield
    except TimeoutError as error:
        raise no_answer(step, clock.monotonic() - began) from error
    except http11.UnsayableError as error:
        raise lost(step, type(error).__name__) from None
    except (OSError, http11.UnheardError) as error:
        raise lost(step, _reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is no name that a host can have"
    return str(error) or type(error).__name__


def _connect_s(step: Transmit, clock: Clock) -> float:
    # 0 would mean "do not block" to a socket.
    return max(0.001, min(step.connect_s, step.until - clock.monotonic(), _LONGEST_WAIT_S))


def _time_left(step: Transmit, clock: Clock) -> float:
    """Seconds that the next operation on the socket may take.

    Raises:
        ReadTimeoutError: None.
    """
    left_s = step.until - clock.monotonic()
    if left_s <= 0:
        raise late(step)
    return min(step.read_s, left_s, _LONGEST_WAIT_S)
