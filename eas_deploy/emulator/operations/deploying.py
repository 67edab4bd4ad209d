"""EAS operations that create, change and remove services."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eas_deploy.emulator.addresses import addresses_of
from eas_deploy.emulator.checks import check_autoscaler, check_config, check_count, given, section
from eas_deploy.emulator.listeners import open_listeners
from eas_deploy.emulator.operations.call import ApiCall
from eas_deploy.emulator.references import check_references, check_workspace
from eas_deploy.emulator.refusal import RefusalError, invalid_parameter
from eas_deploy.emulator.services import (
    DELETED,
    SCALED,
    STARTED,
    STOPPED,
    UPDATED,
    EmulatedService,
)
from eas_deploy.emulator.world import World

DUPLICATE_NAME = (409, "ServiceAlreadyExists")
"""Status and code for a name that is taken. The real code is documented nowhere: nothing may rely on it."""
LOCKED = (403, "ServiceLocked")
"""Status and code for what a safety lock forbids; not documented either."""


def create_service(call: ApiCall) -> dict[str, Any]:
    """CreateService: the service exists from here on."""
    world, config = call.world, call.body()
    name = check_config(config)
    if world.find(name) is not None:
        status, code = DUPLICATE_NAME
        raise RefusalError(status, code, f"Service [{name}] already exists")
    metadata = section(config, "metadata")
    workspace_id = check_workspace(
        world, (str(metadata.get("workspace_id") or ""), call.query.get("WorkspaceId", ""))
    )
    labels = {key: str(value) for key, value in section(config, "labels").items()} | call.json_map("Labels")
    per_instance = check_references(world, config, name)
    service = world.add_service(
        name, config, per_instance=per_instance, labels=labels, workspace_id=workspace_id
    )
    open_listeners(world, service)
    return {
        "ServiceId": service.service_id,
        "ServiceName": name,
        "Status": service.status,
        "Region": world.region_id,
        **addresses_of(world, service),
    }


def update_service(call: ApiCall) -> dict[str, Any]:
    """UpdateService, ``merge`` (default) or ``replace``."""
    service, change = _unlocked(call, {"all"}), call.body()
    kind = call.query.get("UpdateType") or "merge"
    if kind not in {"merge", "replace"}:
        raise invalid_parameter(f"UpdateType {kind!r} is not merge or replace.")
    config = _merged(service.config, change) if kind == "merge" else change
    if check_config(config) != service.name:
        raise invalid_parameter("The name of a service cannot be changed.")
    per_instance = check_references(call.world, config, service.name)
    scaled = _but_instance(config) == _but_instance(service.config)
    with _moving_listeners(call.world, service):
        service.take_config(config, per_instance, call.world.clock.now())
    if service.status != "Stopped":
        service.move(SCALED if scaled else UPDATED, call.world.clock.now())
    return _message(f"Service [{service.name}] is updating")


@contextmanager
def _moving_listeners(world: World, service: EmulatedService) -> Iterator[None]:
    """Follow a change of the config with the service's NLB listeners, and its autoscaler."""
    before = section(service.config, "networking").get("nlb")
    yield
    service.autoscaler = service.config.get("autoscaler", service.autoscaler)
    if section(service.config, "networking").get("nlb") != before:
        world.close_listeners(service.name)
        open_listeners(world, service)


