"""Waiting for a service: look, judge, pause, until it is where it should be, cannot get there, or time is over.

Generators only; how long to pause is decided in ``pacing``, and whether a look tells of the time after the last
change in ``settling``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from eas_deploy._defaults import GONE_AFTER_S, LAST_LOOK_S, PROBE_TIMEOUT_S, SERVICE_TIMEOUT_S
from eas_deploy.calls import ServiceInfo
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
from eas_deploy.lifecycle.arguments import one_of, seconds
from eas_deploy.lifecycle.autoscaling import has_no_autoscaler
from eas_deploy.lifecycle.diagnosis import diagnose
from eas_deploy.lifecycle.goals import Goal, OnTimeout, ends, next_step, when_late
from eas_deploy.lifecycle.life import delete_as_seen, stop_as_seen
from eas_deploy.lifecycle.pacing import pause_before_look
from eas_deploy.lifecycle.probing import what_is_missing
from eas_deploy.lifecycle.replicas import replicas_in_words
from eas_deploy.lifecycle.subject import Subject, look, saw
from eas_deploy.lifecycle.wellformed import wrong_path


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
        facts = [f"{self.elapsed_s:.0f} s", *filter(None, [self.detail])]
        if self.ready > self.wanted:  # it scales in
            facts.insert(0, f"{self.ready} ready, {self.wanted} wanted")
        elif self.wanted:
            facts.insert(0, f"{self.ready}/{self.wanted} ready")
        return f"{self.name}: {self.status or 'not seen yet'} ({', '.join(facts)})"


Report: TypeAlias = Callable[[Progress], Any | Awaitable[Any]]
"""Is told of the progress at every look."""


@dataclass
class _Watch:
    """One wait: since when, until when, for what, how often it looked and what it saw.

    Attributes:
        seen: Whether a look told of the service; what was read before the wait does not count.
        doubt: Why the last look that did says nothing yet; empty if it does.
        lost_at: Since when no look finds the service, on the monotonic clock; None if the last answer told of it.
        trouble: Why the last look told nothing; None if it did.
    """

    subject: Subject
    goal: Goal
    since: float
    until: float
    timeout_s: float
    report: Report | None
    looks: int = 0
    seen: bool = False
    doubt: str = ""
    lost_at: float | None = None
    trouble: EasDeployError | None = None

    @classmethod
    def begin(cls, subject: Subject, goal: Goal, timeout_s: float, report: Report | None) -> _Watch:
        now = subject.monotonic()
        return cls(subject, goal, now, now + timeout_s, timeout_s, report)

    @property
    def elapsed_s(self) -> float:
        return self.subject.monotonic() - self.since

    @property
    def info(self) -> ServiceInfo:
        return (self.subject.info if self.seen else None) or ServiceInfo()

    def saw(self, info: ServiceInfo) -> str | None:
        """The status in ``info``, which was just read; None if it may be from before the last change."""
        self.seen, self.doubt, self.lost_at, self.trouble = True, "", None, None
        asked = self.subject.asked
        if asked is not None:
            self.doubt = f"the {asked.action} does not show yet"
            return None
        return info.status

    def missed(self) -> bool:
        """Take in a look that did not find the service; whether that proves that there is none.

        The API may lag behind: about one that is not known to be deleted it is asked again and again for as
        long as a new one may not show up.
        """
        if self.subject.going:
            return True
        now = self.subject.monotonic()
        if self.lost_at is None:
            self.lost_at, self.looks = now, 0  # so that the next looks come soon
        return now - self.lost_at >= GONE_AFTER_S

    def tell(self, detail: str = "") -> Plan[None]:
        if self.report is None:
            return
        info = self.info
        progress = Progress(
            self.subject.name,
            info.status,
            info.running_instance or 0,
            info.total_instance or 0,
            self.elapsed_s,
            detail or self.doubt or info.message or "",
        )
        yield from consult(self.report, progress)

    def rest(self, missing: str = "") -> Plan[None]:
        """Pause before the next look.

        Args:
            missing: What is missing at the gateway, if that is what is waited for.

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
        name, info = self.subject.name, self.info
        last = [info.status or "unknown"]
        if info.total_instance is not None:
            last.append(replicas_in_words(info.running_instance or 0, info.total_instance))
        facts = [f"last status: {', '.join(last)}", self.doubt, missing]
        facts += [f"reason: {said}" for said in (info.reason,) if said]
        facts += [f"message: {said}" for said in (info.message,) if said]
        facts += [f"trouble: {str(self.trouble).rstrip('.')}"] if self.trouble else []
        return WaitTimeoutError(
            f"Service {name} is not {'ready' if missing else self.goal} after {self.timeout_s:g} s "
            f"({'; '.join(filter(None, facts))}).",
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
    one_of("until", until, get_args(Goal))
    _check(timeout_s, on_timeout)
    watch = _Watch.begin(subject, until, timeout_s, report)
    yield from _bounded(watch, _reach(watch), on_timeout)


def wait_until_ready(
    subject: Subject,
    timeout_s: float = SERVICE_TIMEOUT_S,
    report: Report | None = None,
    *,
    path: str | None = None,
    on_timeout: OnTimeout | None = None,
) -> Plan[None]:
    """Return when the service runs and its gateway leads to it; see ``Service.wait_until_ready``."""
    wrong = wrong_path(path or "")
    if wrong is not None:
        raise wrong
    _check(timeout_s, on_timeout)
    watch = _Watch.begin(subject, "Running", timeout_s, report)
    yield from _bounded(watch, _answer(watch, path), on_timeout)


def _check(timeout_s: float, on_timeout: OnTimeout | None) -> None:
    seconds("timeout_s", timeout_s)
    # Any other word would stop or delete a service that nobody wanted to lose.
    one_of("on_timeout", on_timeout, (None, *get_args(OnTimeout)))


def _bounded(watch: _Watch, plan: Plan[None], on_timeout: OnTimeout | None) -> Plan[None]:
    """Run ``plan`` within the time of ``watch``, and do with a late service what was asked for."""
    try:
        yield from apart(plan, [], watch.until + LAST_LOOK_S)
    except WaitTimeoutError as late:
        if on_timeout is None:
            advice = when_late(watch.goal, seen=watch.seen)
        else:
            advice = yield from _give_up(watch, on_timeout)
        late.args = (f"{late} {advice}",)
        raise


def _answer(watch: _Watch, path: str | None) -> Plan[None]:
    """Return when the service runs and its gateway leads to it."""
    while True:
        yield from _reach(watch)
        remaining_s = max(1.0, watch.until - watch.subject.monotonic())
        missing = yield from what_is_missing(watch.subject, path, min(PROBE_TIMEOUT_S, remaining_s))
        if missing is None:
            yield from watch.tell("ready")
            return
        yield from watch.tell(missing)
        if watch.info.total_instance == 0 and (yield from has_no_autoscaler(watch.subject)):
            raise _nothing_to_run(watch)
        yield from watch.rest(missing)


def _reach(watch: _Watch) -> Plan[None]:
    """Return when the service has the status that is waited for.

    Raises:
        ServiceFailedError: It cannot get there any more.
        WaitTimeoutError: It did not in time.
        NotFoundError: There never was such a service.
    """
    while True:
        status = yield from _look(watch)
        yield from watch.tell()
        if status == watch.goal:
            return
        if status is not None and ends(watch.goal, status):
            raise (yield from _failed(watch, status))
        yield from watch.rest()


def _look(watch: _Watch) -> Plan[str | None]:
    """The status of the service; None where it was not told, since an outage or throttling is waited out.

    What was read of it before does not count: it may be from before a change.
    """
    subject = watch.subject
    try:
        info = yield from look(subject, "wait")
    except NotFoundError as error:
        watch.trouble = error
        if watch.missed():
            if subject.info is None and not subject.going:
                raise
            return watch.saw(saw(subject, _gone(subject.info or ServiceInfo())))
    except (TransportError, ServerError, ThrottledError) as error:
        watch.trouble = error
    else:
        return watch.saw(info)
    return None


def _gone(info: ServiceInfo) -> ServiceInfo:
    """What is known of a service that cannot be found any more."""
    gone = {"status": "Deleted", "running_instance": 0, "total_instance": 0, "reason": None, "message": None}
    return info.model_copy(update=gone)


def _failed(watch: _Watch, status: str) -> Plan[ServiceFailedError]:
    """The error for a service that cannot get there, with a diagnosis if it has failed."""
    subject, info = watch.subject, watch.info
    diagnosis = None
    if status == "Failed":
        try:
            diagnosis = yield from diagnose(subject)
        except EasDeployError:
            diagnosis = None  # the failure is what matters; why it cannot be explained is not
    reason = info.reason or info.message or None
    told = f": {reason}" if reason else ""
    likely = (
        f" {diagnosis.causes[0].what} {diagnosis.causes[0].fix}" if diagnosis and diagnosis.causes else ""
    )
    failure = ServiceFailedError(
        f"Service {subject.name} is {status}{told}; it does not become {watch.goal} by itself.{likely} "
        f"{next_step(watch.goal, status)}",
        status=status,
        reason=reason,
        diagnosis=diagnosis,
    )
    failure.service_may_exist = status != "Deleted"
    return failure


def _nothing_to_run(watch: _Watch) -> ServiceFailedError:
    """The error for a service that has no replica, and that nobody gives one."""
    reason = "it has 0 replicas"
    return ServiceFailedError(
        f"Service {watch.subject.name} is Running and {reason}, so nothing answers. Next: scale() it.",
        status="Running",
        reason=reason,
    )


def _give_up(watch: _Watch, on_timeout: OnTimeout) -> Plan[str]:
    """Stop or delete a service that is late, and say what became of that."""
    act = stop_as_seen if on_timeout == "stop" else delete_as_seen
    try:
        # Without another look: a service that nobody can look at costs money all the same.
        yield from act(watch.subject, watch.subject.info or ServiceInfo())
    except EasDeployError as error:
        return f"on_timeout could not {on_timeout} it: {error}"
    return f"It is being {'stopped' if on_timeout == 'stop' else 'deleted'} now, as on_timeout asked."
