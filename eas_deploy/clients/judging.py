"""What an answer means: the one place where HTTP status and body become a value or one of our errors.

Pure. A body may be anything, a proxy's HTML page included. Codes and shapes: Alibaba Cloud EAS API reference
and answers that were seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from pydantic import Field, ValidationError

from eas_deploy.calls.base import A, Answer, Call
from eas_deploy.clients.wire import WireAnswer
from eas_deploy.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    EasDeployError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    ThrottledError,
    UnreadableAnswerError,
)

_THROTTLED = ("Throttling", "Rejected.Throttling")
_NOT_PERMITTED = ("Forbidden", "NoPermission", "AccessDenied")
_TOKEN_REFUSED = ("InvalidSecurityToken", "SecurityTokenExpired", "SecurityToken.Expired")
_CLOCK_REFUSED = ("InvalidTimeStamp",)
_KEY_REFUSED = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidCredentials",
    "MissingSecurityToken",
)
_NONCE_REFUSED = ("SignatureNonceUsed",)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which circumstances a call was sent, for messages.

    Attributes:
        host: The host that was called.
        keys_from: Which source the keys came from.
        key_id: The access key id, masked.
        received_at: When the answer came, UTC.
        scrub: Takes the keys out of a text.
    """

    host: str
    keys_from: str
    key_id: str
    received_at: datetime
    scrub: Callable[[str], str]


class AccessDeniedDetail(Answer):
    """What the API gateway says about a refused permission."""

    auth_action: str | None = None
    policy_type: str | None = None
    no_permission_type: str | None = None


class ErrorBody(Answer):
    """The body of an error, from the service or from the API gateway before it."""

    code: str
    message: str | None = Field(default=None, repr=False)
    request_id: str | None = None
    access_denied_detail: AccessDeniedDetail | None = None


