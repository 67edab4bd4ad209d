"""Looking inside a service: its log, its events, its replicas and their containers.

Generators only. Nothing here changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eas_deploy._defaults import FOLLOW_PAUSE_S
from eas_deploy.calls import (
    DescribeServiceEvent,
    DescribeServiceLog,
    ListServiceContainers,
    ListServiceInstances,
    ServiceContainer,
    ServiceEvent,
    ServiceInstance,
)
from eas_deploy.calls.steps import Plan, every, pause, send
from eas_deploy.errors import NotFoundError
from eas_deploy.lifecycle.batches import Batches
from eas_deploy.lifecycle.moments import Moment, moment_of, written
from eas_deploy.lifecycle.subject import Subject


@dataclass(frozen=True)
class Event:
    """Something that happened to a service.

    Attributes:
        time: When, as the API writes it.
        type: ``"Normal"`` or ``"Warning"``.
        reason: One word, such as ``"ImagePullBackOff"``.
        message: What happened, in words.
        details: All that the event carries, decoded.
        resource: What it happened to.
    """

    time: str | None
    type: str | None
    reason: str | None
    message: str
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)
    resource: str | None = None

    @classmethod
    def of(cls, told: ServiceEvent) -> Event:
        """The event, with its message decoded: it is a JSON text, mostly."""
        try:
            details = json.loads(told.message or "")
        except ValueError:
            details = None
        if not isinstance(details, dict):
            details = {"message": told.message or ""}
        words = next((details[key] for key in ("message", "Message", "msg") if details.get(key)), None)
        message = words if isinstance(words, str) else told.message or ""
        return cls(told.time, told.type, told.reason, message, details, told.resource)

    @property
    def moment(self) -> datetime | None:
        """When, to the second; None if that is not told."""
        return moment_of(self.time)

    def __str__(self) -> str:
        return f"{self.time} {self.type} {self.reason}: {self.message}"


def events(
    subject: Subject,
    event_type: str | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    instance_name: str | None = None,
) -> Plan[list[Event]]:
    """What happened to the service, newest first.

    Args:
        subject: The service.
        event_type: ``"Warning"`` or ``"Normal"``; None for both.
        start: From when on.
        end: Until when.
        instance_name: Only of this replica.

    Raises:
        NotFoundError: There is no such service.
    """
    call = DescribeServiceEvent(
        subject.name,
        start_time=written(start),
        end_time=written(end),
        event_type=event_type,
        instance_name=instance_name,
    )
    told = yield from every(call, "events")
    return [Event.of(one) for one in told]


def instances(subject: Subject) -> Plan[list[ServiceInstance]]:
    """The replicas of the service, with status, reason and how often they were restarted.

    Raises:
        NotFoundError: There is no such service.
    """
    return (yield from every(ListServiceInstances(subject.name), "instances"))


def containers(subject: Subject, instance_name: str | None = None) -> Plan[list[ServiceContainer]]:
    """The containers of one replica.

    Args:
        subject: The service.
        instance_name: Which replica; None takes the first, and gives an empty list while there is none.

    Raises:
        NotFoundError: There is no such service or replica.
    """
    if instance_name is None:
        found = yield from instances(subject)
        if not found or found[0].instance_name is None:
            return []
        instance_name = found[0].instance_name
    answer = yield from send(ListServiceContainers(subject.name, instance_name), "containers")
    return answer.containers


def logs(  # noqa: PLR0913 - the filters of the API
    subject: Subject,
    instance_name: str | None = None,
    container_name: str | None = None,
    *,
    keyword: str | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    previous: bool = False,
    follow: bool = False,
) -> Batches[str]:
    """The log lines of the service, oldest first, read page by page as they are asked for.

    Args:
        subject: The service.
        instance_name: Only of this replica.
        container_name: Only of this container.
        keyword: Only lines with this word. Together with a time the service leaves the application's own
            lines out, so it is then looked for here.
        start: From when on.
        end: Until when.
        previous: The log of the containers before their last restart.
        follow: Go on with new lines as they come, until the service is deleted or the caller stops.

    Raises:
        NotFoundError: There is no such service.
    """
    timed = start is not None or end is not None
    call = DescribeServiceLog(
        subject.name,
        instance_name=instance_name,
        container_name=container_name,
        keyword=None if timed else keyword,
        start_time=written(start),
        end_time=written(end),
        previous=previous or None,
    )
    return LogLines(subject, call, keyword if timed else None, follow=follow)


class LogLines:
    """The lines of a log, page by page."""

    def __init__(
        self, subject: Subject, call: DescribeServiceLog, keyword: str | None, *, follow: bool
    ) -> None:
        self.done = False
        self._subject = subject
        self._call = call
        self._keyword = keyword
        self._follow = follow
        self._read_of_page = 0
        self._begun = False

    def more(self) -> Plan[list[str]]:
        """The lines that are new since the last look; pauses when there was none."""
        try:
            page = yield from send(self._call, "logs")
        except NotFoundError:
            if not self._begun:
                raise
            self.done = True
            return []
        self._begun = True
        new = page.logs[self._read_of_page :]
        following = self._call.next_page(page, len(page.logs))
        if following is not None:
            self._call, self._read_of_page = following, 0
        elif not self._follow:
            self.done = True
        elif new:
            # The last page grows; what of it was given is not given again.
            self._read_of_page = len(page.logs)
        else:
            yield from pause(FOLLOW_PAUSE_S * (0.5 + self._subject.dice()))
        return [line for line in new if self._keyword is None or self._keyword in line]
