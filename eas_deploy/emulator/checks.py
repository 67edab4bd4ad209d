"""What CreateService refuses in a service config, by looking at the config alone.

Written from the documented fields, independently of the client's own rules: the two have to agree
because both are right, not because they share a mistake. The first problem found is the answer.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from eas_deploy.emulator.refusal import invalid_parameter

KNOWN_KEYS = frozenset(
    [
        "name",
        "metadata",
        "containers",
        "storage",
        "cloud",
        "networking",
        "autoscaler",
        "runtime",
        "features",
        "labels",
        "unit",
        "options",
        "queue",
        "token",
        "dockerAuth",
        "rpc",
        "eas",
        "aimaster",
        "sinker",
        "confidential",
        "warm_up_data_path",
        "meta",
        "enable_webservice",
    ]
)
RESERVED_PORTS = frozenset({8080, 9090})
"""The service's own side-cars listen there."""
STORAGE_KINDS = frozenset({"oss", "nfs", "dataset", "git", "code", "image", "empty_dir", "cache", "cpfs"})

DEFAULT_PORT = 8000
MAX_PORT = 65535

_KINDS: dict[type, str] = {str: "string", int: "integer", list: "array", dict: "object"}
_TYPES: dict[str, dict[str, type]] = {
    "": {"name": str, "labels": dict, "storage": list, "autoscaler": dict},
    "metadata.": {"name": str, "instance": int, "cpu": int, "memory": int, "gpu": int, "resource": str},
    "cloud.computing.": {"instance_type": str, "instances": list},
    "cloud.networking.": {"vpc_id": str, "vswitch_id": str, "security_group_id": str},
    "networking.": {"gateway": str, "nlb": list},
}
_CONTAINER_TYPES: dict[str, type] = {
    "image": str,
    "command": str,
    "script": str,
    "args": list,
    "env": list,
    "prepare": dict,
}

_NAME = re.compile(r"[a-z0-9_]{3,63}")


def check_config(config: Mapping[str, Any]) -> str:
    """The name of the service that ``config`` describes, if nothing is wrong with it.

    Raises:
        RefusalError: What the service would answer.
    """
    _check_types(config)
    name = _check_name(config)
    if unknown := sorted(set(config) - KNOWN_KEYS):
        raise invalid_parameter(f"The service config has unknown fields: {', '.join(unknown)}.")
    _check_containers(config.get("containers"))
    _check_resources(config)
    _check_storage(config.get("storage"))
    if (autoscaler := config.get("autoscaler")) is not None:
        check_autoscaler(autoscaler)
    return name


def _check_types(config: Mapping[str, Any]) -> None:
    """Refuse values that cannot be decoded into the fields' types."""
    parts = {
        "": config,
        "metadata.": section(config, "metadata"),
        "cloud.computing.": section(section(config, "cloud"), "computing"),
        "cloud.networking.": section(section(config, "cloud"), "networking"),
        "networking.": section(config, "networking"),
    }
    for prefix, part in parts.items():
        _check_types_of(part, _TYPES[prefix], prefix)


def _check_types_of(part: Mapping[str, Any], types: Mapping[str, type], where: str) -> None:
    for key, kind in types.items():
        value = part.get(key)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise invalid_parameter(f"{where}{key} is not a JSON {_KINDS[kind]}.")


def _check_name(config: Mapping[str, Any]) -> str:
    metadata = section(config, "metadata")
    names: set[str] = {name for name in (config.get("name"), metadata.get("name")) if name}
    if not names:
        # Seen from the real service: 409, although nothing is in conflict.
        raise invalid_parameter("Service name is empty", status=409)
    if len(names) > 1:
        raise invalid_parameter("name and metadata.name are different.")
    name = names.pop()
    if not _NAME.fullmatch(name):
        raise invalid_parameter(
            "Service name is invalid: 3 to 63 lower-case letters, digits and underscores are allowed."
        )
    return name


def _check_containers(containers: Any) -> None:
    if not isinstance(containers, list) or not containers:
        raise invalid_parameter("containers is empty.")
    for index, container in enumerate(containers):
        where = f"containers[{index}]"
        if not isinstance(container, dict):
            raise invalid_parameter(f"{where}.image is required.")
        _check_types_of(container, _CONTAINER_TYPES, f"{where}.")
        if not container.get("image"):
            raise invalid_parameter(f"{where}.image is required.")
        if container.get("command") and container.get("script"):
            raise invalid_parameter(f"{where}: command and script exclude each other.")
        port = given(container, "port", DEFAULT_PORT)
        check_port(port, f"{where}.port")
        if port in RESERVED_PORTS:
            raise invalid_parameter(f"{where}.port {port} is reserved.")


