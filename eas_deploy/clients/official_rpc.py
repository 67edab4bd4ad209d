"""How the operations of VPC, ECS and NLB are built: the generic RPC style of the official core.

Their own packages (20 MB each) would add nothing: an RPC request is a version, an action and a flat query.
Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

from typing import Any

from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params

from eas_deploy import calls
from eas_deploy.calls.base import Call
from eas_deploy.clients.recording import Notes, builds

_VERSIONS = {"vpc": "2016-04-28", "ecs": "2014-05-26", "nlb": "2022-04-30"}


def _note(call: Call[Any], notes: Notes, query: dict[str, Any]) -> None:
    notes.params = Params(
        action=call.operation,
        version=_VERSIONS[call.product],
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    # Leaves None out, writes lists as Name.1, Name.2.
    notes.request = OpenApiRequest(query=Utils.query(query))


@builds(calls.DescribeVpcs)
def _(region: str, call: calls.DescribeVpcs, notes: Notes) -> None:
    query = {
        "RegionId": region,
        "VpcId": call.vpc_id,
        "PageNumber": call.page_number,
        "PageSize": call.page_size,
    }
    _note(call, notes, query)


@builds(calls.DescribeVSwitches)
def _(region: str, call: calls.DescribeVSwitches, notes: Notes) -> None:
    query = {
        "RegionId": region,
        "VpcId": call.vpc_id,
        "ZoneId": call.zone_id,
        "VSwitchId": call.vswitch_id,
        "PageNumber": call.page_number,
        "PageSize": call.page_size,
    }
    _note(call, notes, query)


@builds(calls.DescribeSecurityGroups)
def _(region: str, call: calls.DescribeSecurityGroups, notes: Notes) -> None:
    query = {
        "RegionId": region,
        "VpcId": call.vpc_id,
        "NextToken": call.next_token,
        "MaxResults": call.max_results,
    }
    _note(call, notes, query)


@builds(calls.ListLoadBalancers)
def _(region: str, call: calls.ListLoadBalancers, notes: Notes) -> None:
    query = {
        "RegionId": region,
        "VpcIds": call.vpc_ids,
        "LoadBalancerIds": call.load_balancer_ids,
        "NextToken": call.next_token,
        "MaxResults": call.max_results,
    }
    _note(call, notes, query)


@builds(calls.GetLoadBalancerAttribute)
def _(region: str, call: calls.GetLoadBalancerAttribute, notes: Notes) -> None:
    _note(call, notes, {"RegionId": region, "LoadBalancerId": call.load_balancer_id})


@builds(calls.ListListeners)
def _(region: str, call: calls.ListListeners, notes: Notes) -> None:
    query = {
        "RegionId": region,
        "LoadBalancerIds": call.load_balancer_ids,
        "NextToken": call.next_token,
        "MaxResults": call.max_results,
    }
    _note(call, notes, query)
