"""VPC, ECS and NLB operations: read-only, RPC style, each with its product's own paging."""

from __future__ import annotations

from typing import Any

from eas_deploy.emulator.network import LoadBalancer
from eas_deploy.emulator.operations.call import ApiCall
from eas_deploy.emulator.paging import page_by_number, page_by_token
from eas_deploy.emulator.refusal import RefusalError


def describe_vpcs(call: ApiCall) -> dict[str, Any]:
    """VPC DescribeVpcs."""
    _check_region(call, call.required("RegionId"))
    wanted = [part for part in call.query.get("VpcId", "").split(",") if part]
    found = [
        vpc.wire(call.world.region_id)
        for vpc in call.world.network.vpcs.values()
        if not wanted or vpc.vpc_id in wanted
    ]
    page = page_by_number(found, call.query, default=10, maximum=50)
    return {
        "Vpcs": {"Vpc": list(page.items)},
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def describe_vswitches(call: ApiCall) -> dict[str, Any]:
    """VPC DescribeVSwitches; one of RegionId and VpcId is needed."""
    query = call.query
    if not query.get("VpcId"):
        call.required("RegionId")
    _check_region(call, query.get("RegionId"))
    wanted = [part for part in query.get("VSwitchId", "").split(",") if part]
    found = [
        vswitch.wire()
        for vswitch in call.world.network.vswitches.values()
        if query.get("VpcId") in {None, "", vswitch.vpc_id}
        and query.get("ZoneId") in {None, "", vswitch.zone_id}
        and (not wanted or vswitch.vswitch_id in wanted)
    ]
    page = page_by_number(found, query, default=10, maximum=50)
    return {
        "VSwitches": {"VSwitch": list(page.items)},
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def describe_security_groups(call: ApiCall) -> dict[str, Any]:
    """ECS DescribeSecurityGroups."""
    _check_region(call, call.required("RegionId"))
    found = [
        group.wire()
        for group in call.world.network.security_groups.values()
        if call.query.get("VpcId") in {None, "", group.vpc_id}
    ]
    items, token, _ = page_by_token(found, call.query, default=10)
    return {
        "SecurityGroups": {"SecurityGroup": list(items)},
        "NextToken": token,
        "RegionId": call.world.region_id,
    }


def list_load_balancers(call: ApiCall) -> dict[str, Any]:
    """NLB ListLoadBalancers."""
    _check_region(call, call.query.get("RegionId"))
    vpc_ids, balancer_ids = call.listed("VpcIds"), call.listed("LoadBalancerIds")
    found = [
        balancer.wire(call.world.region_id)
        for balancer in _balancers(call).values()
        if (not vpc_ids or balancer.vpc_id in vpc_ids)
        and (not balancer_ids or balancer.load_balancer_id in balancer_ids)
    ]
    items, token, size = page_by_token(found, call.query, default=20)
    return {
        "LoadBalancers": list(items),
        "NextToken": token,
        "MaxResults": size,
        "TotalCount": len(found),
    }


def get_load_balancer_attribute(call: ApiCall) -> dict[str, Any]:
    """NLB GetLoadBalancerAttribute."""
    _check_region(call, call.query.get("RegionId"))
    balancer = _balancers(call).get(call.required("LoadBalancerId"))
    if balancer is None:
        raise RefusalError(
            404, "ResourceNotFound.loadBalancer", "The specified resource of loadBalancer is not found."
        )
    return balancer.wire(call.world.region_id)


def list_listeners(call: ApiCall) -> dict[str, Any]:
    """NLB ListListeners."""
    _check_region(call, call.query.get("RegionId"))
    wanted = call.listed("LoadBalancerIds")
    found = [
        listener
        for balancer in _balancers(call).values()
        if not wanted or balancer.load_balancer_id in wanted
        for listener in balancer.wire_listeners()
    ]
    items, token, size = page_by_token(found, call.query, default=20)
    return {"Listeners": list(items), "NextToken": token, "MaxResults": size, "TotalCount": len(found)}


def _balancers(call: ApiCall) -> dict[str, LoadBalancer]:
    """The NLBs that exist now; those of deleted services are gone."""
    call.world.settle()
    return call.world.network.load_balancers


def _check_region(call: ApiCall, region_id: str | None) -> None:
    if region_id and region_id != call.world.region_id:
        raise RefusalError(404, "InvalidRegionId.NotFound", f"The region {region_id} does not exist.")
