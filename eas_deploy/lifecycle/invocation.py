"""A request to a deployed service and its answer, as values.

Values only. Whatever may be secret (token, headers, bodies, addresses with queries) stays out of the reprs.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from pydantic import SecretStr

Content: TypeAlias = bytes | Iterable[bytes] | AsyncIterable[bytes]
"""A body: whole, or in pieces that are sent as they come."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One request to a service, bound to an address.

    Attributes:
        method: HTTP method.
        url: The whole URL.
        headers: Headers, without the token.
        content: The body; None if there is none.
        token: The service's token, sent as the Authorization header; None sends none.
        timeout_s: Seconds without a byte of the answer.
        until: When the answer must be there (or begin, if it streams), on the monotonic clock.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: Content | None = field(repr=False)
    token: SecretStr | None
    timeout_s: float
    until: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a service, read whole.

    Attributes:
        status: HTTP status.
        headers: Headers; names are asked for in lower case.
        body: Bytes of the body, decoded if they were compressed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Answered(Protocol):
    """What is read of an answer to judge it: a `Reply`, or one whose body is still arriving."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers; names are asked for in lower case."""
        ...

    @property
    def body(self) -> bytes:
        """What of the body is there; all of it unless the answer is a success."""
        ...


AnsweredT = TypeVar("AnsweredT", bound=Answered)

Transport: TypeAlias = Callable[[Invocation], AnsweredT | Awaitable[AnsweredT]]
"""Sends an invocation and gives the answer; a coroutine function for asyncio."""


class Edge(Protocol):
    """What the plans need of the outside, apart from the steps that their runner does."""

    @property
    def clock(self) -> Any:
        """The time; ``monotonic()`` gives seconds and ``now()`` a datetime in UTC."""
        ...

    @property
    def invoke(self) -> Callable[[Invocation], Any]:
        """Sends an invocation and gives a `Reply`, read whole; a coroutine function for asyncio."""
        ...

    @property
    def begin(self) -> Callable[[Invocation], Any]:
        """Sends an invocation and gives its answer as soon as it begins; a coroutine function for asyncio."""
        ...
