"""Answers about services: the Service object, its endpoints, instances, versions, logs and events.

Nothing secret shows in a repr: tokens are SecretStr, and documents that may hold passwords are left out.
Source of all fields: Alibaba Cloud EAS API reference, version 2021-07-01.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from eas_deploy.calls.base import Answer, Listing
from eas_deploy.calls.shapes import Many


class MessageAnswer(Answer):
    """What a changing operation says when it was accepted."""

    message: str | None = None
    request_id: str | None = None


class ServiceLabel(Answer):
    """A label of a service."""

    label_key: str | None = None
    label_value: str | None = None


class ServiceInfo(Answer):
    """A service as the API describes it.

    ``status`` is one of Creating, Stopped, Failed, Complete, Cloning, Stopping, Updating, Waiting,
    HotUpdate, Committing, Starting, DeleteFailed, Running, Developing, Scaling, Deleted, Pending, Deleting,
    or a newer word. ``memory`` is in MB; times are RFC 3339; ``service_config`` and ``extra_data`` are JSON
    texts. Right after CreateService some fields may be missing.
    """

    service_name: str | None = None
    service_id: str | None = None
    service_uid: str | None = None
    service_group: str | None = None
    namespace: str | None = None
    region: str | None = None
    workspace_id: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    access_token: SecretStr | None = None
    internet_endpoint: str | None = None
    intranet_endpoint: str | None = None
    secondary_internet_endpoint: str | None = None
    secondary_intranet_endpoint: str | None = None
    gateway: str | None = None
    cpu: int | None = None
    memory: int | None = None
    gpu: int | None = None
    image: str | None = None
    total_instance: int | None = None
    running_instance: int | None = None
    pending_instance: int | None = None
    current_version: int | None = None
    latest_version: int | None = None
    weight: int | None = None
    traffic_state: str | None = None
    role: str | None = None
    service_config: str | None = None
    extra_data: str | None = None
    labels: Many[ServiceLabel] = Field(default_factory=list)
    resource: str | None = None
    resource_alias: str | None = None
    quota_id: str | None = None
    safety_lock: str | None = None
    source: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    request_id: str | None = None

    @property
    def label_map(self) -> dict[str, str]:
        """The labels as a dict."""
        return {label.label_key: label.label_value or "" for label in self.labels if label.label_key}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        # A service has some fifty fields, of which the config, the token and fields yet unknown may be
        # secret: the repr says which service it is and how it is.
        shown = ("service_name", "service_id", "status", "running_instance", "total_instance", "image")
        return [(name, getattr(self, name)) for name in shown]


class CreateServiceAnswer(Answer):
    """The service that CreateService made; ``service_id`` is ``eas-m-...``."""

    service_id: str | None = None
    service_name: str | None = None
    status: str | None = None
    region: str | None = None
    internet_endpoint: str | None = None
    intranet_endpoint: str | None = None
    request_id: str | None = None


class ListServicesAnswer(Listing[ServiceInfo]):
    """Services, one page."""

    items_field = "services"

    services: Many[ServiceInfo] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class Endpoint(Answer):
    """One way to a service.

    ``endpoint_type`` is DefaultGateway, PrivateGateway, Nlb or Nacos; ``path_type`` is Service or Group.
    """

    endpoint_type: str | None = None
    backend_id: str | None = None
    path_type: str | None = None
    port: int | None = None
    internet_endpoints: Many[str] = Field(default_factory=list)
    intranet_endpoints: Many[str] = Field(default_factory=list)


class DescribeServiceEndpointsAnswer(Listing[Endpoint]):
    """The ways to a service and the token that opens them."""

    items_field = "endpoints"

    access_token: SecretStr | None = None
    endpoints: Many[Endpoint] = Field(default_factory=list)
    message: str | None = None
    request_id: str | None = None


class ServiceVersion(Answer):
    """One version that was deployed. It carries no number; the list is newest first, as far as seen."""

    build_time: str | None = None
    image_available: str | None = None
    image_id: int | None = None
    message: str | None = None
    service_config: str | None = Field(default=None, repr=False)
    service_runnable: str | None = None


class ListServiceVersionsAnswer(Listing[ServiceVersion]):
    """Versions of a service, one page."""

    items_field = "versions"

    versions: Many[ServiceVersion] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class MetricStrategy(Answer):
    """A metric that an autoscaler watches, with its threshold or its present value."""

    metric_name: str | None = Field(default=None, alias="metricName")
    threshold: float | None = Field(default=None, alias="threshold")
    value: float | None = Field(default=None, alias="value")
    service: str | None = Field(default=None, alias="service")


class DescribeServiceAutoScalerAnswer(Answer):
    """The autoscaler of a service and what it measures now."""

    service_name: str | None = None
    min_replica: int | None = None
    max_replica: int | None = None
    scale_strategies: Many[MetricStrategy] = Field(default_factory=list)
    current_metrics: Many[MetricStrategy] = Field(default_factory=list)
    behavior: dict[str, Any] | None = None
    request_id: str | None = None


class ServiceEvent(Answer):
    """Something that happened to a service; ``type`` is Normal or Warning, ``message`` a JSON text."""

    time: str | None = None
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    resource: str | None = None


class DescribeServiceEventAnswer(Listing[ServiceEvent]):
    """Events of a service, one page."""

    items_field = "events"

    events: Many[ServiceEvent] = Field(default_factory=list)
    page_num: int | None = None
    total_count: int | None = None
    total_page_num: int | None = None
    request_id: str | None = None


class DescribeServiceLogAnswer(Listing[str]):
    """Log lines of a service, one page."""

    items_field = "logs"

    logs: Many[str] = Field(default_factory=list)
    page_num: int | None = None
    total_count: int | None = None
    total_page_num: int | None = None
    request_id: str | None = None


class ServiceInstance(Answer):
    """One replica of a service."""

    instance_name: str | None = None
    status: str | None = None
    reason: str | None = None
    role: str | None = None
    instance_type: str | None = None
    inner_ip: str | None = Field(default=None, alias="InnerIP")
    host_ip: str | None = Field(default=None, alias="HostIP")
    host_name: str | None = None
    restart_count: int | None = None
    ready_processes: int | None = None
    total_processes: int | None = None
    last_state: Many[dict[str, Any]] = Field(default_factory=list)
    is_spot: bool | None = None
    zone: str | None = None
    start_at: str | None = None
    start_time: str | None = None


class ListServiceInstancesAnswer(Listing[ServiceInstance]):
    """Replicas of a service, one page."""

    items_field = "instances"

    instances: Many[ServiceInstance] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class ServiceContainer(Answer):
    """One container of a replica."""

    name: str | None = None
    image: str | None = None
    port: int | None = None
    ready: bool | None = None
    restart_count: int | None = None
    current_status: str | None = None
    # Alibaba's own spelling, in the API metadata and the official SDKs.
    current_reason: str | None = Field(default=None, alias="CurrentReaon")
    current_timestamp: str | None = None
    last_status: str | None = None
    last_reason: str | None = None
    last_timestamp: str | None = None


class ListServiceContainersAnswer(Listing[ServiceContainer]):
    """Containers of a replica."""

    items_field = "containers"

    containers: Many[ServiceContainer] = Field(default_factory=list)
    service_name: str | None = None
    request_id: str | None = None


class DiagnosisEntry(Answer):
    """One thing that the service found wrong, why, and what it advises."""

    error: str | None = None
    causes: Many[str] = Field(default_factory=list)
    advices: Many[str] = Field(default_factory=list)


class DescribeServiceDiagnosisAnswer(Listing[DiagnosisEntry]):
    """What is wrong with a service, in the service's own view."""

    items_field = "diagnosis_list"

    diagnosis_list: Many[DiagnosisEntry] = Field(default_factory=list)
    request_id: str | None = None


class DescribeServiceInstanceDiagnosisAnswer(Answer):
    """What is wrong with one replica, in the service's own view."""

    diagnosis: DiagnosisEntry | None = None
    request_id: str | None = None
