"""EAS operations that tell what can be used: instance types, gateways, resource groups."""

from __future__ import annotations

from typing import Any

from eas_deploy.emulator.network import Gateway
from eas_deploy.emulator.operations.call import ApiCall
from eas_deploy.emulator.paging import page_by_number
from eas_deploy.emulator.refusal import RefusalError


def describe_machine_spec(call: ApiCall) -> dict[str, Any]:
    """DescribeMachineSpec: the instance types, and the sizes for services without one."""
    wanted = [name for name in call.query.get("InstanceTypes", "").split(",") if name]
    sizes = {(machine["CPU"], machine["Memory"]) for machine in call.world.catalog.machines}
    return {
        "InstanceMetas": [
            machine
            for machine in call.world.catalog.machines
            if not wanted or machine["InstanceType"] in wanted
        ],
        "Types": [
            {"CPU": cpu, "Memory": sorted(memory for other, memory in sizes if other == cpu)}
            for cpu in sorted({cpu for cpu, _ in sizes})
        ],
    }


def list_gateway(call: ApiCall) -> dict[str, Any]:
    """ListGateway."""
    world, query = call.world, call.query
    found = [
        gateway.wire(world.region_id)
        for gateway in world.network.gateways.values()
        if query.get("GatewayId") in {None, "", gateway.gateway_id}
        and query.get("GatewayName", "") in gateway.name
    ]
    page = page_by_number(found, query, default=100)
    return {
        "Gateways": list(page.items),
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def describe_gateway(call: ApiCall) -> dict[str, Any]:
    """DescribeGateway."""
    return _gateway(call).describe(call.world.region_id)


def list_gateway_intranet_linked_vpc(call: ApiCall) -> dict[str, Any]:
    """ListGatewayIntranetLinkedVpc."""
    gateway = _gateway(call)
    return {"GatewayId": gateway.gateway_id, "IntranetLinkedVpcList": gateway.wire_links()}


def _gateway(call: ApiCall) -> Gateway:
    gateway_id = call.path["GatewayId"]
    gateway = call.world.network.gateways.get(gateway_id)
    if gateway is None:
        raise RefusalError(404, "InvalidGateway.NotFound", f"Gateway [{gateway_id}] is not found")
    return gateway


def list_resources(call: ApiCall) -> dict[str, Any]:
    """ListResources."""
    world, query = call.world, call.query
    found = [
        group.wire(world.used_of(group.resource_id), world.region_id)
        for group in world.resource_groups.values()
        if query.get("ResourceType") in {None, "", group.resource_type}
        and query.get("ResourceStatus") in {None, "", group.status}
        and query.get("ResourceId") in {None, "", group.resource_id}
        and query.get("ResourceName", "") in group.name
    ]
    page = page_by_number(found, query, default=100)
    return {
        "Resources": list(page.items),
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def describe_resource(call: ApiCall) -> dict[str, Any]:
    """DescribeResource."""
    resource_id = call.path["ResourceId"]
    group = call.world.resource_groups.get(resource_id)
    if group is None:
        raise RefusalError(404, "InvalidResource.NotFound", f"Resource [{resource_id}] is not found")
    return group.wire(call.world.used_of(resource_id), call.world.region_id)
