"""The operation of ECS, version 2014-05-26, that a deployment needs, as a value.

RegionId is not an argument: the client that sends adds it. Source: Alibaba Cloud ECS API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eas_deploy.calls.answers_network import DescribeSecurityGroupsAnswer
from eas_deploy.calls.base import TokenCall


@dataclass(frozen=True)
class DescribeSecurityGroups(
    TokenCall[DescribeSecurityGroupsAnswer],
    product="ecs",
    ram_action="ecs:DescribeSecurityGroups",
    answer=DescribeSecurityGroupsAnswer,
):
    """Security groups of the region, or of a VPC."""

    vpc_id: str | None = None
    # 100 is the largest page that is allowed.
    max_results: int = field(default=100, kw_only=True)
