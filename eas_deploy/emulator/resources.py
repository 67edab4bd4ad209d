"""Workspaces, datasets and resource groups of the emulated account, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A PAI workspace."""

    workspace_id: str
    name: str
    status: str = "ENABLED"
    is_default: bool = False

    def wire(self, owner_id: str) -> dict[str, Any]:
        """As ListWorkspaces answers it."""
        return {
            "WorkspaceId": self.workspace_id,
            "WorkspaceName": self.name,
            "DisplayName": self.name,
            "Status": self.status,
            "IsDefault": self.is_default,
            "Creator": owner_id,
            "EnvTypes": ["prod"],
            "GmtCreateTime": "2026-01-01T00:00:00.000Z",
        }


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset of a workspace."""

    dataset_id: str
    name: str
    workspace_id: str
    uri: str
    source_type: str = "OSS"
    property: str = "DIRECTORY"

    def wire(self) -> dict[str, Any]:
        """As ListDatasets answers it."""
        return {
            "DatasetId": self.dataset_id,
            "Name": self.name,
            "WorkspaceId": self.workspace_id,
            "DataSourceType": self.source_type,
            "Property": self.property,
            "Uri": self.uri,
            "Accessibility": "PUBLIC",
        }


@dataclass(frozen=True)
class Amount:
    """Computing power: of a group, or what instances of a service take."""

    cpu: int = 0
    memory_mb: int = 0
    gpu: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cpu + other.cpu, self.memory_mb + other.memory_mb, self.gpu + other.gpu)

    def __mul__(self, times: int) -> Amount:
        return Amount(self.cpu * times, self.memory_mb * times, self.gpu * times)

    def fits(self, room: Amount) -> bool:
        """Whether this much is left in ``room``."""
        return self.cpu <= room.cpu and self.memory_mb <= room.memory_mb and self.gpu <= room.gpu


@dataclass(frozen=True, kw_only=True)
class ResourceGroup:
    """An EAS resource group: machines that only this account uses."""

    resource_id: str
    name: str
    total: Amount
    instances: int = 1
    resource_type: str = "Dedicated"
    status: str = "ResourceReady"
    created_at: str = "2026-01-01T00:00:00Z"

    def wire(self, used: Amount, region_id: str) -> dict[str, Any]:
        """As ListResources and DescribeResource answer it; memory in MB."""
        return {
            "ResourceId": self.resource_id,
            "ResourceName": self.name,
            "ResourceType": self.resource_type,
            "Status": self.status,
            "ClusterId": region_id,
            "InstanceCount": self.instances,
            "PostPaidInstanceCount": self.instances,
            "PrePaidInstanceCount": 0,
            "CpuCount": self.total.cpu,
            "CpuUsed": used.cpu,
            "GpuCount": self.total.gpu,
            "GpuUsed": float(used.gpu),
            "Memory": self.total.memory_mb,
            "MemoryUsed": used.memory_mb,
            "CreateTime": self.created_at,
            "UpdateTime": self.created_at,
        }
