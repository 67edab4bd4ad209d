"""An answer as it arrives, piece by piece: text of a model, or plain bytes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import aclosing
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from typing_extensions import Self

from eas_deploy.clients.http import Arriving, AsyncArriving
from eas_deploy.errors import TransportError
from eas_deploy.lifecycle.verdicts import broken_off

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Pieces(Protocol[T_co]):
    """Takes pieces out of the bytes of an answer."""

    def feed(self, chunk: bytes) -> Iterator[T_co]:
        """The pieces that ``chunk`` completes."""
        ...

    def end(self) -> None:
        """Accept that no more bytes come, or raise InvocationError."""
        ...


class RawPieces:
    """The bytes of an answer as they are."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The chunk itself."""
        yield chunk

    def end(self) -> None:
        """Accept any end: HTTP itself tells a broken one."""


class Stream(Iterator[T]):
    """An iterator of the pieces of an answer; the request is sent when the first one is asked for.

    A context manager; leaving it, or `close`, gives up the rest.
    """

    def __init__(self, begin: Callable[[], Arriving], pieces: Pieces[T]) -> None:
        self._pieces = self._read(begin, pieces)

    def _read(self, begin: Callable[[], Arriving], pieces: Pieces[T]) -> Generator[T, None, None]:
        answer = begin()
        try:
            for chunk in answer.chunks():
                yield from pieces.feed(chunk)
        except TransportError as error:
            raise broken_off(error) from error
        finally:
            answer.close()
        pieces.end()

    def __next__(self) -> T:
        return next(self._pieces)

    def close(self) -> None:
        """Give up the rest of the answer and free its connection."""
        self._pieces.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStream(AsyncIterator[T], Generic[T]):
    """An async iterator of the pieces of an answer; see `Stream`. Awaiting it gives the iterator itself."""

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, AsyncArriving]], pieces: Pieces[T]) -> None:
        self._pieces = self._read(begin, pieces)

    async def _read(
        self, begin: Callable[[], Coroutine[Any, Any, AsyncArriving]], pieces: Pieces[T]
    ) -> AsyncGenerator[T, None]:
        answer = await begin()
        try:
            async with aclosing(answer.chunks()) as chunks:
                async for chunk in chunks:
                    for piece in pieces.feed(chunk):
                        yield piece
        except TransportError as error:
            raise broken_off(error) from error
        finally:
            await answer.aclose()
        pieces.end()

    def __await__(self) -> Generator[Any, Any, Self]:
        # `async for piece in service.chat(..., stream=True)` and the same with `await` both read well.
        return self._itself().__await__()

    async def _itself(self) -> Self:
        return self

    async def __anext__(self) -> T:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Give up the rest of the answer and free its connection."""
        await self._pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
