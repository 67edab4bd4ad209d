"""What a deployment needs to have found out, read from a request or from a service JSON.

Both kinds of input end up as the same `Needs`, so the procedure is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from eas_deploy.catalog.frameworks import OTHER, Framework, framework_of
from eas_deploy.config import ServiceConfig
from eas_deploy.patterns import Gateway, Nlb, Resolved, ServiceRequest
from eas_deploy.patterns.building import wire_of

Source: TypeAlias = ServiceRequest | ServiceConfig

DEDICATED = "dedicated_resource"
"""The instance type that stands for the resource group's own machines in an elastic pool."""


@dataclass(frozen=True)
class VpcIds:
    """The ids of a VPC connection as far as the caller gave them."""

    vpc_id: str | None = None
    vswitch_ids: tuple[str, ...] = ()
    security_group_id: str | None = None


@dataclass(frozen=True)
class GatewayNeed:
    """A dedicated gateway; without an id one is chosen."""

    gateway_id: str | None
    given: VpcIds = VpcIds()


@dataclass(frozen=True)
class ListenerNeed:
    """One NLB listener: which load balancer (``"default"`` or ``nlb-...``), which port, which side."""

    nlb_id: str
    port: int | None
    net_type: str | None


@dataclass(frozen=True)
class NlbNeed:
    """Listeners on load balancers: all on the one the system creates, or all on existing ones."""

    listeners: tuple[ListenerNeed, ...]
    given: VpcIds = VpcIds()

    @property
    def existing(self) -> tuple[str, ...]:
        """Ids of the existing load balancers, each once; empty when the system creates one."""
        return tuple(dict.fromkeys(one.nlb_id for one in self.listeners if one.nlb_id != "default"))


@dataclass(frozen=True)
class ResourceNeed:
    """A dedicated resource group and what one replica takes of it; without an id one is chosen.

    ``shares_gpu`` is set when it takes a part of a GPU (``gpu_memory``, ``gpu_core_percentage``),
    ``never_on_cpu`` when the name of the image tells that its framework needs one, ``may_overflow`` when
    replicas that find no room in it run on public machines (an elastic pool).
    """

    resource_id: str | None
    cpu: int | None = None
    memory_mb: int | None = None
    gpu: int | None = None
    shares_gpu: bool = False
    never_on_cpu: bool = False
    may_overflow: bool = False

    @property
    def whole_gpus(self) -> int:
        """GPUs of which one replica takes all."""
        return self.gpu or int(self.never_on_cpu and not self.shares_gpu)


@dataclass(frozen=True)
class Needs:
    """What must be looked up, checked or chosen before the service is created.

    Attributes:
        name: The service name; None while only a prefix is known.
        workspace_id: As given; None asks for one to be chosen.
        images: The image of each container, as given: name, id or URI.
        instance_types: Types of the public resource group in the order in which they are tried, each with
            the JSON path at which it stands.
        network: None is the shared gateway.
        resource_group: None is the public resource group.
        replicas: How many instances the service starts with.
        datasets: Ids of datasets that are mounted.
        model: The model's path, for the check of model against image.
        model_at: The JSON path at which it stands.
        may_choose_machine: Whether a GPU type may be chosen when no instance type was given.
        framework: What the first container runs if its image does not tell.
    """

    name: str | None
    workspace_id: str | None
    images: tuple[str, ...]
    instance_types: Mapping[str, str]
    network: GatewayNeed | NlbNeed | None = None
    resource_group: ResourceNeed | None = None
    replicas: int = 1
    datasets: tuple[str, ...] = ()
    model: str | None = None
    model_at: str = ""
    may_choose_machine: bool = False
    framework: Framework = OTHER


def needs_of(source: Source) -> Needs:
    """What ``source`` needs."""
    return _of_request(source) if isinstance(source, ServiceRequest) else _of_wire(source.to_wire())


def _of_request(request: ServiceRequest) -> Needs:
    # The JSON as far as it is known tells most, the caller's extra included; what is open is in the fields.
    wire = wire_of(request, Resolved())
    needs = _of_wire(wire)
    return replace(
        needs,
        network=needs.network or _open_network(request, wire),
        resource_group=_group_of_request(request, wire),
        may_choose_machine=request.may_choose_machine or needs.may_choose_machine,
        framework=request.framework(),
    )


def _open_network(request: ServiceRequest, wire: Mapping[str, Any]) -> GatewayNeed | NlbNeed | None:
    """The network that the JSON does not name yet, since its gateway is still to be found."""
    if isinstance(request.network, Gateway):
        return GatewayNeed(None, _given_ids(wire))
    if isinstance(request.network, Nlb):
        return NlbNeed((), _given_ids(wire))  # extra took the listeners out: refused once it is built
    return None


