"""What goes over the wire, as values: a request before and after signing, an answer before it is read.

Values only. Whatever may be secret (bodies, headers) stays out of the reprs.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A call in the API's own terms, as the official SDKs build it: not signed, not bound to a host.

    Attributes:
        action: ``"DescribeService"``.
        version: Version of the API, ``"2021-07-01"``.
        style: ``"ROA"`` (a path for each operation) or ``"RPC"`` (the action header names it).
        method: HTTP method.
        path: Path, percent-encoded.
        query: Query parameters, not encoded.
        body: JSON text, UTF-8; None if there is none.
    """

    action: str
    version: str
    style: Literal["ROA", "RPC"]
    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One request, ready to be sent as it is: headers may be signed, none may change.

    Attributes:
        method: HTTP method.
        url: The whole URL; its query string is the one that was signed.
        headers: All headers, with ``Authorization``.
        body: Bytes of the body, or its pieces; None if there is none.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | Iterable[bytes] | AsyncIterable[bytes] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes on their way; a variable that holds them shows nothing of them in a traceback."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer as it came.

    Attributes:
        status: HTTP status.
        headers: Headers; names are asked for in lower case.
        body: Bytes of the body, decoded if they were compressed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HttpClient(Protocol):
    """What is needed of an ``httpx.Client``, from whichever package it comes."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def send(self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...) -> Any:
        """Send a request as it is."""
        ...

    def close(self) -> None:
        """Close its connections."""
        ...


class AsyncHttpClient(Protocol):
    """What is needed of an ``httpx.AsyncClient``, from whichever package it comes."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    async def send(
        self, request: Any, *, stream: bool = ..., auth: Any = ..., follow_redirects: Any = ...
    ) -> Any:
        """Send a request as it is."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...
