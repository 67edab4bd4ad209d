"""The life of a service: stop, start, restart, delete, lock, label, release.

Generators only; each gives a `Change` that says what it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from eas_deploy.calls import (
    DeleteService,
    DeleteServiceLabel,
    ReleaseService,
    RestartService,
    ServiceInfo,
    StartService,
    StopService,
    UpdateServiceLabel,
    UpdateServiceSafetyLock,
)
from eas_deploy.calls.steps import Plan
from eas_deploy.lifecycle.arguments import one_of
from eas_deploy.lifecycle.changing import DANGEROUS, Change, change, look_before
from eas_deploy.lifecycle.config_diff import Difference, differences
from eas_deploy.lifecycle.settling import in_status, never
from eas_deploy.lifecycle.subject import Subject

Lock: TypeAlias = Literal["all", "dangerous", "none"]
"""What a safety lock forbids: every change, only what interrupts the service, or nothing."""

_NEVER = frozenset[str]()


def stop(subject: Subject) -> Plan[Change]:
    """The change that stops the service; it keeps its name and config and costs nothing any more.

    Returns when the service has accepted it; ``wait(until="Stopped")`` waits for the end.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    return (yield from stop_as_seen(subject, before))


def stop_as_seen(subject: Subject, before: ServiceInfo) -> Plan[Change]:
    """The change that stops the service, which is known already; see `stop`."""
    call, stopped = StopService(subject.name), in_status("Stopped")
    return (yield from change(subject, call, "stop", before, locked_by=DANGEROUS, carried=stopped))


def start(subject: Subject) -> Plan[Change]:
    """The change that starts the stopped service. Billing starts.

    Returns when the service has accepted it; ``wait_until_ready()`` waits until it can be called.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    call = StartService(subject.name)
    return (yield from change(subject, call, "start", before, carried=in_status("Running")))


def restart(subject: Subject) -> Plan[Change]:
    """The change that restarts all replicas of the service, by its rolling strategy.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    return (yield from change(subject, RestartService(subject.name), "restart", before, carried=never))


def delete(subject: Subject) -> Plan[Change]:
    """The change that deletes the service for good; ``wait(until="Deleted")`` waits for the end.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    return (yield from delete_as_seen(subject, before))


def delete_as_seen(subject: Subject, before: ServiceInfo) -> Plan[Change]:
    """The change that deletes the service, which is known already; see `delete`."""
    call = DeleteService(subject.name)
    done = yield from change(subject, call, "delete", before, locked_by=DANGEROUS, carried=never)
    subject.going = True
    subject.access = subject.model = None
    return done


def set_safety_lock(subject: Subject, lock: Lock) -> Plan[Change]:
    """The change that locks the service against accidents, or unlocks it.

    Args:
        subject: The service.
        lock: ``"all"`` forbids every change, ``"dangerous"`` stopping and deleting, ``"none"`` nothing.

    Raises:
        ValueError: There is no such lock.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    one_of("lock", lock, get_args(Lock))
    before = yield from look_before(subject)
    told = differences({"safety_lock": before.safety_lock or "none"}, {"safety_lock": lock})
    call = UpdateServiceSafetyLock(subject.name, lock)
    return (yield from change(subject, call, "lock", before, changes=told, locked_by=_NEVER))


def release(subject: Subject, weight: int | None = None, traffic_state: str | None = None) -> Plan[Change]:
    """The change of how much traffic the service takes in its group.

    Args:
        subject: The service.
        weight: Its share, 0 to 100; None leaves it.
        traffic_state: ``"grouping"`` takes traffic of the group, ``"standalone"`` only its own; None leaves it.

    Raises:
        ValueError: Neither was given.
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    if weight is None and traffic_state is None:
        raise ValueError("release() needs weight or traffic_state")
    before = yield from look_before(subject)
    now = {"weight": before.weight, "traffic_state": before.traffic_state}
    asked = {"weight": weight, "traffic_state": traffic_state}
    after = {key: now[key] if value is None else value for key, value in asked.items()}
    call = ReleaseService(subject.name, traffic_state=traffic_state, weight=weight)
    return (yield from change(subject, call, "release", before, changes=differences(now, after)))


def set_labels(subject: Subject, labels: Mapping[str, str]) -> Plan[Change]:
    """The change that puts ``labels`` on the service; others that it carries stay.

    Raises:
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    told = _labels(before, {**before.label_map, **labels})
    call = UpdateServiceLabel(subject.name, dict(labels))
    # Whether the lock covers labels is not documented: the service decides.
    return (yield from change(subject, call, "label", before, changes=told, locked_by=_NEVER))


def remove_labels(subject: Subject, *keys: str) -> Plan[Change]:
    """The change that takes the labels of these keys off the service.

    Raises:
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    before = yield from look_before(subject)
    told = _labels(before, {key: value for key, value in before.label_map.items() if key not in keys})
    call = DeleteServiceLabel(subject.name, keys)
    return (yield from change(subject, call, "unlabel", before, changes=told, locked_by=_NEVER))


def _labels(before: ServiceInfo, after: Mapping[str, str]) -> tuple[Difference, ...]:
    return differences({"labels": before.label_map}, {"labels": dict(after)})
