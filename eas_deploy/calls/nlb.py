"""The operations of NLB, version 2022-04-30, that a deployment needs, as values.

RegionId is not an argument: the client that sends adds it. Source: Alibaba Cloud NLB API reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eas_deploy.calls.answers_network import ListListenersAnswer, ListLoadBalancersAnswer, LoadBalancerInfo
from eas_deploy.calls.base import Call, TokenCall


@dataclass(frozen=True)
class ListLoadBalancers(
    TokenCall[ListLoadBalancersAnswer],
    product="nlb",
    ram_action="nlb:ListLoadBalancers",
    answer=ListLoadBalancersAnswer,
):
    """Network load balancers of the region, of VPCs, or some of them."""

    vpc_ids: Sequence[str] | None = None
    load_balancer_ids: Sequence[str] | None = None
    # 100 is the largest page that is allowed.
    max_results: int = field(default=100, kw_only=True)


@dataclass(frozen=True)
class GetLoadBalancerAttribute(
    Call[LoadBalancerInfo],
    product="nlb",
    ram_action="nlb:GetLoadBalancerAttribute",
    answer=LoadBalancerInfo,
):
    """One network load balancer, with its VPC and vSwitches."""

    load_balancer_id: str


@dataclass(frozen=True)
class ListListeners(
    TokenCall[ListListenersAnswer], product="nlb", ram_action="nlb:ListListeners", answer=ListListenersAnswer
):
    """Listeners of the region, or of some load balancers."""

    load_balancer_ids: Sequence[str] | None = None
    # 100 is the largest page that is allowed.
    max_results: int = field(default=100, kw_only=True)
