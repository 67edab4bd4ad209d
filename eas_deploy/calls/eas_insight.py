"""The EAS operations that look inside a service, as values: logs, events, replicas, diagnosis.

The region, ``{ClusterId}`` in the paths, is not an argument: it belongs to the client that sends. An
argument that is None is not sent. Source: Alibaba Cloud EAS API reference, version 2021-07-01.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import Self

from eas_deploy.calls.answers_service import (
    DescribeServiceDiagnosisAnswer,
    DescribeServiceEventAnswer,
    DescribeServiceInstanceDiagnosisAnswer,
    DescribeServiceLogAnswer,
    ListServiceContainersAnswer,
    ListServiceInstancesAnswer,
)
from eas_deploy.calls.base import Call, Listing, ListingT_co, NumberedCall


@dataclass(frozen=True)
class _CountedPages(NumberedCall[ListingT_co]):
    """Pages of logs and events: they say how many pages there are, ``TotalPageNum``."""

    def next_page(self, answer: Listing[Any], seen: int) -> Self | None:
        """The call for the next page number; see `PagedCall.next_page`."""
        pages: int | None = getattr(answer, "total_page_num", None)
        if pages is None:
            return super().next_page(answer, seen)
        if self.page_number >= pages or not answer.items:
            return None
        return replace(self, page_number=self.page_number + 1)


@dataclass(frozen=True)
class DescribeServiceEvent(
    _CountedPages[DescribeServiceEventAnswer],
    product="eas",
    ram_action="eas:DescribeServiceEvent",
    answer=DescribeServiceEventAnswer,
):
    """What happened to a service.

    Attributes:
        service_name: Which service.
        start_time: ``yyyy-MM-dd HH:mm:ss``, UTC.
        end_time: The same.
        event_type: ``"Normal"`` or ``"Warning"``.
        instance_name: Only of this replica.
    """

    service_name: str
    start_time: str | None = None
    end_time: str | None = None
    event_type: str | None = None
    instance_name: str | None = None


@dataclass(frozen=True)
class DescribeServiceLog(
    _CountedPages[DescribeServiceLogAnswer],
    product="eas",
    ram_action="eas:DescribeServiceLog",
    answer=DescribeServiceLogAnswer,
):
    """Log lines of a service.

    Attributes:
        service_name: Which service.
        instance_name: Only of this replica.
        container_name: Only of this container.
        keyword: Only lines with this word; together with a time range the service leaves the
            application's own lines out (seen in a vendor sample).
        start_time: ``yyyy-MM-dd HH:mm:ss``, UTC.
        end_time: The same.
        previous: The log of the container before its last restart.
    """

    service_name: str
    instance_name: str | None = None
    container_name: str | None = None
    keyword: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    previous: bool | None = None
    page_size: int = field(default=500, kw_only=True)


@dataclass(frozen=True)
class ListServiceInstances(
    NumberedCall[ListServiceInstancesAnswer],
    product="eas",
    ram_action="eas:ListServiceInstances",
    answer=ListServiceInstancesAnswer,
):
    """The replicas of a service."""

    service_name: str


@dataclass(frozen=True)
class ListServiceContainers(
    Call[ListServiceContainersAnswer],
    product="eas",
    ram_action="eas:ListServiceContainers",
    answer=ListServiceContainersAnswer,
):
    """The containers of one replica."""

    service_name: str
    instance_name: str


@dataclass(frozen=True)
class DescribeServiceDiagnosis(
    Call[DescribeServiceDiagnosisAnswer],
    product="eas",
    ram_action="eas:DescribeServiceDiagnosis",
    answer=DescribeServiceDiagnosisAnswer,
):
    """What is wrong with a service."""

    service_name: str


@dataclass(frozen=True)
class DescribeServiceInstanceDiagnosis(
    Call[DescribeServiceInstanceDiagnosisAnswer],
    product="eas",
    ram_action="eas:DescribeServiceInstanceDiagnosis",
    answer=DescribeServiceInstanceDiagnosisAnswer,
):
    """What is wrong with one replica."""

    service_name: str
    instance_name: str