def judge(call: Call[A], answer: WireAnswer, about: Circumstances) -> A:
    """The answer to ``call``, as its model.

    Raises:
        ApiError: The service refused or failed; a subclass says how.
        UnreadableAnswerError: The answer is not what the API speaks.
    """
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - the range of success
        raise _refusal(call, answer, about)
    try:
        # The official response classes drop fields that are newer than they are, so the body itself is read.
        return cast("A", call.answer_type.model_validate_json(answer.body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['type']}" if where else first["type"]
        # Not chained: pydantic's error holds the body, which may hold tokens.
        raise _unreadable(call, answer, about, what) from None


def request_id(answer: WireAnswer, outcome: Answer | EasDeployError) -> str | None:
    """Alibaba's id of the request: from the header, else from what the body became."""
    return answer.headers.get("x-acs-request-id") or getattr(outcome, "request_id", None)


def token_expired(failure: EasDeployError) -> bool:
    """Whether a call failed because its temporary key has ended, so that a new one may mend it."""
    return isinstance(failure, AuthenticationError) and _is(failure.code, _TOKEN_REFUSED)


def retry_after_s(answer: WireAnswer) -> float | None:
    """Seconds that the service asks to wait; None if it did not say.

    ``x-acs-retry-after`` is in milliseconds: the official SDK hands it to a millisecond sleep.
    """
    try:
        seconds = int(answer.headers.get("x-acs-retry-after", "")) / 1000
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def _is(code: str | None, families: tuple[str, ...]) -> bool:
    return code is not None and code.startswith(families)


def _refusal(call: Call[Any], answer: WireAnswer, about: Circumstances) -> EasDeployError:
    try:
        body = ErrorBody.model_validate_json(answer.body)
    except ValidationError:
        return _formless(call, answer, about)
    said = about.scrub(body.message or "no message")
    tags = f"code {body.code}, HTTP {answer.status}, request id {body.request_id or 'none'}"
    what = f"{call.operation} at {about.host}: {said} ({tags})."
    facts: dict[str, Any] = {
        "operation": call.operation,
        "code": body.code,
        "http_status": answer.status,
        "request_id": body.request_id,
        "host": about.host,
    }
    if _is(body.code, _THROTTLED) or answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        next_step = "Send fewer requests at a time, or wait and try again."
        return ThrottledError(f"{what} {next_step}", retry_after_s=retry_after_s(answer), **facts)
    if answer.status >= 500:  # noqa: PLR2004 - server errors
        return ServerError(f"{what} The service failed; try again later.", **facts)
    return _definite(call, answer, about, body, what=what, facts=facts)


def _definite(  # noqa: PLR0913 - what _refusal has read already
    call: Call[Any],
    answer: WireAnswer,
    about: Circumstances,
    body: ErrorBody,
    *,
    what: str,
    facts: dict[str, Any],
) -> ApiError:
    """The error for a body with a 4xx code: repeating the call would bring the same."""
    advice = _key_advice(body.code, answer, about)
    if advice is not None:
        return AuthenticationError(f"{what} {advice}", **facts)
    if answer.status == 403 or _is(body.code, _NOT_PERMITTED):  # noqa: PLR2004 - Forbidden
        detail = body.access_denied_detail
        action = (detail.auth_action if detail else None) or call.ram_action
        next_step = f"Allow {action} for the RAM user or role of key {about.key_id}."
        if body.code == "Forbidden.PrivilegeCheckFailed":
            next_step = "What was asked for belongs to another account."
        return PermissionDeniedError(f"{what} {next_step}", ram_action=action, **facts)
    if answer.status == 404 or body.code.endswith(".NotFound"):  # noqa: PLR2004 - Not Found
        return NotFoundError(f"{what} Check name and region.", **facts)
    if answer.status == 409:  # noqa: PLR2004 - Conflict
        return ConflictError(f"{what} Look at the present state before trying again.", **facts)
    return ApiError(f"{what} Mend the request; sending it again as it is brings the same.", **facts)


def _key_advice(code: str, answer: WireAnswer, about: Circumstances) -> str | None:
    """What to do when keys or clock were refused; None when it is about something else."""
    if _is(code, _CLOCK_REFUSED):
        return f"The time of the request was refused. {_skew(answer, about.received_at)}"
    if _is(code, _TOKEN_REFUSED):
        return f"The security token from {about.keys_from} is not valid (any more): get a new one."
    if _is(code, _NONCE_REFUSED):
        return "The same request arrived twice; look whether a proxy repeats requests."
    if _is(code, _KEY_REFUSED) or answer.status == 401:  # noqa: PLR2004 - Unauthorized
        return f"Check the key {about.key_id}; it comes from {about.keys_from}."
    return None


def _skew(answer: WireAnswer, received_at: datetime) -> str:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        skew_s = (received_at - theirs).total_seconds()
    except (TypeError, ValueError):
        return "Set the clock of this machine."
    direction = "ahead" if skew_s > 0 else "behind"
    return f"The clock of this machine is {abs(skew_s):.0f} s {direction} of the service's: set it."


def _formless(call: Call[Any], answer: WireAnswer, about: Circumstances) -> EasDeployError:
    """The error for a body that is not an error body of the API: most likely a proxy speaks."""
    what = f"{call.operation} at {about.host}: HTTP {answer.status} {_looks_like(answer)}."
    facts: dict[str, Any] = {
        "operation": call.operation,
        "http_status": answer.status,
        "host": about.host,
        "request_id": answer.headers.get("x-acs-request-id"),
        "well_formed": False,
    }
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        next_step = "Send fewer requests at a time, or wait and try again."
        return ThrottledError(f"{what} {next_step}", retry_after_s=retry_after_s(answer), **facts)
    if answer.status >= 500:  # noqa: PLR2004 - server errors
        return ServerError(f"{what} The service or a proxy before it failed; try again later.", **facts)
    if answer.status >= 400:  # noqa: PLR2004 - client errors
        return ApiError(f"{what} Perhaps a proxy answered: check HTTPS_PROXY and endpoint_url.", **facts)
    return _unreadable(call, answer, about, "a redirect or an unfinished answer")


def _unreadable(
    call: Call[Any], answer: WireAnswer, about: Circumstances, what: str
) -> UnreadableAnswerError:
    return UnreadableAnswerError(
        f"{call.operation} at {about.host}: HTTP {answer.status} {_looks_like(answer)} cannot be read "
        f"({what}). Perhaps a proxy answered: check HTTPS_PROXY and endpoint_url.",
        http_status=answer.status,
        operation=call.operation,
        host=about.host,
    )


def _looks_like(answer: WireAnswer) -> str:
    if not answer.body.strip():
        return "with an empty body"
    kind = answer.headers.get("content-type", "no content type").split(";")[0].strip()
    return f"with a body of {len(answer.body)} bytes ({kind})"
