"""From a request to its service JSON: what is still open, what stands in for it, and the JSON itself. Pure.

Keys come in the order of the published service patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eas_deploy.catalog.commands import start_command
from eas_deploy.catalog.images import reference_kind
from eas_deploy.catalog.machines import DEFAULT_GPU_TYPE
from eas_deploy.config.wire_model import thawed
from eas_deploy.findings import Finding
from eas_deploy.patterns.names import SUFFIX_DIGITS, name_from_prefix
from eas_deploy.patterns.networks import Gateway, Nlb, ResourceGroup, SharedGateway
from eas_deploy.patterns.resolved import Resolved

if TYPE_CHECKING:
    from eas_deploy.patterns.request import ServiceRequest

DEFAULT_PORT = 8000
"""The container port when neither the request nor the image names one: what EAS itself assumes."""

_PLANNED = "give it, or let Deployer.plan find it out"


def missing(request: ServiceRequest, resolved: Resolved) -> list[Finding]:
    """What keeps the request from being a service JSON: all that is still to be discovered."""
    found = list(_missing_network(request.network, resolved))
    if request.name is None and resolved.name is None:
        found.append(_open("name.required", "metadata.name", "only the beginning of the name is known"))
    if resolved.image is None and reference_kind(request.image) != "uri":
        found.append(
            _open("image.unknown", "containers[0].image", f"{request.image} is looked up in the catalogue")
        )
    elif not _start(request, resolved):
        found.append(
            Finding(
                "command.missing",
                "error",
                "containers[0].command",
                "neither the image nor its framework tells how to start it",
                f"give command or script; {_PLANNED} if the catalogue knows the image",
            )
        )
    if _machines_open(request) and resolved.instance_type is None:
        found.append(_open("resource.missing", "cloud.computing.instance_type", "no instance type is given"))
    group = request.resource_group
    if group is not None and group.resource_id is None and resolved.resource_id is None:
        found.append(_open("resource.missing", "metadata.resource", "no resource group is given"))
    return found


def stand_ins(request: ServiceRequest) -> Resolved:
    """Made-up values for everything that is open, to check the rest of the request with."""
    network = Gateway() if isinstance(request.network, SharedGateway) else request.network
    group = request.resource_group or ResourceGroup()
    by_prefix = request.name is None and request.name_prefix is not None
    return Resolved(
        name=name_from_prefix(request.name_prefix or "", "0" * SUFFIX_DIGITS) if by_prefix else None,
        instance_type=DEFAULT_GPU_TYPE if request.may_choose_machine and _machines_open(request) else None,
        gateway_id=(network.gateway_id if isinstance(network, Gateway) else None) or "gw-1",
        vpc_id=network.vpc_id or "vpc-1",
        vswitch_ids=network.vswitch_ids or ("vsw-1", "vsw-2"),
        security_group_id=network.security_group_id or "sg-1",
        resource_id=group.resource_id or "eas-r-1",
    )


def wire_of(request: ServiceRequest, resolved: Resolved) -> dict[str, Any]:
    """The service JSON. What is still open is left out."""
    network = request.network
    cloud = _present(
        computing=_computing(request, resolved),
        networking=None if isinstance(network, SharedGateway) else _vpc(network, resolved),
    )
    sections = _present(
        metadata=_metadata(request, resolved),
        containers=[_container(request, resolved)],
        storage=_storage(request) or None,
    )
    if isinstance(network, Gateway):
        sections["networking"] = _present(gateway=resolved.gateway_id or network.gateway_id)
    sections |= _present(
        cloud=cloud or None,
        autoscaler=None if request.autoscaler is None else request.autoscaler.to_wire(),
    )
    if isinstance(network, Nlb):
        sections["networking"] = {"nlb": _listeners(network)}
    if request.labels:
        sections["labels"] = dict(request.labels)
    return merged(sections, thawed(request.extra))


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid over ``base``: objects key by key, containers by position, all else replaced."""
    result = dict(base)
    for key, value in over.items():
        beneath = result.get(key)
        if isinstance(beneath, Mapping) and isinstance(value, Mapping):
            result[key] = merged(beneath, value)
        elif key == "containers" and isinstance(beneath, list) and isinstance(value, list):
            result[key] = _merged_containers(beneath, value)
        else:
            result[key] = value
    return result


