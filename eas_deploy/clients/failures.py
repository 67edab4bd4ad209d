"""What goes wrong between here and the service, in our words: the one place where such errors become ours.

The HTTP packages name their errors alike; ``httpcore`` has no common base for them and fewer kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from eas_deploy.clients.exchange import Transmit
from eas_deploy.errors import (
    ConnectError,
    ConnectionLostError,
    EasDeployError,
    ReadTimeoutError,
    UnreadableAnswerError,
)

Errors = tuple[type[Exception], ...]


class _Kinds(NamedTuple):
    """The errors of an HTTP package by what they mean."""

    all: Errors
    never_sent: Errors
    read_timeout: Errors
    undecodable: Errors
    unsayable: Errors


@contextmanager
def translated(package: ModuleType, step: Transmit) -> Iterator[None]:
    """Raises our error for any error of the HTTP package."""
    kinds = _kinds_of(package)
    try:
        yield
    except kinds.all as error:
        raise _translate(kinds, error, step) from error


def late(step: Transmit) -> ReadTimeoutError:
    """The error for an answer that comes too slowly."""
    return ReadTimeoutError(
        f"{step.operation} at {step.host}: the answer was not whole when the time allowed was over.",
        operation=step.operation,
        host=step.host,
    )


@cache
def _kinds_of(package: ModuleType) -> _Kinds:
    def named(*names: str) -> Errors:
        return tuple(getattr(package, name) for name in names if hasattr(package, name))

    return _Kinds(
        all=named(
            *("HTTPError", "InvalidURL", "TimeoutException", "NetworkError", "ProtocolError", "ProxyError"),
            "UnsupportedProtocol",
        ),
        never_sent=named(
            *("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"),
            "InvalidURL",
        ),
        read_timeout=named("ReadTimeout"),
        undecodable=named("DecodingError"),
        unsayable=named("LocalProtocolError"),
    )


def _translate(kinds: _Kinds, error: Exception, step: Transmit) -> EasDeployError:
    where = f"{step.operation} at {step.host}"
    # What cannot be said may be a header, and quoted.
    quotable = not isinstance(error, kinds.unsayable)
    reason = (quotable and str(error)) or type(error).__name__
    facts: dict[str, Any] = {"operation": step.operation, "host": step.host}
    if isinstance(error, kinds.never_sent):
        return ConnectError(
            f"{where}: no connection ({reason}), so nothing was sent. {step.doubt or 'Check the network.'} "
            "A proxy is taken from HTTPS_PROXY.",
            **facts,
        )
    if isinstance(error, kinds.read_timeout):
        return ReadTimeoutError(
            f"{where}: no answer within {step.read_s:g} s. Try again, or allow more (read_timeout_s).",
            **facts,
        )
    if isinstance(error, kinds.undecodable):
        return UnreadableAnswerError(f"{where}: the body cannot be decoded ({reason}).", **facts)
    return ConnectionLostError(
        f"{where}: the connection broke before the answer was whole ({reason}). Try again.", **facts
    )
