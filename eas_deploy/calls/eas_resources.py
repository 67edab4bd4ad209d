"""The EAS operations on what services run on, as values: machines, gateways, resource groups.

The region, ``{ClusterId}`` in the paths, is not an argument: it belongs to the client that sends. An
argument that is None is not sent. Source: Alibaba Cloud EAS API reference, version 2021-07-01.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eas_deploy.calls.answers_pai import (
    DescribeMachineSpecAnswer,
    GatewayInfo,
    ListGatewayAnswer,
    ListGatewayIntranetLinkedVpcAnswer,
    ListResourcesAnswer,
    ResourceInfo,
)
from eas_deploy.calls.base import Call, NumberedCall


@dataclass(frozen=True)
class DescribeMachineSpec(
    Call[DescribeMachineSpecAnswer],
    product="eas",
    ram_action="eas:DescribeMachineSpec",
    answer=DescribeMachineSpecAnswer,
):
    """The instance types of the public resource group.

    Attributes:
        instance_types: Only these; all when None.
    """

    instance_types: Sequence[str] | None = None


@dataclass(frozen=True)
class ListGateway(
    NumberedCall[ListGatewayAnswer], product="eas", ram_action="eas:ListGateway", answer=ListGatewayAnswer
):
    """Dedicated gateways."""

    gateway_id: str | None = None
    gateway_name: str | None = None


@dataclass(frozen=True)
class DescribeGateway(Call[GatewayInfo], product="eas", ram_action="eas:DescribeGateway", answer=GatewayInfo):
    """One dedicated gateway."""

    gateway_id: str


@dataclass(frozen=True)
class ListGatewayIntranetLinkedVpc(
    Call[ListGatewayIntranetLinkedVpcAnswer],
    product="eas",
    ram_action="eas:ListGatewayIntranetLinkedVpc",
    answer=ListGatewayIntranetLinkedVpcAnswer,
):
    """The VPCs from which a dedicated gateway can be reached: the documented way to its VPC."""

    gateway_id: str


@dataclass(frozen=True)
class ListResources(
    NumberedCall[ListResourcesAnswer],
    product="eas",
    ram_action="eas:ListResources",
    answer=ListResourcesAnswer,
):
    """Resource groups.

    Attributes:
        resource_type: ``"Dedicated"`` or ``"SelfManaged"``.
        resource_status: A status word, ``"ResourceReady"``.
        resource_id: Only this one.
        resource_name: Only those of this name.
    """

    resource_type: str | None = None
    resource_status: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None


@dataclass(frozen=True)
class DescribeResource(
    Call[ResourceInfo], product="eas", ram_action="eas:DescribeResource", answer=ResourceInfo
):
    """One resource group, with what of it is used."""

    resource_id: str
