"""Answers about what services run on and from: machines, gateways, resource groups, images, workspaces.

Source of all fields: Alibaba Cloud EAS API reference 2021-07-01 and AIWorkSpace API reference 2021-02-04.
"""

from __future__ import annotations

from pydantic import Field

from eas_deploy.calls.base import Answer, Listing
from eas_deploy.calls.shapes import Joined, Many


class MachineSpec(Answer):
    """One instance type of the public resource group.

    ``cpu`` counts cores, ``memory`` and ``gpu_memory`` are GB (``gpu_memory`` of one GPU), ``gpu`` is the
    model's name and ``gpu_amount`` how many there are; ``stock_status`` is WithStock, ClosedWithStock,
    NoStock or a newer word.
    """

    instance_type: str | None = None
    cpu: int | None = Field(default=None, alias="CPU")
    memory: float | None = None
    gpu: str | None = Field(default=None, alias="GPU")
    gpu_amount: int | None = Field(default=None, alias="GPUAmount")
    gpu_memory: float | None = Field(default=None, alias="GPUMemory")
    is_available: bool | None = None
    stock_status: str | None = None
    spot_discount: float | None = None
    non_protect_spot_discount: float | None = None
    vendor: str | None = None


class CpuMemoryChoice(Answer):
    """The memory sizes (GB) that go with a number of cores."""

    cpu: int | None = Field(default=None, alias="CPU")
    memory: Many[float] = Field(default_factory=list)


class DescribeMachineSpecAnswer(Listing[MachineSpec]):
    """The instance types of the public resource group."""

    items_field = "instance_metas"

    instance_metas: Many[MachineSpec] = Field(default_factory=list)
    types: Many[CpuMemoryChoice] = Field(default_factory=list)
    request_id: str | None = None


class GatewayLoadBalancer(Answer):
    """Where a gateway's load balancer stands. No official SDK declares it; some answers carry it."""

    load_balancer_id: str | None = None
    vpc_id: str | None = None
    vswitch_ids: Joined = Field(default_factory=list, alias="VSwitchIds")


class GatewayInfo(Answer):
    """A dedicated gateway."""

    gateway_id: str | None = None
    gateway_name: str | None = None
    instance_type: str | None = None
    replicas: int | None = None
    status: str | None = None
    is_default: bool | None = None
    charge_type: str | None = None
    internet_domain: str | None = None
    internet_enabled: bool | None = None
    internet_status: str | None = None
    intranet_domain: str | None = None
    load_balancer_list: Many[GatewayLoadBalancer] = Field(default_factory=list)
    create_time: str | None = None
    update_time: str | None = None
    request_id: str | None = None


class ListGatewayAnswer(Listing[GatewayInfo]):
    """Dedicated gateways, one page."""

    items_field = "gateways"

    gateways: Many[GatewayInfo] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class LinkedVpc(Answer):
    """A vSwitch from which a gateway can be reached: one row per vSwitch."""

    vpc_id: str | None = None
    vswitch_id: str | None = Field(default=None, alias="VSwitchId")
    security_group_id: str | None = None
    ip: str | None = None
    status: str | None = None


class ListGatewayIntranetLinkedVpcAnswer(Listing[LinkedVpc]):
    """The VPCs from which a gateway can be reached."""

    items_field = "intranet_linked_vpc_list"

    intranet_linked_vpc_list: Many[LinkedVpc] = Field(default_factory=list)
    gateway_id: str | None = None
    request_id: str | None = None


class ResourceInfo(Answer):
    """A resource group.

    ``resource_type`` is Dedicated or SelfManaged; ``status`` is ResourceReady when it can be used. Counts
    are totals over all machines of the group; ``memory`` and ``memory_used`` are MB.
    """

    resource_id: str | None = None
    resource_name: str | None = None
    resource_type: str | None = None
    status: str | None = None
    cluster_id: str | None = None
    cpu_count: int | None = None
    cpu_used: float | None = None
    gpu_count: int | None = None
    gpu_used: float | None = None
    memory: float | None = None
    memory_used: float | None = None
    instance_count: int | None = None
    message: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    request_id: str | None = None


class ListResourcesAnswer(Listing[ResourceInfo]):
    """Resource groups, one page."""

    items_field = "resources"

    resources: Many[ResourceInfo] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class LabelPair(Answer):
    """A label of an image or a dataset."""

    key: str | None = None
    value: str | None = None


class ImageInfo(Answer):
    """An image of the catalogue; ``size`` is GB. GetImage leaves ``image_id`` out."""

    image_id: str | None = None
    image_uri: str | None = None
    name: str | None = None
    description: str | None = None
    labels: Many[LabelPair] = Field(default_factory=list)
    size: float | None = None
    accessibility: str | None = None
    workspace_id: str | None = None
    source_type: str | None = None
    source_id: str | None = None
    gmt_create_time: str | None = None
    gmt_modified_time: str | None = None
    request_id: str | None = None

    @property
    def label_map(self) -> dict[str, str]:
        """The labels as a dict; only a verbose call brings them."""
        return {label.key: label.value or "" for label in self.labels if label.key}


class ListImagesAnswer(Listing[ImageInfo]):
    """Images, one page."""

    items_field = "images"

    images: Many[ImageInfo] = Field(default_factory=list)
    total_count: int | None = None
    request_id: str | None = None


class WorkspaceInfo(Answer):
    """A workspace; ``status`` is ENABLED when it can be used."""

    workspace_id: str | None = None
    workspace_name: str | None = None
    display_name: str | None = None
    description: str | None = None
    status: str | None = None
    is_default: bool | None = None
    creator: str | None = None
    gmt_create_time: str | None = None
    gmt_modified_time: str | None = None


class ListWorkspacesAnswer(Listing[WorkspaceInfo]):
    """Workspaces, one page."""

    items_field = "workspaces"

    workspaces: Many[WorkspaceInfo] = Field(default_factory=list)
    total_count: int | None = None
    request_id: str | None = None


class DatasetInfo(Answer):
    """A dataset; ``dataset_property`` is FILE or DIRECTORY, ``uri`` where it lies."""

    dataset_id: str | None = None
    name: str | None = None
    description: str | None = None
    data_source_type: str | None = None
    data_type: str | None = None
    # Property, the wire name, would hide Python's own inside the class.
    dataset_property: str | None = Field(default=None, alias="Property")
    uri: str | None = None
    accessibility: str | None = None
    workspace_id: str | None = None
    labels: Many[LabelPair] = Field(default_factory=list)
    gmt_create_time: str | None = None
    gmt_modified_time: str | None = None


class ListDatasetsAnswer(Listing[DatasetInfo]):
    """Datasets, one page."""

    items_field = "datasets"

    datasets: Many[DatasetInfo] = Field(default_factory=list)
    total_count: int | None = None
    request_id: str | None = None