def _check_resources(config: Mapping[str, Any]) -> None:
    metadata, computing = section(config, "metadata"), section(section(config, "cloud"), "computing")
    check_count(given(metadata, "instance", 1), "metadata.instance")
    group, quota = metadata.get("resource"), metadata.get("quota_id")
    sized = metadata.get("cpu") and metadata.get("memory")
    if not (group or quota or computing or sized):
        raise invalid_parameter(
            "No resource: metadata.resource, cloud.computing or cpu and memory is required."
        )
    if group and not group.startswith("eas-r-"):
        raise invalid_parameter(f"metadata.resource {group} is not a resource group id.")
    if "computing" in section(config, "cloud") and not instance_types(config):
        raise invalid_parameter("cloud.computing names no instance type.")
    if computing.get("instance_type") and computing.get("instances"):
        raise invalid_parameter("cloud.computing: instance_type and instances exclude each other.")
    if group and computing and not is_elastic(config):
        raise invalid_parameter("metadata.resource and cloud.computing exclude each other.")


def _check_storage(storage: Any) -> None:
    mounted: set[str] = set()
    for index, mount in enumerate(storage or []):
        where = f"storage[{index}]"
        path = mount.get("mount_path") if isinstance(mount, dict) else None
        if not isinstance(path, str) or not path.startswith("/"):
            raise invalid_parameter(f"{where}.mount_path must be an absolute path.")
        if len(STORAGE_KINDS & set(mount)) != 1:
            raise invalid_parameter(f"{where} needs exactly one of {', '.join(sorted(STORAGE_KINDS))}.")
        if not str(section(mount, "oss").get("path", "oss://")).startswith("oss://"):
            raise invalid_parameter(f"{where}.oss.path must begin with oss://.")
        if (normal := posixpath.normpath(path)) in mounted:
            raise invalid_parameter(f"{where}.mount_path {path} is mounted twice.")
        mounted.add(normal)


def check_autoscaler(autoscaler: Mapping[str, Any]) -> None:
    """Refuse an autoscaler whose bounds or metrics make no sense."""
    least, most = given(autoscaler, "min", 1), given(autoscaler, "max", 10)
    check_count(least, "autoscaler.min")
    check_count(most, "autoscaler.max")
    if most <= least:
        raise invalid_parameter(f"autoscaler.max {most} must be greater than autoscaler.min {least}.")
    named = section(autoscaler, "strategies")
    listed = given(autoscaler, "scaleStrategies", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise invalid_parameter("autoscaler.scaleStrategies is not a JSON array of objects.")
    for name, threshold in [
        *named.items(),
        *((one.get("metricName"), one.get("threshold")) for one in listed),
    ]:
        if (
            not isinstance(name, str)
            or isinstance(threshold, bool)
            or not isinstance(threshold, (int, float))
        ):
            raise invalid_parameter("autoscaler needs a metric name and a threshold in each strategy.")


def given(part: Mapping[str, Any], key: str, default: Any) -> Any:
    """The value under a key, or the default if it is missing or null."""
    value = part.get(key)
    return default if value is None else value


def check_count(value: Any, where: str) -> None:
    """Refuse what is not an integer of at least 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid_parameter(f"{where} {value!r} is not an integer of at least 0.")


def check_port(value: Any, where: str) -> None:
    """Refuse what is not a port number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_PORT:
        raise invalid_parameter(f"{where} {value!r} is not in [1, {MAX_PORT}].")


def section(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of the config that has to be an object; empty if it is missing or null."""
    value = config.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_parameter(f"{key} is not a JSON object.")
    return value


def instance_types(config: Mapping[str, Any]) -> list[str]:
    """The instance types that a config names, in the order in which they are tried."""
    computing = section(section(config, "cloud"), "computing")
    entries = computing.get("instances") or []
    if not all(isinstance(entry, dict) and entry.get("type") for entry in entries):
        raise invalid_parameter("cloud.computing.instances needs a type in each entry.")
    named = [str(entry["type"]) for entry in entries]
    return [str(computing["instance_type"]), *named] if computing.get("instance_type") else named


def is_elastic(config: Mapping[str, Any]) -> bool:
    """Whether a service of a resource group may also use the public machines."""
    burstable = section(config, "metadata").get("resource_burstable") is True
    return burstable or "dedicated_resource" in instance_types(config)
