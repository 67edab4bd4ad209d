"""The diagnosis of a service: everything it tells of itself, read side by side, and what follows from it.

Generators only. Whatever cannot be read is named in the diagnosis and keeps nothing else from being read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from eas_deploy._defaults import DIAGNOSED_LOG_LINES, PROBE_TIMEOUT_S
from eas_deploy.calls import DescribeServiceDiagnosis, DescribeServiceLog
from eas_deploy.calls.steps import Plan, send, together
from eas_deploy.errors import EasDeployError, InvocationError
from eas_deploy.lifecycle.causes import Cause, Symptoms, causes_of, reported_causes
from eas_deploy.lifecycle.insight import containers, events, instances
from eas_deploy.lifecycle.probing import config_of, what_is_missing
from eas_deploy.lifecycle.subject import Subject, look
from eas_deploy.markup import block, table

T = TypeVar("T")


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a service, most likely, and what to do. Prints as a report.

    Attributes:
        name: The service name.
        status: Its status.
        reason: The reason it gives for it.
        causes: What is wrong, what explains most first; empty if nothing was found.
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
        lines.append(f"  {self.replicas[0]} of {self.replicas[1]} replicas run")
        lines += [f"  {number}. {cause}" for number, cause in enumerate(self.causes, 1)]
        if not self.causes:
            lines.append("  no cause found; logs() and events() tell more")
        lines += [f"  could not be read: {one}" for one in self.unread]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(one.kind, one.what, one.fix, " | ".join(one.evidence)) for one in self.causes]
        return f"<h4>{block(self.name)}: {block(str(self.status))}</h4>" + (
            table(("kind", "what", "do", "seen"), rows) or "<p>no cause found</p>"
        )


def diagnose(subject: Subject) -> Plan[Diagnosis]:
    """What is wrong with the service, most likely, and what to do.

    Looks at its status, reason, events and replicas, at what it diagnoses itself, at its last log lines, and
    whether its gateway answers. Only reads; what may not be read is named in the diagnosis.

    Raises:
        NotFoundError: There is no such service.
    """
    info = yield from look(subject, "diagnose")
    reading = _Reading()
    happened, replicas, boxes, reported, log, before = yield from together(
        reading.of("events", events(subject), list),
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
        log=[*before, *log],
        gateway=gateway,
        refused=refused,
    )
    return Diagnosis(
        name=subject.name,
        status=info.status,
        reason=info.reason or info.message or None,
        causes=(*causes_of(symptoms), *reported_causes(symptoms)),
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
