"""The operations of VPC, version 2016-04-28, that a deployment needs, as values.

RegionId is not an argument: the client that sends adds it. Source: Alibaba Cloud VPC API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eas_deploy.calls.answers_network import DescribeVpcsAnswer, DescribeVSwitchesAnswer
from eas_deploy.calls.base import NumberedCall


@dataclass(frozen=True)
class DescribeVpcs(
    NumberedCall[DescribeVpcsAnswer], product="vpc", ram_action="vpc:DescribeVpcs", answer=DescribeVpcsAnswer
):
    """VPCs of the region, or one of them."""

    vpc_id: str | None = None
    # 50 is the largest page that is allowed.
    page_size: int = field(default=50, kw_only=True)


@dataclass(frozen=True)
class DescribeVSwitches(
    NumberedCall[DescribeVSwitchesAnswer],
    product="vpc",
    ram_action="vpc:DescribeVSwitches",
    answer=DescribeVSwitchesAnswer,
):
    """VSwitches of the region, of a VPC, of a zone, or one of them."""

    vpc_id: str | None = None
    zone_id: str | None = None
    vswitch_id: str | None = None
    # 50 is the largest page that is allowed.
    page_size: int = field(default=50, kw_only=True)
