"""What goes wrong between here and a service, in our words: the one place where such errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from eas_deploy.clients.exchange import Transmit
from eas_deploy.errors import (
    ConnectError,
    ConnectionLostError,
    EasDeployError,
    ReadTimeoutError,
    UnreadableAnswerError,
)


def no_connection(step: Transmit, reason: str) -> ConnectError:
    """The error for a connection that was not made."""
    return ConnectError(
        f"{_where(step)}: no connection ({reason}), so nothing was sent. {step.doubt or 'Check the network.'} "
        "A proxy is taken from HTTPS_PROXY.",
        **_facts(step),
    )


def no_answer(step: Transmit, seconds: float | None = None) -> ReadTimeoutError:
    """The error for a silence that is too long; None stands for the time to read."""
    waited_s = step.read_s if seconds is None else min(seconds, step.read_s)
    return ReadTimeoutError(
        f"{_where(step)}: no answer within {waited_s:.3g} s. Try again, or allow more (read_timeout_s).",
        **_facts(step),
    )


def late(step: Transmit) -> ReadTimeoutError:
    """The error for an answer that comes too slowly."""
    return ReadTimeoutError(
        f"{_where(step)}: the answer was not whole when the time allowed was over.", **_facts(step)
    )


def lost(step: Transmit, reason: str) -> ConnectionLostError:
    """The error for a connection that breaks, or carries something else than HTTP."""
    return ConnectionLostError(
        f"{_where(step)}: the connection broke before the answer was whole ({reason}). Try again.",
        **_facts(step),
    )


def undecodable(step: Transmit, reason: str) -> UnreadableAnswerError:
    """The error for a body that is compressed in a way of its own."""
    return UnreadableAnswerError(f"{_where(step)}: the body cannot be decoded ({reason}).", **_facts(step))


@contextmanager
def translated(package: ModuleType, step: Transmit) -> Iterator[None]:
    """Raises our error for any error of an HTTP package, also for those of h11 that it lets pass."""
    try:
        yield
    except (package.ProtocolError, import_module("h11").ProtocolError) as error:
        # It quotes what cannot be sent or understood: a header, or an answer with a token in it.
        raise lost(step, type(error).__name__) from None
    except (package.HTTPError, package.InvalidURL) as error:
        raise _translate(package, error, step) from error


def _translate(package: ModuleType, error: Exception, step: Transmit) -> EasDeployError:
    reason = str(error) or type(error).__name__
    never_sent = (
        package.ConnectError,
        package.ConnectTimeout,
        package.PoolTimeout,
        package.ProxyError,
        package.UnsupportedProtocol,
        package.InvalidURL,
    )
    if isinstance(error, never_sent):
        return no_connection(step, reason)
    if isinstance(error, package.ReadTimeout):
        return no_answer(step)
    if isinstance(error, package.DecodingError):
        return undecodable(step, reason)
    return lost(step, reason)


def _where(step: Transmit) -> str:
    return f"{step.operation} at {step.host}"


def _facts(step: Transmit) -> dict[str, Any]:
    return {"operation": step.operation, "host": step.host}
