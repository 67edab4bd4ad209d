"""Changing a service once: look first, respect the safety lock, send, and say what is known afterwards.

Generators only. A change is never sent again here; the sender repeats it only when nothing happened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eas_deploy.calls import MessageAnswer, ServiceInfo
from eas_deploy.calls.absence import proves_absence
from eas_deploy.calls.base import Call
from eas_deploy.calls.steps import Plan, send
from eas_deploy.errors import (
    ApiError,
    ChangeOutcomeUnknownError,
    EasDeployError,
    NotFoundError,
    PermissionDeniedError,
    SafetyLockError,
    ServerError,
    ThrottledError,
    TransportError,
)
from eas_deploy.lifecycle.config_diff import Difference
from eas_deploy.lifecycle.settling import Asked, Carried, never
from eas_deploy.lifecycle.subject import Subject, look

DANGEROUS = frozenset({"all", "dangerous"})
"""The safety locks that forbid what interrupts a service, such as stopping and deleting it."""

# The code of a refusal by the lock is not documented; its words are what there is.
_LOCKED = re.compile(r"safety.?lock|service.?locked|\block(?:ed)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """A change that the service accepted; it is carried out from now on.

    Attributes:
        action: What was asked for: ``"stop"``, ``"scale"``, ``"update"``.
        name: The service name.
        status_before: The status when it was asked for; None if it could not be read.
        changes: What is different from now on.
        message: What the service answered; None if nothing was sent.
        request_id: Alibaba's id of the request.
        notes: What the user should know.
    """

    action: str
    name: str
    status_before: str | None
    changes: tuple[Difference, ...] = ()
    message: str | None = None
    request_id: str | None = None
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        lines = [f"{self.action} of {self.name}: {self.message or 'nothing was sent'}"]
        lines += [f"  {one}" for one in self.changes]
        lines += [f"  note: {one}" for one in self.notes]
        return "\n".join(lines)


def look_before(subject: Subject) -> Plan[ServiceInfo]:
    """The service before a change; empty for a key that may change it and not look at it."""
    try:
        return (yield from look(subject, "before a change"))
    except PermissionDeniedError:
        return ServiceInfo()


def change(  # noqa: PLR0913 - a change is told with all of it
    subject: Subject,
    call: Call[MessageAnswer],
    action: str,
    before: ServiceInfo,
    *,
    changes: Sequence[Difference] = (),
    locked_by: frozenset[str] = frozenset({"all"}),
    notes: Sequence[str] = (),
    carried: Carried | None = None,
) -> Plan[Change]:
    """The change that ``call`` makes.

    Args:
        subject: The service.
        call: The changing operation.
        action: What it does, in a word.
        before: The service before.
        changes: What will be different.
        locked_by: The safety locks that forbid it.
        notes: What the user should know.
        carried: What shows that it was carried out; None where the service keeps its status meanwhile.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        ApiError: The service refused; nothing was changed.
    """
    if before.safety_lock in locked_by:
        raise SafetyLockError(subject.name, action, before.safety_lock)
    try:
        answer: Any = yield from send(call, action)
    except (ApiError, TransportError) as error:
        if not proves_absence(error):
            _remember(subject, action, before, carried)
            raise (yield from _unknown(subject, action, before, error)) from error
        lock = yield from _lock_behind(subject, error)
        if lock is not None:
            raise SafetyLockError(subject.name, action, lock) from error
        raise
    _remember(subject, action, before, carried)
    return Change(
        action=action,
        name=subject.name,
        status_before=before.status,
        changes=tuple(changes),
        message=answer.message or "accepted",
        request_id=answer.request_id,
        notes=tuple(notes),
    )


def _remember(subject: Subject, action: str, before: ServiceInfo, carried: Carried | None) -> None:
    """Let a wait know that the service may look for a moment as it was."""
    if carried is None:
        return
    if subject.asked is None:
        subject.asked = Asked(action, before.status, subject.monotonic(), carried)
    else:
        # Not even the change before shows yet: what was seen of the service is older than both.
        subject.asked = Asked(action, None, subject.monotonic(), never)


def _lock_behind(subject: Subject, error: EasDeployError) -> Plan[str | None]:
    """The safety lock that a refusal is about; None if it is about something else.

    Other locks are told of in the same words, so a fresh look must show that there is one.
    """
    if not isinstance(error, ApiError) or not _LOCKED.search(f"{error.code} {error}"):
        return None
    try:
        now = yield from look(subject, "after a refusal")
    except EasDeployError:
        return None
    return now.safety_lock if now.safety_lock in DANGEROUS else None


def _unknown(
    subject: Subject, action: str, before: ServiceInfo, error: EasDeployError
) -> Plan[ChangeOutcomeUnknownError]:
    """The error for a lost answer, with what one look at the service shows."""
    try:
        now = yield from look(subject, f"after a lost {action}")
        seen = f"The service is {now.status} now and was {before.status or 'not looked at'} before."
    except NotFoundError:
        seen = "The service cannot be found any more."
    except (ApiError, TransportError, ServerError, ThrottledError):
        seen = "The service could not be looked at either."
    how_to_check = f"{seen} Look with service.refresh() and service.events() before you ask for it again: both may come late."
    return ChangeOutcomeUnknownError(
        subject.name, action, how_to_check, reason=f"its answer was lost ({_cause(error)})."
    )


def _cause(error: EasDeployError) -> str:
    """What went wrong, without the error's own advice: to try again may do it twice."""
    if isinstance(error, ApiError):
        return f"{error.code or type(error).__name__}, HTTP {error.http_status}"
    return type(error).__name__
