"""The table of all emulated operations, and how a request is matched to one of them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from eas_deploy.emulator.operations import (
    aiworkspace,
    deploying,
    network_reads,
    observing,
    offering,
)
from eas_deploy.emulator.operations.call import Handler, Operation, Product

EAS = Product("EAS", "2021-07-01", own_errors=True)
AIWORKSPACE = Product("AIWorkSpace", "2021-02-04")
VPC = Product("VPC", "2016-04-28", denied_code="Forbidden.RAM")
ECS = Product("ECS", "2014-05-26", denied_code="Forbidden.RAM")
NLB = Product("NLB", "2022-04-30", denied_code="Forbidden.RAM")

_SERVICES = "/api/v2/services"
_SERVICE = "/api/v2/services/{ClusterId}/{ServiceName}"
_GATEWAY = "/api/v2/gateways/{ClusterId}/{GatewayId}"


def _eas(name: str, method: str, template: str, handler: Handler) -> Operation:
    return Operation(name, EAS, method, template, f"eas:{name}", handler)


def _aiworkspace(name: str, template: str, ram_product: str, handler: Handler) -> Operation:
    return Operation(name, AIWORKSPACE, "GET", template, f"{ram_product}:{name}", handler)


def _rpc(name: str, product: Product, handler: Handler) -> Operation:
    return Operation(name, product, "POST", "/", f"{product.name.lower()}:{name}", handler)


OPERATIONS: tuple[Operation, ...] = (
    _eas("CreateService", "POST", _SERVICES, deploying.create_service),
    _eas("ListServices", "GET", _SERVICES, observing.list_services),
    _eas("DescribeService", "GET", _SERVICE, observing.describe_service),
    _eas("UpdateService", "PUT", _SERVICE, deploying.update_service),
    _eas("DeleteService", "DELETE", _SERVICE, deploying.delete_service),
    _eas("DescribeServiceEndpoints", "GET", f"{_SERVICE}/endpoints", observing.describe_service_endpoints),
    _eas("StopService", "PUT", f"{_SERVICE}/stop", deploying.stop_service),
    _eas("StartService", "PUT", f"{_SERVICE}/start", deploying.start_service),
    _eas("RestartService", "PUT", f"{_SERVICE}/restart", deploying.restart_service),
    _eas("ReleaseService", "PUT", f"{_SERVICE}/release", deploying.release_service),
    _eas("UpdateServiceVersion", "PUT", f"{_SERVICE}/version", deploying.update_service_version),
    _eas("ListServiceVersions", "GET", f"{_SERVICE}/versions", observing.list_service_versions),
    _eas("UpdateServiceSafetyLock", "PUT", f"{_SERVICE}/lock", deploying.update_service_safety_lock),
    _eas("CreateServiceAutoScaler", "POST", f"{_SERVICE}/autoscaler", deploying.set_service_autoscaler),
    _eas("UpdateServiceAutoScaler", "PUT", f"{_SERVICE}/autoscaler", deploying.set_service_autoscaler),
    _eas("DescribeServiceAutoScaler", "GET", f"{_SERVICE}/autoscaler", deploying.describe_service_autoscaler),
    _eas("DeleteServiceAutoScaler", "DELETE", f"{_SERVICE}/autoscaler", deploying.delete_service_autoscaler),
    _eas("UpdateServiceLabel", "PUT", f"{_SERVICE}/label", deploying.update_service_label),
    _eas("DeleteServiceLabel", "DELETE", f"{_SERVICE}/label", deploying.delete_service_label),
    _eas("DescribeServiceEvent", "GET", f"{_SERVICE}/events", observing.describe_service_event),
    _eas("DescribeServiceLog", "GET", f"{_SERVICE}/logs", observing.describe_service_log),
    _eas("ListServiceInstances", "GET", f"{_SERVICE}/instances", observing.list_service_instances),
    _eas(
        "ListServiceContainers",
        "GET",
        f"{_SERVICE}/instances/{{InstanceName}}/containers",
        observing.list_service_containers,
    ),
    _eas("DescribeServiceDiagnosis", "GET", f"{_SERVICE}/diagnosis", observing.describe_service_diagnosis),
    _eas(
        "DescribeServiceInstanceDiagnosis",
        "GET",
        f"{_SERVICE}/instances/{{InstanceName}}/diagnosis",
        observing.describe_service_instance_diagnosis,
    ),
    _eas("DescribeMachineSpec", "GET", "/api/v2/public/instance_types", offering.describe_machine_spec),
    _eas("ListGateway", "GET", "/api/v2/gateways", offering.list_gateway),
    _eas("DescribeGateway", "GET", _GATEWAY, offering.describe_gateway),
    _eas(
        "ListGatewayIntranetLinkedVpc",
        "GET",
        f"{_GATEWAY}/intranet_endpoint_linked_vpc",
        offering.list_gateway_intranet_linked_vpc,
    ),
    _eas("ListResources", "GET", "/api/v2/resources", offering.list_resources),
    _eas("DescribeResource", "GET", "/api/v2/resources/{ClusterId}/{ResourceId}", offering.describe_resource),
    # AIWorkSpace has no RAM code of its own name. Source: its RAM authorization pages.
    _aiworkspace("ListImages", "/api/v1/images", "paiimage", aiworkspace.list_images),
    _aiworkspace("GetImage", "/api/v1/images/{ImageId}", "paiimage", aiworkspace.get_image),
    _aiworkspace("ListWorkspaces", "/api/v1/workspaces", "paiworkspace", aiworkspace.list_workspaces),
    _aiworkspace("ListDatasets", "/api/v1/datasets", "paidataset", aiworkspace.list_datasets),
    _rpc("DescribeVpcs", VPC, network_reads.describe_vpcs),
    _rpc("DescribeVSwitches", VPC, network_reads.describe_vswitches),
    _rpc("DescribeSecurityGroups", ECS, network_reads.describe_security_groups),
    _rpc("ListLoadBalancers", NLB, network_reads.list_load_balancers),
    _rpc("GetLoadBalancerAttribute", NLB, network_reads.get_load_balancer_attribute),
    _rpc("ListListeners", NLB, network_reads.list_listeners),
)


def _index(operations: Iterable[Operation]) -> dict[tuple[str, int], list[tuple[list[str], Operation]]]:
    index: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
    for operation in operations:
        segments = operation.template.strip("/").split("/")
        index.setdefault((operation.method, len(segments)), []).append((segments, operation))
    return index


_BY_SHAPE = _index(operation for operation in OPERATIONS if operation.template != "/")
_BY_ACTION = {operation.name: operation for operation in OPERATIONS if operation.template == "/"}


def match(method: str, raw_path: str, action: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a request addresses, and the variables of its path; None if there is none.

    Args:
        method: HTTP method.
        raw_path: The path as sent, still percent-encoded.
        action: The header ``x-acs-action``; it has to agree with the path.
    """
    if raw_path in {"", "/"}:
        operation = _BY_ACTION.get(action)
        return (operation, {}) if operation is not None and operation.method == method else None
    parts = raw_path.strip("/").split("/")
    for segments, operation in _BY_SHAPE.get((method, len(parts)), ()):
        variables = _variables(segments, parts)
        if variables is not None and operation.name == action:
            return operation, variables
    return None


def _variables(segments: list[str], parts: list[str]) -> dict[str, str] | None:
    """The variables of a template that fits the parts of a path; None if it does not fit."""
    variables: dict[str, str] = {}
    for segment, part in zip(segments, parts, strict=True):
        if segment.startswith("{"):
            variables[segment[1:-1]] = unquote(part)
        elif segment != part:
            return None
    return variables
