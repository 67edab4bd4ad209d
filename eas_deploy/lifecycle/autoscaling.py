"""The autoscaler of a service: look, create, change, remove.

Generators only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from eas_deploy.calls import (
    CreateServiceAutoScaler,
    DeleteServiceAutoScaler,
    DescribeServiceAutoScaler,
    DescribeServiceAutoScalerAnswer,
    UpdateServiceAutoScaler,
)
from eas_deploy.calls.steps import Plan, send
from eas_deploy.config import Autoscaler
from eas_deploy.errors import ApiError, NotFoundError, TransportError
from eas_deploy.lifecycle.changing import Change, change, look_before
from eas_deploy.lifecycle.config_diff import differences
from eas_deploy.lifecycle.subject import Subject

AutoscalerLike: TypeAlias = Autoscaler | Mapping[str, Any]
"""An autoscaler, or a dict in the form of the service JSON: ``{"min": 1, "max": 3, "scaleStrategies": [...]}``."""


def describe_autoscaler(subject: Subject) -> Plan[DescribeServiceAutoScalerAnswer]:
    """The autoscaler of the service, with what it measures now.

    Raises:
        NotFoundError: There is no such service, or it has no autoscaler.
    """
    return (yield from send(DescribeServiceAutoScaler(subject.name), "autoscaler"))


def has_no_autoscaler(subject: Subject) -> Plan[bool]:
    """Whether nothing but a call can change the number of replicas; False if that cannot be read."""
    try:
        told = yield from describe_autoscaler(subject)
    except (ApiError, TransportError) as error:
        return isinstance(error, NotFoundError)
    return not told.max_replica


def create_autoscaler(subject: Subject, autoscaler: AutoscalerLike) -> Plan[Change]:
    """The change that gives the service an autoscaler.

    Args:
        subject: The service.
        autoscaler: An ``Autoscaler``, or a dict in the form of the service JSON.

    Raises:
        ConfigError: The autoscaler is not valid.
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    return (yield from _set(subject, CreateServiceAutoScaler, "create autoscaler", autoscaler))


def update_autoscaler(subject: Subject, autoscaler: AutoscalerLike) -> Plan[Change]:
    """The change of the service's autoscaler; takes and raises what `create_autoscaler` does."""
    return (yield from _set(subject, UpdateServiceAutoScaler, "update autoscaler", autoscaler))


def delete_autoscaler(subject: Subject) -> Plan[Change]:
    """The change that takes the autoscaler off the service; the number of replicas stays as it is.

    Raises:
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service, or it has no autoscaler.
    """
    before = yield from look_before(subject)
    told = differences((yield from _present(subject)), {})
    call = DeleteServiceAutoScaler(subject.name)
    return (yield from change(subject, call, "delete autoscaler", before, changes=told))


def _present(subject: Subject) -> Plan[dict[str, Any]]:
    """The autoscaler that the service has now, in the form of the service JSON; empty if that is not told."""
    try:
        now = yield from describe_autoscaler(subject)
    except (ApiError, TransportError):
        return {}  # it has none, or the key may not look: the change itself will tell
    strategies = [{"metricName": one.metric_name, "threshold": one.threshold} for one in now.scale_strategies]
    told = {
        "min": now.min_replica,
        "max": now.max_replica,
        "scaleStrategies": strategies,
        "behavior": now.behavior,
    }
    return {"autoscaler": {key: value for key, value in told.items() if value not in (None, [], {})}}


def _set(
    subject: Subject,
    kind: type[CreateServiceAutoScaler | UpdateServiceAutoScaler],
    action: str,
    autoscaler: AutoscalerLike,
) -> Plan[Change]:
    wanted = autoscaler if isinstance(autoscaler, Autoscaler) else Autoscaler.model_validate(dict(autoscaler))
    wire = wanted.to_wire()
    strategies = wire.get("scaleStrategies") or [
        # The API knows the newer form only.
        {"metricName": metric, "threshold": threshold}
        for metric, threshold in (wire.get("strategies") or {}).items()
    ]
    before = yield from look_before(subject)
    call = kind(
        service_name=subject.name,
        min=wire.get("min", 1),
        max=wire.get("max", 10),
        scale_strategies=strategies,
        behavior=wire.get("behavior"),
    )
    present = (yield from _present(subject)) if kind is UpdateServiceAutoScaler else {}
    sent = {key: value for key, value in wire.items() if key != "strategies"}
    told = differences(present, {"autoscaler": {**sent, "scaleStrategies": strategies}})
    return (yield from change(subject, call, action, before, changes=told))
