"""``cloud`` and ``networking``: machines, VPC, gateway and load balancer."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from eas_deploy.config.fields import Array, Count, CountOrPercent, Flag, Integer, Number, OpenMap, Text
from eas_deploy.config.wire_model import WireModel


class InstanceChoice(WireModel):
    """One of the instance types that are tried in order."""

    type: Text = Field(
        description="Instance type, or dedicated_resource for the resource group's own machines."
    )
    spot_price_limit: Number | None = Field(
        None, description="Highest spot price, as a multiple of the list price or in yuan."
    )
    capacity: CountOrPercent | None = Field(
        None, description="Most instances of this type: a number, or a percentage such as 50%."
    )


class Computing(WireModel):
    """The machines of the public resource group: one instance type, or several to try in order."""

    place = ("cloud", "computing")

    instance_type: Text | None = Field(None, description="Instance type such as ecs.gn7i-c16g1.4xlarge.")
    instances: Array[InstanceChoice] = Field((), description="Instance types to try in order.")
    disable_spot_protection_period: Flag | None = Field(
        None, description="Whether spot instances go without their protected first hour."
    )


class CloudNetworking(WireModel):
    """The VPC that the service is connected to."""

    place = ("cloud", "networking")

    vpc_id: Text | None = Field(None, description="VPC, vpc-...")
    vswitch_id: Text | None = Field(
        None, description="vSwitch, vsw-...; several are separated by commas, as an NLB needs two."
    )
    security_group_id: Text | None = Field(None, description="Security group of the VPC, sg-...")
    destination_cidrs: Text | None = Field(
        None, description="Address ranges that are reached through the VPC."
    )
    default_route: Text | None = Field(None, description="Network card of the default route: eth0 or eth1.")


class Cloud(WireModel):
    """Machines and VPC of a service in the public resource group."""

    place = ("cloud",)

    computing: Computing | None = Field(None, description="The machines.")
    networking: CloudNetworking | None = Field(None, description="The VPC that the service is connected to.")


class GatewayLimit(WireModel):
    """One limit of a gateway."""

    enable: Flag | None = Field(None, description="Whether the limit is on.")
    limit: Count | None = Field(None, description="The limit: requests per second, or requests in flight.")


class GatewayPolicy(WireModel):
    """What the gateway lets through to the service."""

    rate_limit: GatewayLimit | None = Field(None, description="Most requests per second.")
    concurrency_limit: GatewayLimit | None = Field(None, description="Most requests in flight.")


class NlbListener(WireModel):
    """One listener of a network load balancer."""

    place = ("networking", "nlb", 0)

    id: Text = Field(description="default for one that the service creates, or an existing nlb-...")
    listener_port: Integer = Field(description="Port of the listener, 1 to 65535, not 8080.")
    net_type: Text | None = Field(
        None,
        validation_alias=AliasChoices("netType", "net_type"),
        description="intranet or internet; both spellings of the key are official.",
    )


class Networking(WireModel):
    """How the service is reached: nothing for the shared gateway, a dedicated gateway, or an NLB."""

    place = ("networking",)

    gateway: Text | None = Field(None, description="Dedicated gateway, gw-...")
    gateway_policy: GatewayPolicy | None = Field(None, description="Limits at the gateway.")
    nlb: Array[NlbListener] = Field((), description="Listeners of a network load balancer.")
    nacos: Array[OpenMap] = Field((), description="Nacos registries.")
    disable_internet_endpoint: Flag | None = Field(
        None, description="Whether the service has no internet address."
    )
