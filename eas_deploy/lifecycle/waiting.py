"""Waiting for a service: look, judge, pause, until it is where it should be, cannot get there, or time is over.

Generators only; how long to pause is decided in ``pacing``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from eas_deploy._defaults import GONE_AFTER_S, LAST_LOOK_S, PROBE_TIMEOUT_S, SERVICE_TIMEOUT_S
from eas_deploy.calls import DeleteService, ServiceInfo, StopService
from eas_deploy.calls.steps import Plan, apart, consult, pause
from eas_deploy.errors import (
    EasDeployError,
    NotFoundError,
    ServerError,
    ServiceFailedError,
    ThrottledError,
    TransportError,
    WaitTimeoutError,
)
from eas_deploy.lifecycle.changing import DANGEROUS, change
from eas_deploy.lifecycle.diagnosis import diagnose
from eas_deploy.lifecycle.pacing import pause_before_look
from eas_deploy.lifecycle.probing import what_is_missing
from eas_deploy.lifecycle.subject import Subject, look

Goal: TypeAlias = Literal["Running", "Stopped", "Deleted"]
"""What can be waited for."""

OnTimeout: TypeAlias = Literal["stop", "delete"]
"""What may be done with a service that did not get there in time, so that it costs nothing more."""

# From these a service does not come to the goal by itself.
_ENDS: Mapping[Goal, frozenset[str]] = MappingProxyType(
    {
        "Running": frozenset({"Failed", "Stopped", "Deleted", "Deleting", "DeleteFailed", "Complete"}),
        "Stopped": frozenset({"Failed", "Deleted", "Deleting", "DeleteFailed", "Complete"}),
        "Deleted": frozenset({"DeleteFailed"}),
    }
)
_NEXT: Mapping[str, str] = MappingProxyType(
    {
        "Failed": "mend the cause, then update() and restart() it; diagnose() says more",
        "Stopped": "start() it",
        "Complete": "it has done its work; restart() runs it again",
        "DeleteFailed": "delete() it again, or ask Alibaba Cloud support with its reason",
    }
)


@dataclass(frozen=True)
class Progress:
    """How far a service is, told to whoever waits.

    Attributes:
        name: The service name.
        status: Its status; None before the first answer.
        ready: Replicas that run.
        wanted: Replicas that should.
        elapsed_s: Seconds since the waiting began.
        detail: What it says of itself, or what is still missing.
    """

    name: str
    status: str | None
    ready: int
    wanted: int
    elapsed_s: float
    detail: str = ""

    def __str__(self) -> str:
        told = f", {self.detail}" if self.detail else ""
        return f"{self.name}: {self.status} ({self.ready}/{self.wanted} ready, {self.elapsed_s:.0f} s{told})"


Report: TypeAlias = Callable[[Progress], Any | Awaitable[Any]]
"""Is told of the progress at every look."""


@dataclass
class _Watch:
    """One wait: since when, until when, and how often it looked."""

    subject: Subject
    since: float
    until: float
    timeout_s: float
    report: Report | None
    looks: int = 0
    trouble: EasDeployError | None = None

    @classmethod
    def begin(cls, subject: Subject, timeout_s: float, report: Report | None) -> _Watch:
        now = subject.monotonic()
        return cls(subject, now, now + timeout_s, timeout_s, report)

    @property
    def elapsed_s(self) -> float:
        return self.subject.monotonic() - self.since

    def tell(self, detail: str = "") -> Plan[None]:
        if self.report is None:
            return
        info = self.subject.info or ServiceInfo()
        progress = Progress(
            self.subject.name,
            info.status,
            info.running_instance or 0,
            info.total_instance or 0,
            self.elapsed_s,
            detail or info.message or "",
        )
        yield from consult(self.report, progress)

    def rest(self, missing: str) -> Plan[None]:
        """Pause before the next look.

        Raises:
            WaitTimeoutError: There is no time for one.
        """
        self.looks += 1
        remaining_s = self.until - self.subject.monotonic()
        if remaining_s <= 0:
            raise self.too_late(missing)
        # The last look comes right at the end, however short the last pause is.
        yield from pause(min(remaining_s, pause_before_look(self.looks, self.subject.dice())))

    def too_late(self, missing: str) -> WaitTimeoutError:
        name = self.subject.name
        info = self.subject.info or ServiceInfo()
        facts = [f"last status: {info.status or 'unknown'}"]
        facts += [f"reason: {said}" for said in (info.reason,) if said]
        facts += [f"message: {said}" for said in (info.message,) if said]
        facts += [f"trouble: {self.trouble}"] if self.trouble else []
        return WaitTimeoutError(
            f"Service {name} is not {missing} after {self.timeout_s:g} s ({'; '.join(facts)}). It still exists "
            "and may cost money. Wait longer with timeout_s, look at diagnose(), or stop() or delete() it.",
            name=name,
            status=info.status,
        )


def wait(
    subject: Subject,
    timeout_s: float = SERVICE_TIMEOUT_S,
    report: Report | None = None,
    *,
    until: Goal = "Running",
    on_timeout: OnTimeout | None = None,
) -> Plan[None]:
    """Return when the service has the status ``until``; see ``Service.wait``."""
    watch = _Watch.begin(subject, timeout_s, report)
    yield from _bounded(watch, _reach(watch, until), on_timeout)


def wait_until_ready(
    subject: Subject,
    timeout_s: float = SERVICE_TIMEOUT_S,
    report: Report | None = None,
    *,
    path: str | None = None,
    on_timeout: OnTimeout | None = None,
) -> Plan[None]:
    """Return when the service runs and its gateway leads to it; see ``Service.wait_until_ready``."""
    watch = _Watch.begin(subject, timeout_s, report)
    yield from _bounded(watch, _answer(watch, path), on_timeout)


def _bounded(watch: _Watch, plan: Plan[None], on_timeout: OnTimeout | None) -> Plan[None]:
    """Run ``plan`` within the time of ``watch``, and do with a late service what was asked for."""
    try:
        yield from apart(plan, [], watch.until + LAST_LOOK_S)
    except WaitTimeoutError as late:
        if on_timeout is not None:
            yield from _give_up(watch.subject, late, on_timeout)
        raise


def _answer(watch: _Watch, path: str | None) -> Plan[None]:
    """Return when the service runs and its gateway leads to it."""
    while True:
        yield from _reach(watch, "Running")
        remaining_s = max(1.0, watch.until - watch.subject.monotonic())
        missing = yield from what_is_missing(watch.subject, path, min(PROBE_TIMEOUT_S, remaining_s))
        if missing is None:
            yield from watch.tell("ready")
            return
        yield from watch.tell(missing)
        yield from watch.rest(f"ready: {missing}")


def _reach(watch: _Watch, goal: Goal) -> Plan[None]:
    """Return when the service has the status ``goal``.

    Raises:
        ServiceFailedError: It cannot get there any more.
        WaitTimeoutError: It did not in time.
        NotFoundError: There never was such a service.
    """
    while True:
        status = yield from _look(watch, goal)
        yield from watch.tell()
        if status == goal:
            return
        if status in _ENDS[goal]:
            raise (yield from _failed(watch.subject, status, goal))
        yield from watch.rest(goal)


def _look(watch: _Watch, goal: Goal) -> Plan[str | None]:
    """The status of the service; None where it was not told, since an outage or throttling is waited out.

    What was read of it before does not count: it may be from before a change.
    """
    subject = watch.subject
    try:
        info = yield from look(subject, "wait")
    except NotFoundError as error:
        if subject.info is not None or goal == "Deleted":
            subject.info = (subject.info or ServiceInfo()).model_copy(update={"status": "Deleted"})
            return "Deleted"
        if watch.elapsed_s > GONE_AFTER_S:
            raise
        watch.trouble = error
    except (TransportError, ServerError, ThrottledError) as error:
        watch.trouble = error
    else:
        watch.trouble = None
        return info.status
    return None


def _failed(subject: Subject, status: str, goal: Goal) -> Plan[ServiceFailedError]:
    """The error for a service that cannot get there, with a diagnosis if it has failed."""
    info = subject.info or ServiceInfo()
    diagnosis = None
    if status == "Failed":
        try:
            diagnosis = yield from diagnose(subject)
        except EasDeployError:
            diagnosis = None  # the failure is what matters; why it cannot be explained is not
    reason = (info.reason or info.message or None) if status != "Deleted" else None
    told = f": {reason}" if reason else ""
    likely = (
        f" {diagnosis.causes[0].what} {diagnosis.causes[0].fix}" if diagnosis and diagnosis.causes else ""
    )
    advice = f" Next: {_NEXT[status]}." if status in _NEXT else ""
    failure = ServiceFailedError(
        f"Service {subject.name} is {status}{told}; it does not become {goal} by itself.{likely}{advice}",
        status=status,
        reason=reason,
        diagnosis=diagnosis,
    )
    failure.service_may_exist = status != "Deleted"
    return failure


def _give_up(subject: Subject, late: WaitTimeoutError, on_timeout: OnTimeout) -> Plan[None]:
    """Stop or delete a service that is late; says in ``late`` what became of that."""
    stopping = on_timeout == "stop"
    act = StopService(subject.name) if stopping else DeleteService(subject.name)
    try:
        # Without another look: a service that nobody can look at costs money all the same.
        seen = subject.info or ServiceInfo()
        yield from change(subject, act, on_timeout, seen, locked_by=DANGEROUS)
        told = f"It is being {'stopped' if stopping else 'deleted'} now, as on_timeout asked."
    except EasDeployError as error:
        told = f"on_timeout could not {on_timeout} it: {error}"
    late.args = (f"{late} {told}",)
