"""What a service tells of itself, as lines to search, and how old each is.

Pure. An event is of now if it is not much older than the newest one and not from before the last change of the
service: a trouble that goes on is told again every few minutes. What is older may be over, and so may be what the log
tells of a service that is well, or that nobody wants to run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from eas_deploy.calls import DiagnosisEntry, ServiceContainer, ServiceInfo, ServiceInstance
from eas_deploy.lifecycle.insight import Event
from eas_deploy.lifecycle.moments import ago, moment_of

_TOLD_AGAIN = timedelta(minutes=10)
"""Kubernetes repeats what goes on wrong at least every five minutes, the longest pause before a restart."""

_BEFORE_ITS_CHANGE = timedelta(minutes=1)
"""How much earlier than the change of status an event may be that led to it."""


class Line(NamedTuple):
    """One thing that is told.

    Attributes:
        source: By what.
        words: What.
        age_s: How long ago, in seconds; None if that is not told.
    """

    source: str
    words: str
    age_s: float | None = None

    def __str__(self) -> str:
        when = "" if self.age_s is None else f", {ago(self.age_s)}"
        return f"{self.source}{when}: {self.words}"


@dataclass(frozen=True)
class Symptoms:
    """All that a service tells of itself.

    Attributes:
        info: The service.
        config: The service JSON that it runs.
        events: What happened.
        instances: Its replicas.
        containers: Their containers.
        reported: What the service itself found wrong.
        log: The last lines of its log.
        previous_log: The last lines before the last restart.
        gateway: What is missing at the gateway; None if it answers or was not asked.
        refused: Whether the gateway refuses the token.
        now: When all that was read; None leaves all ages open.
    """

    info: ServiceInfo
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    events: Sequence[Event] = ()
    instances: Sequence[ServiceInstance] = ()
    containers: Sequence[ServiceContainer] = ()
    reported: Sequence[DiagnosisEntry] = ()
    log: Sequence[str] = ()
    previous_log: Sequence[str] = ()
    gateway: str | None = None
    refused: bool = False
    now: datetime | None = None

    @property
    def well(self) -> bool:
        """Whether it runs in full and can be called: then what was before tells of troubles that are over.

        Probes that fail while a model is loaded are a part of every start.
        """
        ready, wanted = self.info.running_instance or 0, self.info.total_instance or 0
        return self.info.status == "Running" and self.gateway is None and 0 < wanted <= ready

    @property
    def at_rest(self) -> bool:
        """Whether nothing runs because nothing should: then what is told is of the time when something did."""
        info = self.info
        return info.status == "Stopped" or (info.status == "Running" and info.total_instance == 0)

    def of_now(self) -> Symptoms:
        """All but what may be over: old events, and the log of a service that is well or at rest.

        A log holds all kinds of words, such as those of its users, and ports of all kinds of servers.
        """
        if self.well or self.at_rest:
            return replace(self, events=(), previous_log=(), log=())
        since = self._since
        return replace(self, events=[one for one in self.events if not _is_before(one, since)])

    def of_before(self) -> Symptoms:
        """What may be over, and nothing else: old events, the log of a service that is well or at rest."""
        if self.well:
            return Symptoms(ServiceInfo(), log=self.log)
        if self.at_rest:
            return replace(self, info=ServiceInfo(), instances=(), containers=(), reported=(), gateway=None)
        old = [one for one in self.events if _is_before(one, self._since)]
        return Symptoms(ServiceInfo(), events=old, now=self.now)

    @property
    def _since(self) -> datetime | None:
        """From when on events are of now; None if no time is told."""
        told = [moment for one in self.events if (moment := one.moment) is not None]
        if not told:
            return None
        since = max(told) - _TOLD_AGAIN
        changed = moment_of(self.info.update_time)
        return since if changed is None else max(since, changed - _BEFORE_ITS_CHANGE)

    def lines(self) -> Iterator[Line]:
        """Everything that is told, one fact a line; events newest first."""
        yield from (Line("service", said) for said in (self.info.reason, self.info.message) if said)
        lines = [
            Line("event", f"{one.reason}: {one.message}", self._age_s(one))
            for one in self.events
            if one.type != "Normal"
        ]
        yield from sorted(lines, key=lambda line: line.age_s or 0.0)
        for one in self.instances:
            yield from (
                Line(f"replica {one.instance_name}", said) for said in _said(one.reason, one.last_state)
            )
        for box in self.containers:
            told = _said(box.current_reason, box.last_reason)
            yield from (Line(f"container {box.name}", said) for said in told)
        for entry in self.reported:
            yield Line("diagnosis", "; ".join([entry.error or "", *entry.causes]))
        yield from (Line("log", line) for line in reversed([*self.previous_log, *self.log]))

    def _age_s(self, event: Event) -> float | None:
        moment = event.moment
        # A clock that is wrong here or there must not put an event into the future.
        return None if moment is None or self.now is None else max(0.0, (self.now - moment).total_seconds())


def _is_before(event: Event, since: datetime | None) -> bool:
    moment = event.moment
    return moment is not None and since is not None and moment < since


def _said(*told: Any) -> Iterator[str]:
    return (str(one) for one in told if one)
