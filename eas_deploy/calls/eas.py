"""The EAS operations on services, as values: create, look, change, delete.

The region, ``{ClusterId}`` in the paths, is not an argument: it belongs to the client that sends. An
argument that is None is not sent. Source: Alibaba Cloud EAS API reference, version 2021-07-01.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from eas_deploy.calls.answers_service import (
    CreateServiceAnswer,
    DescribeServiceEndpointsAnswer,
    ListServicesAnswer,
    MessageAnswer,
    ServiceInfo,
)
from eas_deploy.calls.base import Call, NumberedCall


@dataclass(frozen=True)
class CreateService(
    Call[CreateServiceAnswer],
    product="eas",
    ram_action="eas:CreateService",
    answer=CreateServiceAnswer,
    repeatable=False,
):
    """Create a service from a service JSON. It costs money from then on.

    Attributes:
        body: The service JSON; it may hold secrets and so stays out of the repr.
        labels: Labels to put on the service, next to those of the body.
        workspace_id: The workspace it belongs to.
        develop: ``"true"`` for development mode.
    """

    body: Mapping[str, Any] = field(repr=False)
    labels: Mapping[str, str] | None = None
    workspace_id: str | None = None
    develop: str | None = None


@dataclass(frozen=True)
class DescribeService(Call[ServiceInfo], product="eas", ram_action="eas:DescribeService", answer=ServiceInfo):
    """One service, with its status, token and config."""

    service_name: str


@dataclass(frozen=True)
class ListServices(
    NumberedCall[ListServicesAnswer], product="eas", ram_action="eas:ListServices", answer=ListServicesAnswer
):
    """Services of the region.

    Attributes:
        filter: Part of a service name (fuzzy).
        service_name: A service name.
        service_status: A status word.
        workspace_id: The workspace they belong to.
        label: Labels that they carry.
        sort: The field to sort by, such as ``"CreateTime"``.
        order: ``"asc"`` or ``"desc"``.
    """

    filter: str | None = None
    service_name: str | None = None
    service_status: str | None = None
    workspace_id: str | None = None
    label: Mapping[str, str] | None = None
    sort: str | None = None
    order: str | None = None


@dataclass(frozen=True)
class DescribeServiceEndpoints(
    Call[DescribeServiceEndpointsAnswer],
    product="eas",
    ram_action="eas:DescribeServiceEndpoints",
    answer=DescribeServiceEndpointsAnswer,
):
    """The ways to a service, with its token."""

    service_name: str


@dataclass(frozen=True)
class UpdateService(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:UpdateService",
    answer=MessageAnswer,
    repeatable=False,
):
    """Change a service.

    Attributes:
        service_name: Which service.
        body: What to change, in service JSON; it may hold secrets and so stays out of the repr.
        update_type: ``"merge"`` puts the body over the present config, ``"replace"`` in its place.
    """

    service_name: str
    body: Mapping[str, Any] = field(repr=False)
    update_type: Literal["merge", "replace"] | None = None


@dataclass(frozen=True)
class DeleteService(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:DeleteService",
    answer=MessageAnswer,
    repeatable=False,
):
    """Delete a service for good."""

    service_name: str


@dataclass(frozen=True)
class StopService(
    Call[MessageAnswer], product="eas", ram_action="eas:StopService", answer=MessageAnswer, repeatable=False
):
    """Stop a service; it keeps its name and config."""

    service_name: str


@dataclass(frozen=True)
class StartService(
    Call[MessageAnswer], product="eas", ram_action="eas:StartService", answer=MessageAnswer, repeatable=False
):
    """Start a stopped service."""

    service_name: str


@dataclass(frozen=True)
class RestartService(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:RestartService",
    answer=MessageAnswer,
    repeatable=False,
):
    """Restart all replicas of a service."""

    service_name: str


@dataclass(frozen=True)
class ReleaseService(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:ReleaseService",
    answer=MessageAnswer,
    repeatable=False,
):
    """Set how much traffic a service takes in its group.

    Attributes:
        service_name: Which service.
        traffic_state: ``"grouping"`` or ``"standalone"``.
        weight: Share of the traffic, 0 to 100.
    """

    service_name: str
    traffic_state: str | None = None
    weight: int | None = None


@dataclass(frozen=True)
class UpdateServiceSafetyLock(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:UpdateServiceSafetyLock",
    answer=MessageAnswer,
    repeatable=False,
):
    """Lock a service against ``"all"`` changes, only ``"dangerous"`` ones, or ``"none"``."""

    service_name: str
    lock: Literal["all", "dangerous", "none"]


@dataclass(frozen=True)
class UpdateServiceLabel(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:UpdateServiceLabel",
    answer=MessageAnswer,
    repeatable=False,
):
    """Put labels on a service."""

    service_name: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class DeleteServiceLabel(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:DeleteServiceLabel",
    answer=MessageAnswer,
    repeatable=False,
):
    """Take labels off a service, by their keys."""

    service_name: str
    keys: Sequence[str]
