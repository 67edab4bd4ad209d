"""What an answer of a deployed service means: the error for every status, and what may be tried again.

Pure. Statuses: Alibaba Cloud EAS documentation, "Service invocation FAQ", and answers that were seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from pydantic import SecretStr

from eas_deploy.errors import ConnectError, InvocationError, ReadTimeoutError, TransportError
from eas_deploy.lifecycle.invocation import Answered, Invocation

UNAUTHORIZED = 401
NOT_FOUND = 404
TOO_MANY = 429
QUEUE_FULL = 450
UNAVAILABLE = 503

_SHOWN_OF_BODY = 300
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_ADVICE: Mapping[int, str] = MappingProxyType(
    {
        400: "the service does not understand the request: check the payload and the path against its own API.",
        401: "the token was refused: it was reset, or belongs to another service.",
        403: "the gateway does not let this caller in: check the access rules of the service and its gateway.",
        404: "the service has no such path: check path against its own API.",
        405: "the path does not take this method: pass method=.",
        408: "the request took longer than the service's rpc.keepalive: raise metadata.rpc.keepalive, stream "
        "the answer, or deploy an asynchronous service.",
        413: "the body is larger than the gateway takes: send less, or a reference to OSS.",
        422: "the service refuses the payload: check it against its own API.",
        429: "the rate limit is reached: send fewer requests at a time, or raise the limit of the service.",
        450: "the queue of the service is full: try again later, send fewer requests at a time, or scale() out.",
        499: "the connection was given up before the answer came: allow more time with timeout_s.",
        500: "the service failed on this request: look at logs().",
        502: "the service broke the connection: it may have crashed; look at diagnose().",
        503: "no instance is ready: wait_until_ready(), or look at diagnose().",
        504: "the service did not answer in time: send less, stream the answer, or deploy an asynchronous one.",
    }
)
_REDIRECT = "it redirects elsewhere, which is not followed: the token would go there; check the path."
_CLIENT_FAULT = "the service refuses the request: check it against its own API."
_SERVER_FAULT = "the service failed: look at logs() and diagnose()."


def refusal(name: str, invocation: Invocation, answer: Answered) -> InvocationError:
    """The error for an answer that is no success."""
    by_class = {3: _REDIRECT, 4: _CLIENT_FAULT}.get(answer.status // 100, _SERVER_FAULT)
    advice = _ADVICE.get(answer.status, by_class)
    if not_routed(answer):
        advice = "the gateway does not lead to an instance yet: wait_until_ready(), or check the path."
    said = _excerpt(answer.body, invocation.token)
    return InvocationError(
        f"{_where(name, invocation)} answered HTTP {answer.status}: {advice}"
        + (f" It said: {said}" if said else ""),
        http_status=answer.status,
    )


def no_answer(name: str, invocation: Invocation, error: TransportError) -> InvocationError:
    """The error for a request that got no answer."""
    if isinstance(error, ConnectError):
        told = (
            "could not be reached, so nothing was sent. If this is its intranet address: that is for callers "
            'inside the VPC; from elsewhere pass network="internet".'
        )
    elif isinstance(error, ReadTimeoutError):
        told = "did not answer in time. It may still be working on it: allow more with timeout_s."
    else:
        told = "lost the connection before the answer was whole. The request may have been carried out."
    return InvocationError(f"{_where(name, invocation)} {told} ({error})")


def broken_off(error: TransportError) -> InvocationError:
    """The error for a stream whose connection broke."""
    return InvocationError(
        f"The stream broke off; what came so far is not the whole answer. Ask again. ({error})"
    )


def not_routed(answer: Answered) -> bool:
    """Whether the gateway says that it leads nowhere yet: 503 ``no healthy upstream``, or an empty 404."""
    body = answer.body.strip()
    if answer.status == UNAVAILABLE:
        return not body or b"no healthy upstream" in body
    return answer.status == NOT_FOUND and not body


def may_repeat(method: str, answer: Answered) -> bool:
    """Whether the same request may be sent again: the gateway did not let it through to the service.

    Another 503 may come from an instance that did begin, so only reading is repeated upon it.
    """
    if answer.status in {TOO_MANY, QUEUE_FULL}:
        return True
    return answer.status == UNAVAILABLE and (not_routed(answer) or method in _SAFE_METHODS)


def asked_pause_s(answer: Answered) -> float:
    """Seconds that the answer asks to wait (``Retry-After``); 0 if it does not say."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 0.0


def _where(name: str, invocation: Invocation) -> str:
    parts = urlsplit(invocation.url)
    return f"Service {name} ({invocation.method} {parts.path} at {parts.netloc})"


def _excerpt(body: bytes, token: SecretStr | None) -> str:
    text = body[: 4 * _SHOWN_OF_BODY].decode("utf-8", "replace").strip()
    if token is not None and token.get_secret_value():
        text = text.replace(token.get_secret_value(), "***")
    return text if len(text) <= _SHOWN_OF_BODY else text[:_SHOWN_OF_BODY] + "..."