def _but_instance(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config without the number of instances."""
    return {**config, "metadata": {**section(config, "metadata"), "instance": None}}


def _merged(old: Any, new: Any) -> Any:
    """``new`` laid over ``old``: objects are merged, everything else is replaced."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copy.deepcopy(new)
    return {
        key: _merged(old.get(key), new[key]) if key in new else copy.deepcopy(old[key])
        for key in [*old, *(key for key in new if key not in old)]
    }


def delete_service(call: ApiCall) -> dict[str, Any]:
    """DeleteService."""
    service = _unlocked(call, {"all", "dangerous"})
    service.move(DELETED, call.world.clock.now())
    return _message(f"Service [{service.name}] in region [{call.world.region_id}] is deleting")


def stop_service(call: ApiCall) -> dict[str, Any]:
    """StopService."""
    service = _unlocked(call, {"all", "dangerous"})
    service.move(STOPPED, call.world.clock.now())
    return _message(f"Service [{service.name}] is stopping")


def start_service(call: ApiCall) -> dict[str, Any]:
    """StartService."""
    service = _unlocked(call, {"all"})
    service.move(STARTED, call.world.clock.now())
    return _message(f"Service [{service.name}] is starting")


def restart_service(call: ApiCall) -> dict[str, Any]:
    """RestartService."""
    service = _unlocked(call, {"all"})
    service.move(UPDATED, call.world.clock.now())
    return _message(f"Service [{service.name}] is restarting")


def release_service(call: ApiCall) -> dict[str, Any]:
    """ReleaseService: the share of its group's traffic."""
    service, body = _unlocked(call, {"all"}), call.body()
    weight = body.get("Weight", service.weight)
    check_count(weight, "Weight")
    service.weight, service.traffic_state = weight, body.get("TrafficState", service.traffic_state)
    return _message(f"Service [{service.name}] is released")


def update_service_version(call: ApiCall) -> dict[str, Any]:
    """UpdateServiceVersion: run the config of an earlier version again."""
    service, wanted = _unlocked(call, {"all"}), call.body().get("Version")
    version = next((known for known in service.versions if known.number == wanted), None)
    if version is None:
        raise invalid_parameter(f"Service [{service.name}] has no version {wanted!r}.")
    per_instance = check_references(call.world, version.config, service.name)
    with _moving_listeners(call.world, service):
        service.run_version(version, per_instance)
    service.move(UPDATED, call.world.clock.now())
    return _message(f"Service [{service.name}] is switching to version {version.number}")


def update_service_safety_lock(call: ApiCall) -> dict[str, Any]:
    """UpdateServiceSafetyLock."""
    service, lock = call.service(), call.body().get("Lock")
    if lock not in {"all", "dangerous", "none"}:
        raise invalid_parameter(f"Lock {lock!r} is not all, dangerous or none.")
    service.safety_lock = lock
    return _message(f"The safety lock of service [{service.name}] is {lock}")


def set_service_autoscaler(call: ApiCall) -> dict[str, Any]:
    """CreateServiceAutoScaler and UpdateServiceAutoScaler."""
    service, autoscaler = _unlocked(call, {"all"}), call.body()
    check_autoscaler(autoscaler)
    service.autoscaler = autoscaler
    return _message(f"The autoscaler of service [{service.name}] is set")


def describe_service_autoscaler(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceAutoScaler."""
    service = call.service()
    autoscaler = _autoscaler(service)
    strategies = autoscaler.get("scaleStrategies") or [
        {"metricName": name, "threshold": threshold}
        for name, threshold in (autoscaler.get("strategies") or {}).items()
    ]
    return {
        "ServiceName": service.name,
        "MinReplica": given(autoscaler, "min", 1),
        "MaxReplica": given(autoscaler, "max", 10),
        "ScaleStrategies": strategies,
        "Behavior": autoscaler.get("behavior", {}),
        "CurrentMetrics": [
            {"metricName": strategy["metricName"], "service": service.name, "value": 0.0}
            for strategy in strategies
        ],
    }


def delete_service_autoscaler(call: ApiCall) -> dict[str, Any]:
    """DeleteServiceAutoScaler."""
    service = _unlocked(call, {"all"})
    _autoscaler(service)
    service.autoscaler = None
    return _message(f"The autoscaler of service [{service.name}] is removed")


def _autoscaler(service: EmulatedService) -> Mapping[str, Any]:
    if service.autoscaler is None:
        raise RefusalError(404, "InvalidAutoScaler.NotFound", f"Service [{service.name}] has no autoscaler")
    return service.autoscaler


def update_service_label(call: ApiCall) -> dict[str, Any]:
    """UpdateServiceLabel: sets the given labels, keeps the others."""
    service = call.service()
    service.labels |= {key: str(value) for key, value in section(call.body(), "Labels").items()}
    return _message(f"The labels of service [{service.name}] are updated")


def delete_service_label(call: ApiCall) -> dict[str, Any]:
    """DeleteServiceLabel; ``Keys`` comes as a JSON list, comma-separated or numbered."""
    service, text = call.service(), call.query.get("Keys", "")
    keys = text.strip("[]").replace('"', "").split(",")
    for key in [*keys, *call.listed("Keys")]:
        service.labels.pop(key.strip(), None)
    return _message(f"The labels of service [{service.name}] are removed")


def _unlocked(call: ApiCall, forbidding: set[str]) -> EmulatedService:
    """The service of the call, unless its safety lock is one of ``forbidding``."""
    service = call.service()
    if service.safety_lock in forbidding:
        status, code = LOCKED
        raise RefusalError(
            status, code, f"Service [{service.name}] is protected by the safety lock {service.safety_lock}"
        )
    return service


def _message(text: str) -> dict[str, Any]:
    return {"Message": text}
