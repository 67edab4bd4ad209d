"""What the emulator remembers of the requests it received. No key, token or signature is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_SECRET_HEADERS = frozenset({"authorization", "x-acs-security-token", "x-acs-bearer-token"})


def visible(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that may be kept: all but those that carry secrets."""
    return {name: value for name, value in headers if name not in _SECRET_HEADERS}


@dataclass
class ControlCall:
    """One request to the control plane.

    Attributes:
        operation: The API operation, such as ``"CreateService"``; for an unknown one what the request
            called itself.
        status: HTTP status of the answer; None while there is none, and when none was sent.
        user_agent: The request's user agent.
        query: Its query parameters, decoded.
        body: Its JSON body; None without one, or if it was not read or not JSON.
        headers: Its headers in lower case, without those that carry secrets.
        at: POSIX time of its arrival, by the emulator's clock.
        fault: The kind of fault that hit it, if any.
    """

    operation: str
    user_agent: str
    query: dict[str, str] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    at: float
    body: Any = field(default=None, repr=False)
    status: int | None = None
    fault: str | None = None


@dataclass
class DataCall:
    """One request to a deployed service.

    Attributes:
        service: Name of the service it went to.
        method: HTTP method.
        path: The path as the container sees it, such as ``"/v1/models"``.
        status: HTTP status of the answer; None while there is none.
        user_agent: The request's user agent.
        query: Its query parameters, decoded.
        headers: Its headers in lower case, without those that carry secrets.
        at: POSIX time of its arrival, by the emulator's clock.
    """

    service: str
    method: str
    path: str
    user_agent: str
    query: dict[str, str] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    at: float
    status: int | None = None
