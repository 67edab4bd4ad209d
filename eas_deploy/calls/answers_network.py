"""Answers about networks: VPCs, vSwitches, security groups, load balancers, listeners.

Source of all fields: Alibaba Cloud VPC 2016-04-28, ECS 2014-05-26 and NLB 2022-04-30 API references.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from eas_deploy.calls.base import Answer, Listing
from eas_deploy.calls.shapes import Many, wrapped_in


class VpcInfo(Answer):
    """A VPC; ``status`` is Available when it can be used."""

    vpc_id: str | None = None
    vpc_name: str | None = None
    cidr_block: str | None = None
    status: str | None = None
    is_default: bool | None = None


class DescribeVpcsAnswer(Listing[VpcInfo]):
    """VPCs, one page."""

    items_field = "vpcs"

    vpcs: Annotated[list[VpcInfo], wrapped_in("Vpc")] = Field(default_factory=list)
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class VSwitchInfo(Answer):
    """A vSwitch: a subnet of a VPC in one zone."""

    vswitch_id: str | None = Field(default=None, alias="VSwitchId")
    vswitch_name: str | None = Field(default=None, alias="VSwitchName")
    vpc_id: str | None = None
    zone_id: str | None = None
    cidr_block: str | None = None
    status: str | None = None
    available_ip_address_count: int | None = None


class DescribeVSwitchesAnswer(Listing[VSwitchInfo]):
    """VSwitches, one page."""

    items_field = "vswitches"

    vswitches: Annotated[list[VSwitchInfo], wrapped_in("VSwitch")] = Field(
        default_factory=list, alias="VSwitches"
    )
    page_number: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    request_id: str | None = None


class SecurityGroupInfo(Answer):
    """A security group; one that another service manages cannot be used freely."""

    security_group_id: str | None = None
    security_group_name: str | None = None
    description: str | None = None
    vpc_id: str | None = None
    service_managed: bool | None = None


class DescribeSecurityGroupsAnswer(Listing[SecurityGroupInfo]):
    """Security groups, one page."""

    items_field = "security_groups"

    security_groups: Annotated[list[SecurityGroupInfo], wrapped_in("SecurityGroup")] = Field(
        default_factory=list
    )
    next_token: str | None = None
    total_count: int | None = None
    request_id: str | None = None


class ZoneMapping(Answer):
    """A zone in which a load balancer stands, and its vSwitch there."""

    vswitch_id: str | None = Field(default=None, alias="VSwitchId")
    zone_id: str | None = None


class LoadBalancerInfo(Answer):
    """A network load balancer (NLB)."""

    load_balancer_id: str | None = None
    load_balancer_name: str | None = None
    load_balancer_status: str | None = None
    vpc_id: str | None = None
    dns_name: str | None = Field(default=None, alias="DNSName")
    address_type: str | None = None
    zone_mappings: Many[ZoneMapping] = Field(default_factory=list)
    request_id: str | None = None


class ListLoadBalancersAnswer(Listing[LoadBalancerInfo]):
    """Network load balancers, one page."""

    items_field = "load_balancers"

    load_balancers: Many[LoadBalancerInfo] = Field(default_factory=list)
    next_token: str | None = None
    total_count: int | None = None
    request_id: str | None = None


class ListenerInfo(Answer):
    """A listener of a network load balancer."""

    listener_id: str | None = None
    listener_port: int | None = None
    listener_protocol: str | None = None
    listener_status: str | None = None
    load_balancer_id: str | None = None


class ListListenersAnswer(Listing[ListenerInfo]):
    """Listeners, one page."""

    items_field = "listeners"

    listeners: Many[ListenerInfo] = Field(default_factory=list)
    next_token: str | None = None
    total_count: int | None = None
    request_id: str | None = None
