"""What planning finds out for a request."""

from __future__ import annotations

from dataclasses import dataclass

from eas_deploy.catalog.frameworks import Framework


@dataclass(frozen=True)
class Resolved:
    """What was found out for a request; None or empty where there was nothing to find.

    A value stands in place of what the request says, except the defaults of the image.

    Attributes:
        name: The whole name, for a request with a prefix.
        image: The full URI.
        framework: The image's framework, from the catalogue's labels.
        default_port: The port that the image listens on, if the request names none.
        default_script: The image's own start command, if the request gives none.
        workspace_id: The workspace.
        instance_type: The instance type, if the request leaves it open.
        gateway_id: The dedicated gateway.
        vpc_id: The VPC that the service is connected to.
        vswitch_ids: Its vSwitches.
        security_group_id: Its security group.
        resource_id: The dedicated resource group.
        gpu: GPUs of one replica in the resource group.
    """

    name: str | None = None
    image: str | None = None
    framework: Framework | None = None
    default_port: int | None = None
    default_script: str | None = None
    workspace_id: str | None = None
    instance_type: str | None = None
    gateway_id: str | None = None
    vpc_id: str | None = None
    vswitch_ids: tuple[str, ...] = ()
    security_group_id: str | None = None
    resource_id: str | None = None
    gpu: int | None = None
