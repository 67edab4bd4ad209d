"""From a request and what was found out to the config that is created. Pure.

A request is built; a service JSON is changed only where something was decided, and the journal says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eas_deploy.catalog.images import ResolvedImage
from eas_deploy.config import ServiceConfig
from eas_deploy.patterns import ServiceRequest
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.judging import Suited
from eas_deploy.planning.needs import Source
from eas_deploy.planning.network import NetworkChoice
from eas_deploy.planning.resource_groups import ResourceChoice


@dataclass(frozen=True)
class Choices:
    """Everything that stages A and B have settled."""

    name: str
    workspace_id: str | None
    suited: Suited
    network: NetworkChoice | None
    resource: ResourceChoice | None


def build(source: Source, choices: Choices, journal: Journal) -> ServiceConfig:
    """The config to create.

    Raises:
        ConfigError: What was found does not make a valid config.
    """
    if isinstance(source, ServiceRequest):
        return _edited(_from_request(source, choices, journal), choices, journal)
    return _edited(source, choices, journal)


def _from_request(request: ServiceRequest, choices: Choices, journal: Journal) -> ServiceConfig:
    image = choices.suited.images[0]
    network = choices.network
    config = request.to_config(
        name=choices.name,
        image=image.uri,
        framework=image.framework,
        default_port=image.default_port,
        default_script=image.default_script,
        workspace_id=choices.workspace_id,
        instance_type=choices.suited.chosen,
        gateway_id=network.gateway_id if network else None,
        vpc_id=network.vpc_id if network else None,
        vswitch_ids=network.vswitch_ids if network else (),
        security_group_id=network.security_group_id if network else None,
        resource_id=choices.resource.resource_id if choices.resource else None,
        gpu=choices.suited.gpu,
    )
    _tell_defaults(request, config, image, journal)
    return config


def _tell_defaults(
    request: ServiceRequest, config: ServiceConfig, image: ResolvedImage, journal: Journal
) -> None:
    """Write down what neither a field of the request nor its ``extra`` says."""
    if request.name is None:
        journal.decide("name", config.service_name, f"six random digits after {request.name_prefix}")
    container = config.containers[0]
    source = f"{image.uri.rpartition('/')[2]}'s own default" if image.info else "the default"
    own: Mapping[str, Any] = next(iter(request.extra.get("containers") or ()), {})
    if request.port is None and "port" not in own:
        journal.decide("port", str(container.port), source if image.default_port else "what EAS assumes")
    told = request.command or request.script or own.keys() & {"command", "script"}
    if not told and container.command:
        why = source if image.default_script else f"the default of {image.framework.title}"
        journal.decide("start command", container.command, why)


def _edited(config: ServiceConfig, choices: Choices, journal: Journal) -> ServiceConfig:
    """The config with what was decided written in; the very same object when nothing was."""
    # Refused with no JSON in a variable of this frame: it may hold secrets, and a traceback may show it.
    return config.rewritten(_edited_wire(config, choices, journal))


def _edited_wire(config: ServiceConfig, choices: Choices, journal: Journal) -> dict[str, Any]:
    wire = config.to_wire()
    for container, image in zip(wire["containers"], choices.suited.images, strict=True):
        container["image"] = image.uri
    metadata = wire.get("metadata") or {}
    if choices.workspace_id is not None and metadata.get("workspace_id") is None:
        metadata["workspace_id"] = choices.workspace_id
    if choices.suited.gpu is not None:
        metadata["gpu"] = choices.suited.gpu
    if metadata:
        wire["metadata"] = metadata
    if choices.suited.chosen is not None:
        wire["cloud"] = {**(wire.get("cloud") or {}), "computing": {"instance_type": choices.suited.chosen}}
    computing = (wire.get("cloud") or {}).get("computing")
    if computing:
        _switch_machines(computing, choices.suited.machines, journal)
    return wire


def _switch_machines(computing: dict[str, Any], machines: dict[str, str], journal: Journal) -> None:
    """Write in the instance types that were switched from CPU to GPU."""
    if computing.get("instance_type"):
        wanted = computing["instance_type"]
        computing["instance_type"] = machines.get(wanted, wanted)
    choices = computing.get("instances") or []
    listed = {choice["type"] for choice in choices}
    kept: list[dict[str, Any]] = []
    for choice in choices:
        machine = machines.get(choice["type"], choice["type"])
        if machine == choice["type"]:
            kept.append(choice)
        elif machine not in listed:
            listed.add(machine)
            kept.append(_switched(choice, machine, journal))
    if kept:
        computing["instances"] = kept


def _switched(choice: dict[str, Any], machine: str, journal: Journal) -> dict[str, Any]:
    """An entry of the list with another instance type, and without the price that went with the old one."""
    if "spot_price_limit" in choice:
        journal.notice(
            "spot.dropped",
            f"the spot price limit of {choice['type']} does not go with {machine}, which has a price of its own",
            "set a spot_price_limit for the GPU type if it is to be a spot instance",
            "cloud.computing.instances",
        )
    rest = {key: value for key, value in choice.items() if key != "spot_price_limit"}
    return {**rest, "type": machine}
