"""The emulated network: VPCs, vSwitches, security groups, NLBs and EAS gateways, as plain records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """A virtual private cloud."""

    vpc_id: str
    name: str = ""
    cidr: str = "192.168.0.0/16"
    is_default: bool = False

    def wire(self, region_id: str) -> dict[str, Any]:
        """As DescribeVpcs answers it."""
        return {
            "VpcId": self.vpc_id,
            "VpcName": self.name,
            "CidrBlock": self.cidr,
            "Status": "Available",
            "IsDefault": self.is_default,
            "RegionId": region_id,
        }


@dataclass(frozen=True, kw_only=True)
class VSwitch:
    """A vSwitch: one zone of a VPC."""

    vswitch_id: str
    vpc_id: str
    zone_id: str
    name: str = ""
    cidr: str = "192.168.0.0/24"
    available_ips: int = 250

    def wire(self) -> dict[str, Any]:
        """As DescribeVSwitches answers it."""
        return {
            "VSwitchId": self.vswitch_id,
            "VSwitchName": self.name,
            "VpcId": self.vpc_id,
            "ZoneId": self.zone_id,
            "CidrBlock": self.cidr,
            "Status": "Available",
            "AvailableIpAddressCount": self.available_ips,
        }


@dataclass(frozen=True, kw_only=True)
class SecurityGroup:
    """A security group of a VPC."""

    security_group_id: str
    vpc_id: str
    name: str = ""
    service_managed: bool = False

    def wire(self) -> dict[str, Any]:
        """As DescribeSecurityGroups answers it."""
        return {
            "SecurityGroupId": self.security_group_id,
            "SecurityGroupName": self.name,
            "VpcId": self.vpc_id,
            "SecurityGroupType": "normal",
            "ServiceManaged": self.service_managed,
        }


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One port of an NLB."""

    port: int
    """The port that the API names."""
    bound_port: int
    """The local port that really listens: the same, unless that was taken; 0 if nothing listens."""
    service: str = ""
    """Name of the emulated service behind it; empty for a listener that belongs to something else."""
    protocol: str = "TCP"


@dataclass(kw_only=True)
class LoadBalancer:
    """A network load balancer with its listeners."""

    load_balancer_id: str
    vpc_id: str
    vswitches: tuple[VSwitch, ...]
    name: str = ""
    address_type: str = "Intranet"
    status: str = "Active"
    listeners: dict[int, Listener] = field(default_factory=dict)

    def wire(self, region_id: str) -> dict[str, Any]:
        """As ListLoadBalancers and GetLoadBalancerAttribute answer it."""
        return {
            "LoadBalancerId": self.load_balancer_id,
            "LoadBalancerName": self.name,
            "LoadBalancerType": "Network",
            "LoadBalancerStatus": self.status,
            "AddressType": self.address_type,
            "DNSName": f"{self.load_balancer_id}.{region_id}.nlb.aliyuncsslb.com",
            "VpcId": self.vpc_id,
            "RegionId": region_id,
            "ZoneMappings": [
                {"VSwitchId": vswitch.vswitch_id, "ZoneId": vswitch.zone_id} for vswitch in self.vswitches
            ],
        }

    def wire_listeners(self) -> list[dict[str, Any]]:
        """As ListListeners answers them."""
        return [
            {
                "ListenerId": f"lsn-{self.load_balancer_id.removeprefix('nlb-')}@{listener.port}",
                "ListenerPort": listener.port,
                "ListenerProtocol": listener.protocol,
                "ListenerStatus": "Running",
                "LoadBalancerId": self.load_balancer_id,
            }
            for listener in self.listeners.values()
        ]


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A dedicated EAS gateway and the vSwitches that it is linked to."""

    gateway_id: str
    name: str
    vpc_id: str = ""
    vswitch_ids: tuple[str, ...] = ()
    security_group_id: str = ""
    status: str = "Running"
    is_default: bool = False
    internet_enabled: bool = False
    load_balancer_list: bool = False
    """Whether DescribeGateway carries the undeclared ``LoadBalancerList``."""
    created_at: str = "2026-01-01T00:00:00Z"

    def wire(self, region_id: str) -> dict[str, Any]:
        """As ListGateway answers it."""
        domain = f"{self.gateway_id}.{region_id}.pai-eas.aliyuncs.com"
        return {
            "GatewayId": self.gateway_id,
            "GatewayName": self.name,
            "InstanceType": "2c4g",
            "Replicas": 2,
            "Status": self.status,
            "IsDefault": self.is_default,
            "ChargeType": "PostPaid",
            "InternetEnabled": self.internet_enabled,
            "InternetDomain": domain if self.internet_enabled else "",
            "IntranetDomain": f"{self.gateway_id}.vpc.{region_id}.pai-eas.aliyuncs.com",
            "SSLRedirectionEnabled": False,
            "CreateTime": self.created_at,
            "UpdateTime": self.created_at,
        }

    def describe(self, region_id: str) -> dict[str, Any]:
        """As DescribeGateway answers it."""
        described = self.wire(region_id)
        del described["ChargeType"]
        described["ExternalClusterId"] = ""
        if self.load_balancer_list:
            described["LoadBalancerList"] = [
                {"VpcId": self.vpc_id, "VSwitchIds": list(self.vswitch_ids)},
            ]
        return described

    def wire_links(self) -> list[dict[str, Any]]:
        """As ListGatewayIntranetLinkedVpc answers them: one row for each vSwitch."""
        return [
            {
                "VpcId": self.vpc_id,
                "VSwitchId": vswitch_id,
                "SecurityGroupId": self.security_group_id,
                "Ip": f"192.168.{number}.10",
                "Status": "Running",
            }
            for number, vswitch_id in enumerate(self.vswitch_ids)
        ]


@dataclass
class Network:
    """Everything that a region's network holds, by id."""

    vpcs: dict[str, Vpc] = field(default_factory=dict)
    vswitches: dict[str, VSwitch] = field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    load_balancers: dict[str, LoadBalancer] = field(default_factory=dict)
    gateways: dict[str, Gateway] = field(default_factory=dict)

    def listeners_of(self, service: str) -> Iterator[tuple[LoadBalancer, Listener]]:
        """The NLB listeners that lead to a service."""
        for balancer in self.load_balancers.values():
            for listener in balancer.listeners.values():
                if listener.service == service:
                    yield balancer, listener

    def zones(self, vswitch_ids: Iterable[str]) -> set[str]:
        """The zones of those vSwitches."""
        return {self.vswitches[vswitch_id].zone_id for vswitch_id in vswitch_ids}