def _group_of_request(request: ServiceRequest, wire: Mapping[str, Any]) -> ResourceNeed | None:
    """The resource group of the JSON, or the one that is still to be found."""
    metadata = wire.get("metadata") or {}
    group = request.resource_group
    if group is None:
        return _group(wire, metadata)
    own_gpu = (request.extra.get("metadata") or {}).get("gpu", group.gpu)  # not the 1 that a preset assumes
    need = _group(wire, {**metadata, "resource": metadata.get("resource") or ""})
    assert need is not None  # noqa: S101 - a group was asked for
    needs_gpu = request.framework().needs_gpu
    return replace(need, resource_id=need.resource_id or None, gpu=own_gpu, never_on_cpu=needs_gpu)


def _of_wire(wire: Mapping[str, Any]) -> Needs:
    metadata = wire.get("metadata") or {}
    images = tuple(container["image"] for container in wire["containers"])
    model_at, model = _model(wire)
    return Needs(
        name=metadata.get("name") or wire.get("name"),
        workspace_id=metadata.get("workspace_id"),
        images=images,
        instance_types=_public_types((wire.get("cloud") or {}).get("computing") or {}),
        network=_network_of_wire(wire),
        resource_group=_group(wire, metadata),
        replicas=1 if metadata.get("instance") is None else metadata["instance"],
        datasets=_datasets(wire),
        model=model,
        model_at=model_at,
        may_choose_machine=_asks_for_cores(metadata) and not _shares_gpu(metadata),
    )


def _group(wire: Mapping[str, Any], metadata: Mapping[str, Any]) -> ResourceNeed | None:
    if metadata.get("resource") is None:
        return None
    computing = (wire.get("cloud") or {}).get("computing") or {}
    return ResourceNeed(
        metadata["resource"],
        metadata.get("cpu"),
        metadata.get("memory"),
        metadata.get("gpu"),
        _shares_gpu(metadata),
        any(framework_of(container["image"]).needs_gpu for container in wire["containers"]),
        bool(metadata.get("resource_burstable") or _public_types(computing)),
    )


def _shares_gpu(metadata: Mapping[str, Any]) -> bool:
    return bool(metadata.get("gpu_memory") or metadata.get("gpu_core_percentage"))


def _asks_for_cores(metadata: Mapping[str, Any]) -> bool:
    """Whether it runs on cores and memory of the public resource group, with no instance type and no GPU."""
    of_its_own = metadata.get("resource") or metadata.get("quota_id")
    return bool(metadata.get("cpu") and not metadata.get("gpu") and not of_its_own)


def _model(wire: Mapping[str, Any]) -> tuple[str, str | None]:
    """The path of the first mount from OSS, with where it stands."""
    for index, mount in enumerate(wire.get("storage") or []):
        if mount.get("oss"):
            return f"storage[{index}].oss.path", mount["oss"]["path"]
    return "", None


def _network_of_wire(wire: Mapping[str, Any]) -> GatewayNeed | NlbNeed | None:
    networking = wire.get("networking") or {}
    given = _given_ids(wire)
    if networking.get("gateway"):
        return GatewayNeed(networking["gateway"], given)
    if networking.get("nlb"):
        listeners = tuple(
            ListenerNeed(
                one.get("id", "default"), one.get("listener_port"), one.get("netType", one.get("net_type"))
            )
            for one in networking["nlb"]
        )
        return NlbNeed(listeners, given)
    return None


def _given_ids(wire: Mapping[str, Any]) -> VpcIds:
    vpc = (wire.get("cloud") or {}).get("networking") or {}
    vswitches = tuple(part.strip() for part in (vpc.get("vswitch_id") or "").split(",") if part.strip())
    return VpcIds(vpc.get("vpc_id"), vswitches, vpc.get("security_group_id"))


def _public_types(computing: Mapping[str, Any]) -> dict[str, str]:
    places: dict[str, str] = {}
    if computing.get("instance_type"):
        places[computing["instance_type"]] = "cloud.computing.instance_type"
    for index, choice in enumerate(computing.get("instances") or []):
        if choice["type"] != DEDICATED:
            places.setdefault(choice["type"], f"cloud.computing.instances[{index}].type")
    return places


def _datasets(wire: Mapping[str, Any]) -> tuple[str, ...]:
    mounts = wire.get("storage") or []
    return tuple(mount["dataset"]["id"] for mount in mounts if (mount.get("dataset") or {}).get("id"))