def _merged_containers(base: Sequence[Any], over: Sequence[Any]) -> list[Any]:
    pairs = zip(base, over, strict=False)
    both = [
        merged(one, two) if isinstance(one, Mapping) and isinstance(two, Mapping) else two
        for one, two in pairs
    ]
    return [*both, *base[len(both) :], *over[len(both) :]]


def _metadata(request: ServiceRequest, resolved: Resolved) -> dict[str, Any]:
    group = request.resource_group
    metadata = _present(name=resolved.name or request.name, instance=request.replicas)
    if group is not None:
        metadata |= _present(resource=resolved.resource_id or group.resource_id)
    metadata |= _present(workspace_id=resolved.workspace_id or request.workspace_id)
    if group is not None:
        needed = 1 if request.framework(resolved.framework).needs_gpu else None
        gpu = next((gpu for gpu in (resolved.gpu, group.gpu, needed) if gpu is not None), None)
        metadata |= _present(gpu=gpu, cpu=group.cpu, memory=group.memory_mb)
    return metadata


def _container(request: ServiceRequest, resolved: Resolved) -> dict[str, Any]:
    check = request.startup_check
    if check == "default":
        preset = request.preset_startup
        probe = preset.to_wire(_port(request, resolved)) if preset else None
    else:
        probe = None if check is None else check.to_wire()
    return _present(
        image=resolved.image or request.image,
        port=_port(request, resolved),
        **_start(request, resolved),
        env=[{"name": name, "value": value} for name, value in request.env.items()] or None,
        startup_check=probe,
    )


def _port(request: ServiceRequest, resolved: Resolved) -> int:
    if request.port is not None:
        return request.port
    return DEFAULT_PORT if resolved.default_port is None else resolved.default_port


def _start(request: ServiceRequest, resolved: Resolved) -> dict[str, str]:
    """``command`` and ``script`` as given, else the default command; empty when there is none."""
    if request.command is not None or request.script is not None:
        return _present(command=request.command, script=request.script)
    command = start_command(
        request.framework(resolved.framework),
        resolved.default_script,
        mount_path=request.mount_path,
        port=_port(request, resolved),
    )
    return _present(command=command)


def _storage(request: ServiceRequest) -> list[dict[str, Any]]:
    mounts = [mount.to_wire() for mount in request.storage]
    if request.model is None:
        return mounts
    path = request.model if request.model.endswith("/") else f"{request.model}/"
    oss = {"path": path, "readOnly": request.model_read_only}
    return [{"mount_path": request.mount_path, "oss": oss}, *mounts]


def _computing(request: ServiceRequest, resolved: Resolved) -> dict[str, Any] | None:
    computing = _present(
        instance_type=resolved.instance_type or request.instance_type,
        instances=[choice.to_wire() for choice in request.instances] or None,
    )
    return computing or None


def _vpc(network: Gateway | Nlb, resolved: Resolved) -> dict[str, Any]:
    return _present(
        vpc_id=resolved.vpc_id or network.vpc_id,
        vswitch_id=",".join(resolved.vswitch_ids or network.vswitch_ids) or None,
        security_group_id=resolved.security_group_id or network.security_group_id,
    )


def _listeners(network: Nlb) -> list[dict[str, Any]]:
    return [
        {"id": network.nlb_id, "listener_port": listener.port, "netType": listener.net_type}
        for listener in network.listeners
    ]


def _missing_network(network: SharedGateway | Gateway | Nlb, resolved: Resolved) -> Iterator[Finding]:
    if isinstance(network, SharedGateway):
        return
    rule = "nlb.network" if isinstance(network, Nlb) else "gateway.network"
    if isinstance(network, Gateway) and not (resolved.gateway_id or network.gateway_id):
        yield _open(rule, "networking.gateway", "no gateway is given")
    known = _vpc(network, resolved)
    for key, title in (("vpc_id", "VPC"), ("vswitch_id", "vSwitch"), ("security_group_id", "security group")):
        if key not in known:
            yield _open(rule, f"cloud.networking.{key}", f"no {title} is given")


def _machines_open(request: ServiceRequest) -> bool:
    """Whether nothing says on which machines to run; ``extra`` may, and then the rules decide."""
    given = request.instance_type or request.instances or request.resource_group
    return not given and not request.extra.keys() & {"cloud", "metadata"}


def _open(rule: str, path: str, message: str) -> Finding:
    return Finding(rule, "error", path, message, _PLANNED)


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
