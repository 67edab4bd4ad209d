"""HTTP clients that keep one connection to a lane, for many requests at once.

The pools of the HTTP packages walk over all their connections for each request, ``httpx`` even once for each
of them: with 32 requests under way that was most of the time of a fleet. Here each request under way has a
client of its own with one connection, taken from a stack, so that those used last are used again first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any


@cache
def lanes_of(package: ModuleType) -> Any:
    """A subclass of the package's ``Client``: ``lanes_of(httpx)(verify=context, limits=limits)``."""

    class Stream(package.SyncByteStream):  # type: ignore[name-defined, misc]  # either package, known at run time
        def __init__(self, inner: Any, leave: Callable[[], None]) -> None:
            self._inner, self._leave = inner, leave

        def __iter__(self) -> Iterator[bytes]:
            yield from self._inner

        def close(self) -> None:
            try:
                self._inner.close()
            finally:
                self._leave()

    class Client(package.Client):  # type: ignore[name-defined, misc]  # as above
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._lanes = _Lanes(partial(package.Client, **options))

        def send(self, request: Any, **how: Any) -> Any:
            lane = self._lanes.take()
            try:
                response = lane.send(request, **how)
            except BaseException:
                self._lanes.spare.append(lane)
                raise
            response.stream = Stream(response.stream, partial(self._lanes.spare.append, lane))
            return response

        def close(self) -> None:
            super().close()
            for lane in self._lanes.made:
                lane.close()

    return Client


@cache
def async_lanes_of(package: ModuleType) -> Any:
    """The same of its ``AsyncClient``."""

    class Stream(package.AsyncByteStream):  # type: ignore[name-defined, misc]  # either package, known at run time
        def __init__(self, inner: Any, leave: Callable[[], None]) -> None:
            self._inner, self._leave = inner, leave

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for part in self._inner:
                yield part

        async def aclose(self) -> None:
            try:
                await self._inner.aclose()
            finally:
                self._leave()

    class Client(package.AsyncClient):  # type: ignore[name-defined, misc]  # as above
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._lanes = _Lanes(partial(package.AsyncClient, **options))

        async def send(self, request: Any, **how: Any) -> Any:
            lane = self._lanes.take()
            try:
                response = await lane.send(request, **how)
            except BaseException:
                self._lanes.spare.append(lane)
                raise
            response.stream = Stream(response.stream, partial(self._lanes.spare.append, lane))
            return response

        async def aclose(self) -> None:
            await super().aclose()
            for lane in self._lanes.made:
                await lane.aclose()

    return Client


class _Lanes:
    """The clients of one connection each: all that were made, and those that nobody uses now."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.made: list[Any] = []
        self.spare: list[Any] = []

    def take(self) -> Any:
        try:
            return self.spare.pop()
        except IndexError:
            lane = self._make()
            self.made.append(lane)
            return lane
