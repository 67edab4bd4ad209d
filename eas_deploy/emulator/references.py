"""What CreateService refuses because of what exists, or does not, in the account.

Every id in a config has to exist, and what is used together has to belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eas_deploy.emulator.checks import check_port, given, instance_types, is_elastic, section
from eas_deploy.emulator.refusal import invalid_parameter
from eas_deploy.emulator.resources import Amount
from eas_deploy.emulator.world import World

NLB_FORBIDDEN_PORT = 8080
NLB_ZONES = 2
"""How many zones an NLB that is made for a service has to span; an existing one has its zones."""


@dataclass(frozen=True)
class Attachment:
    """Where a service is attached to the network; empty strings for what it does not use."""

    vpc_id: str
    vswitch_ids: tuple[str, ...]
    security_group_id: str

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.vpc_id and self.vswitch_ids and self.security_group_id)


def check_references(world: World, config: Mapping[str, Any], name: str) -> Amount:
    """What one instance of the service takes, if everything that ``config`` names exists.

    Args:
        world: The account.
        config: A config that :func:`~eas_deploy.emulator.checks.check_config` has passed.
        name: The service's name; what it already uses itself counts as free.

    Raises:
        RefusalError: What the service would answer.
    """
    attachment = attach(world, config)
    networking = section(config, "networking")
    if networking.get("gateway") and networking.get("nlb"):
        raise invalid_parameter("networking: gateway and nlb exclude each other.")
    if gateway := networking.get("gateway"):
        _check_gateway(world, gateway, attachment)
    if listeners := networking.get("nlb"):
        _check_nlb(world, listeners, attachment, name)
    per_instance = _check_machines(world, config)
    _check_group(world, config, per_instance, name)
    return per_instance


def attach(world: World, config: Mapping[str, Any]) -> Attachment:
    """The network part of a config, with every id looked up."""
    given = section(section(config, "cloud"), "networking")
    vswitch_ids = tuple(part.strip() for part in (given.get("vswitch_id") or "").split(",") if part.strip())
    attachment = Attachment(
        str(given.get("vpc_id") or ""), vswitch_ids, str(given.get("security_group_id") or "")
    )
    network = world.network
    if attachment.vpc_id and attachment.vpc_id not in network.vpcs:
        raise invalid_parameter(f"VPC {attachment.vpc_id} does not exist.")
    for vswitch_id in vswitch_ids:
        vswitch = network.vswitches.get(vswitch_id)
        if vswitch is None:
            raise invalid_parameter(f"vSwitch {vswitch_id} does not exist.")
        if vswitch.vpc_id != attachment.vpc_id:
            raise invalid_parameter(f"vSwitch {vswitch_id} is not in VPC {attachment.vpc_id or '(none)'}.")
    if attachment.security_group_id:
        group = network.security_groups.get(attachment.security_group_id)
        if group is None:
            raise invalid_parameter(f"Security group {attachment.security_group_id} does not exist.")
        if group.vpc_id != attachment.vpc_id:
            raise invalid_parameter(
                f"Security group {group.security_group_id} is not in VPC {attachment.vpc_id or '(none)'}."
            )
    return attachment


def _require_complete(attachment: Attachment) -> None:
    """The two refusals that the real service is known to give."""
    if attachment.complete:
        return
    if attachment.vpc_id and attachment.security_group_id:
        raise invalid_parameter("vswitch can not be null")
    raise invalid_parameter("vpcId, vswId and securityGroupId are required")


def _check_gateway(world: World, gateway_id: str, attachment: Attachment) -> None:
    gateway = world.network.gateways.get(gateway_id)
    if gateway is None:
        raise invalid_parameter(f"Gateway {gateway_id} does not exist.")
    if gateway.status != "Running":
        raise invalid_parameter(f"Gateway {gateway_id} is {gateway.status}.")
    _require_complete(attachment)
    if gateway.vpc_id != attachment.vpc_id:
        raise invalid_parameter(f"Gateway {gateway_id} is not linked to VPC {attachment.vpc_id}.")


def _check_nlb(world: World, entries: list[Any], attachment: Attachment, name: str) -> None:
    if not all(isinstance(entry, dict) and isinstance(entry.get("id"), str) for entry in entries):
        raise invalid_parameter("networking.nlb needs an id in each entry.")
    _require_complete(attachment)
    if len({entry["id"] == "default" for entry in entries}) > 1:
        raise invalid_parameter("networking.nlb: default and existing NLBs exclude each other.")
    seen: set[tuple[str, str, int]] = set()
    for index, entry in enumerate(entries):
        where = f"networking.nlb[{index}]"
        port, net_type = entry.get("listener_port"), nlb_net_type(entry)
        check_port(port, f"{where}.listener_port")
        if port == NLB_FORBIDDEN_PORT:
            raise invalid_parameter(f"{where}.listener_port {port} is reserved.")
        if (entry["id"], str(net_type), port) in seen:
            raise invalid_parameter(f"{where} repeats another listener.")
        seen.add((entry["id"], str(net_type), port))
        if entry["id"] != "default":
            _check_existing_nlb(world, entry, attachment, name)
        elif net_type not in ("intranet", "internet"):
            raise invalid_parameter(f"{where}.netType must be intranet or internet.")
    made = entries[0]["id"] == "default"
    if made and len(world.network.zones(attachment.vswitch_ids)) < NLB_ZONES:
        raise invalid_parameter("An NLB needs vSwitches in at least two zones.")


def _check_existing_nlb(world: World, entry: Mapping[str, Any], attachment: Attachment, name: str) -> None:
    world.settle()
    balancer = world.network.load_balancers.get(entry["id"])
    if balancer is None:
        raise invalid_parameter(f"NLB {entry['id']} does not exist.")
    if balancer.vpc_id != attachment.vpc_id:
        raise invalid_parameter(f"NLB {balancer.load_balancer_id} is not in VPC {attachment.vpc_id}.")
    taken = balancer.listeners.get(entry["listener_port"])
    if taken is not None and taken.service != name:
        raise invalid_parameter(
            f"NLB {balancer.load_balancer_id} has a listener at port {taken.port} already."
        )


def nlb_net_type(entry: Mapping[str, Any]) -> Any:
    """The net type of an NLB entry, in either official spelling."""
    return entry.get("netType", entry.get("net_type"))


def _check_machines(world: World, config: Mapping[str, Any]) -> Amount:
    """What one instance takes: as metadata says, else as the instance type has."""
    metadata = section(config, "metadata")
    named = [name for name in instance_types(config) if name != "dedicated_resource"]
    specs = [_machine(world, name) for name in named]
    if specs and not any(spec["IsAvailable"] for spec in specs):
        raise invalid_parameter(f"Instance type {named[0]} is out of stock.")
    first = specs[0] if specs else {}
    return Amount(
        cpu=int(metadata.get("cpu") or first.get("CPU", 0)),
        memory_mb=int(metadata.get("memory") or first.get("Memory", 0) * 1000),
        gpu=int(metadata.get("gpu") or first.get("GPUAmount", 0)),
    )


def _machine(world: World, name: str) -> Mapping[str, Any]:
    spec = world.catalog.machine(name)
    if spec is None:
        raise invalid_parameter(f"Instance type {name} does not exist in {world.region_id}.")
    return spec


def _check_group(world: World, config: Mapping[str, Any], per_instance: Amount, name: str) -> None:
    metadata = section(config, "metadata")
    resource_id = metadata.get("resource")
    if not resource_id:
        return
    group = world.resource_groups.get(resource_id)
    if group is None:
        raise invalid_parameter(f"Resource group {resource_id} does not exist.")
    if group.status != "ResourceReady":
        raise invalid_parameter(f"Resource group {resource_id} is {group.status}.")
    own = world.find(name)
    own_use = own.in_use if own is not None and own.metadata.get("resource") == resource_id else Amount()
    wanted = world.used_of(resource_id) + own_use * -1 + per_instance * int(given(metadata, "instance", 1))
    if not wanted.fits(group.total) and not is_elastic(config):
        raise invalid_parameter(f"Resource group {resource_id} has not enough resources.")


def check_workspace(world: World, workspace_ids: Sequence[str]) -> str:
    """The workspace that a service goes to; empty for none."""
    named = {workspace_id for workspace_id in workspace_ids if workspace_id}
    if len(named) > 1:
        raise invalid_parameter(f"Two different workspaces are given: {', '.join(sorted(named))}.")
    if not named:
        return ""
    workspace_id = named.pop()
    workspace = world.workspaces.get(workspace_id)
    if workspace is None or workspace.status != "ENABLED":
        raise invalid_parameter(f"Workspace {workspace_id} does not exist or is not enabled.")
    return workspace_id
