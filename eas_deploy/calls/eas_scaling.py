"""The EAS operations on versions and autoscalers of services, as values.

The region, ``{ClusterId}`` in the paths, is not an argument: it belongs to the client that sends. An
argument that is None is not sent. Source: Alibaba Cloud EAS API reference, version 2021-07-01.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eas_deploy.calls.answers_service import (
    DescribeServiceAutoScalerAnswer,
    ListServiceVersionsAnswer,
    MessageAnswer,
)
from eas_deploy.calls.base import Call, NumberedCall


@dataclass(frozen=True)
class ListServiceVersions(
    NumberedCall[ListServiceVersionsAnswer],
    product="eas",
    ram_action="eas:ListServiceVersions",
    answer=ListServiceVersionsAnswer,
):
    """The versions of a service that were deployed."""

    service_name: str


@dataclass(frozen=True)
class UpdateServiceVersion(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:UpdateServiceVersion",
    answer=MessageAnswer,
    repeatable=False,
):
    """Go back, or forth, to a version of a service."""

    service_name: str
    version: int


@dataclass(frozen=True)
class CreateServiceAutoScaler(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:CreateServiceAutoScaler",
    answer=MessageAnswer,
    repeatable=False,
):
    """Give a service an autoscaler.

    Attributes:
        service_name: Which service.
        min: Least number of replicas.
        max: Greatest number of replicas.
        scale_strategies: Each with ``metricName`` and ``threshold``.
        behavior: Stabilization windows, as in the service JSON.
    """

    service_name: str
    min: int
    max: int
    scale_strategies: Sequence[Mapping[str, Any]]
    behavior: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class UpdateServiceAutoScaler(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:UpdateServiceAutoScaler",
    answer=MessageAnswer,
    repeatable=False,
):
    """Change the autoscaler of a service; see `CreateServiceAutoScaler`."""

    service_name: str
    min: int
    max: int
    scale_strategies: Sequence[Mapping[str, Any]]
    behavior: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DescribeServiceAutoScaler(
    Call[DescribeServiceAutoScalerAnswer],
    product="eas",
    ram_action="eas:DescribeServiceAutoScaler",
    answer=DescribeServiceAutoScalerAnswer,
):
    """The autoscaler of a service."""

    service_name: str


@dataclass(frozen=True)
class DeleteServiceAutoScaler(
    Call[MessageAnswer],
    product="eas",
    ram_action="eas:DeleteServiceAutoScaler",
    answer=MessageAnswer,
    repeatable=False,
):
    """Take the autoscaler off a service."""

    service_name: str
