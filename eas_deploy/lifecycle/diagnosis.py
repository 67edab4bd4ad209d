"""The diagnosis of a service: everything it tells of itself, read side by side, and what follows from it.

Generators only. Whatever cannot be read is named in the diagnosis and keeps nothing else from being read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from eas_deploy._defaults import DIAGNOSED_LOG_LINES, PROBE_TIMEOUT_S
from eas_deploy.calls import DescribeServiceDiagnosis, DescribeServiceLog
from eas_deploy.calls.steps import Plan, send, together
from eas_deploy.errors import EasDeployError, InvocationError
from eas_deploy.lifecycle.causes import Cause, causes_of
from eas_deploy.lifecycle.insight import Event, containers, events, instances
from eas_deploy.lifecycle.probing import config_of, what_is_missing
from eas_deploy.lifecycle.replicas import replicas_in_words
from eas_deploy.lifecycle.subject import Subject, look
from eas_deploy.lifecycle.symptoms import Symptoms
from eas_deploy.markup import block, table

T = TypeVar("T")

_LATEST = timedelta(days=1)
"""A service that fails again and again has thousands of events: what is older explains nothing then."""


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a service, most likely, and what to do. Prints as a report.

    Attributes:
        name: The service name.
        status: Its status.
        reason: The reason it gives for it.
        causes: What is wrong, what explains most first, and last what may be over; empty if nothing was found.
        replicas: How many run, of how many.
        unread: What could not be looked at, and why.
    """

    name: str
    status: str | None
    reason: str | None
    causes: tuple[Cause, ...]
    replicas: tuple[int, int]
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.status}" + (f" ({self.reason})" if self.reason else "")]
        lines.append(f"  {replicas_in_words(*self.replicas)}")
        if not any(cause.is_current for cause in self.causes):
            lines.append(f"  {self._nothing}")
        lines += [f"  {number}. {cause}" for number, cause in enumerate(self.causes, 1)]
        lines += [f"  could not be read: {one}" for one in self.unread]
        return "\n".join(lines)

    @property
    def _nothing(self) -> str:
        """What is said when no cause was found that goes on."""
        if self.status == "Running" and not self.unread:
            return "nothing wrong was found; logs() and events() tell more"
        return "no cause found; logs() and events() tell more"

    def _repr_html_(self) -> str:
        rows = [(one.kind, one.headline, one.fix, " | ".join(one.evidence)) for one in self.causes]
        return f"<h4>{block(self.name)}: {block(str(self.status))}</h4>" + (
            table(("kind", "what", "do", "seen"), rows) or f"<p>{block(self._nothing)}</p>"
        )


def diagnose(subject: Subject) -> Plan[Diagnosis]:
    """What is wrong with the service, most likely, and what to do.

    Looks at its status, reason, events and replicas, at what it diagnoses itself, at its last log lines, and
    whether its gateway answers. Only reads; what may not be read is named in the diagnosis. Events from before
    the last change, or that have not come again for ten minutes, count less; each says how old it is.

    Raises:
        NotFoundError: There is no such service.
    """
    info = yield from look(subject, "diagnose")
    reading = _Reading()
    now: datetime = subject.edge.clock.now()
    happened, replicas, boxes, reported, log, before = yield from together(
        reading.of("events", _latest_events(subject, now), list),
        reading.of("instances", instances(subject), list),
        reading.of("containers", containers(subject), list),
        reading.of("diagnosis", _own_diagnosis(subject), list),
        reading.of("log", _last_lines(subject, previous=None), list),
        reading.of("log before the restart", _last_lines(subject, previous=True), list),
    )
    gateway, refused = None, False
    if info.status == "Running":
        try:
            gateway = yield from what_is_missing(subject, None, PROBE_TIMEOUT_S)
        except InvocationError as error:
            gateway, refused = str(error), True
        except EasDeployError as error:
            reading.unread.append(f"gateway: {error}")
    symptoms = Symptoms(
        info=info,
        config=config_of(info),
        events=happened,
        instances=replicas,
        containers=boxes,
        reported=reported,
        log=log,
        previous_log=before,
        gateway=gateway,
        refused=refused,
        now=now,
    )
    return Diagnosis(
        name=subject.name,
        status=info.status,
        reason=info.reason or info.message or None,
        causes=causes_of(symptoms),
        replicas=(info.running_instance or 0, info.total_instance or 0),
        unread=tuple(reading.unread),
    )


class _Reading:
    """Reads what can be read, and keeps in mind what cannot."""

    def __init__(self) -> None:
        self.unread: list[str] = []

    def of(self, what: str, plan: Plan[T], missing: Callable[[], T]) -> Plan[T]:
        try:
            return (yield from plan)
        except EasDeployError as error:
            self.unread.append(f"{what}: {error}")
            return missing()


def _latest_events(subject: Subject, now: datetime) -> Plan[list[Event]]:
    """What happened in the last day; all that is known where nothing did."""
    latest = yield from events(subject, start=now - _LATEST)
    return latest or (yield from events(subject))


def _own_diagnosis(subject: Subject) -> Plan[list[Any]]:
    answer = yield from send(DescribeServiceDiagnosis(subject.name), "diagnose")
    return answer.diagnosis_list


def _last_lines(subject: Subject, *, previous: bool | None) -> Plan[list[str]]:
    """The last lines of the log: the first page tells how many there are."""
    call = DescribeServiceLog(subject.name, previous=previous, page_size=DIAGNOSED_LOG_LINES)
    page = yield from send(call, "diagnose")
    lines = page.logs
    pages = page.total_page_num or 1
    for number in range(max(2, pages - 1), pages + 1):
        following = DescribeServiceLog(
            subject.name, previous=previous, page_size=DIAGNOSED_LOG_LINES, page_number=number
        )
        answer = yield from send(following, "diagnose")
        lines = [*lines, *answer.logs]
    return lines[-DIAGNOSED_LOG_LINES:]
