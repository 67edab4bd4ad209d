"""The typed clients: one method for each operation of a product, named in snake_case.

A method takes the arguments of the operation's call and gives its answer. Of a list that comes in pages it
gives all pages as one, unless the caller asks for a certain page (``page_number``, ``next_token``).
"""

from __future__ import annotations

from eas_deploy import calls
from eas_deploy.clients.methods import AsyncClient, BlockingClient, awaited, blocking


class EasClient(BlockingClient):
    """The operations of PAI-EAS."""

    create_service = blocking(calls.CreateService)
    describe_service = blocking(calls.DescribeService)
    list_services = blocking(calls.ListServices)
    describe_service_endpoints = blocking(calls.DescribeServiceEndpoints)
    update_service = blocking(calls.UpdateService)
    delete_service = blocking(calls.DeleteService)
    stop_service = blocking(calls.StopService)
    start_service = blocking(calls.StartService)
    restart_service = blocking(calls.RestartService)
    release_service = blocking(calls.ReleaseService)
    update_service_safety_lock = blocking(calls.UpdateServiceSafetyLock)
    update_service_label = blocking(calls.UpdateServiceLabel)
    delete_service_label = blocking(calls.DeleteServiceLabel)
    list_service_versions = blocking(calls.ListServiceVersions)
    update_service_version = blocking(calls.UpdateServiceVersion)
    create_service_auto_scaler = blocking(calls.CreateServiceAutoScaler)
    update_service_auto_scaler = blocking(calls.UpdateServiceAutoScaler)
    describe_service_auto_scaler = blocking(calls.DescribeServiceAutoScaler)
    delete_service_auto_scaler = blocking(calls.DeleteServiceAutoScaler)
    describe_service_event = blocking(calls.DescribeServiceEvent)
    describe_service_log = blocking(calls.DescribeServiceLog)
    list_service_instances = blocking(calls.ListServiceInstances)
    list_service_containers = blocking(calls.ListServiceContainers)
    describe_service_diagnosis = blocking(calls.DescribeServiceDiagnosis)
    describe_service_instance_diagnosis = blocking(calls.DescribeServiceInstanceDiagnosis)
    describe_machine_spec = blocking(calls.DescribeMachineSpec)
    list_gateway = blocking(calls.ListGateway)
    describe_gateway = blocking(calls.DescribeGateway)
    list_gateway_intranet_linked_vpc = blocking(calls.ListGatewayIntranetLinkedVpc)
    list_resources = blocking(calls.ListResources)
    describe_resource = blocking(calls.DescribeResource)


class AiworkspaceClient(BlockingClient):
    """The operations of AIWorkSpace: images, workspaces, datasets."""

    list_images = blocking(calls.ListImages)
    get_image = blocking(calls.GetImage)
    list_workspaces = blocking(calls.ListWorkspaces)
    list_datasets = blocking(calls.ListDatasets)


class VpcClient(BlockingClient):
    """The operations of VPC."""

    describe_vpcs = blocking(calls.DescribeVpcs)
    describe_vswitches = blocking(calls.DescribeVSwitches)


class EcsClient(BlockingClient):
    """The operations of ECS."""

    describe_security_groups = blocking(calls.DescribeSecurityGroups)


class NlbClient(BlockingClient):
    """The operations of NLB."""

    list_load_balancers = blocking(calls.ListLoadBalancers)
    get_load_balancer_attribute = blocking(calls.GetLoadBalancerAttribute)
    list_listeners = blocking(calls.ListListeners)


class AsyncEasClient(AsyncClient):
    """The operations of PAI-EAS, for asyncio."""

    create_service = awaited(calls.CreateService)
    describe_service = awaited(calls.DescribeService)
    list_services = awaited(calls.ListServices)
    describe_service_endpoints = awaited(calls.DescribeServiceEndpoints)
    update_service = awaited(calls.UpdateService)
    delete_service = awaited(calls.DeleteService)
    stop_service = awaited(calls.StopService)
    start_service = awaited(calls.StartService)
    restart_service = awaited(calls.RestartService)
    release_service = awaited(calls.ReleaseService)
    update_service_safety_lock = awaited(calls.UpdateServiceSafetyLock)
    update_service_label = awaited(calls.UpdateServiceLabel)
    delete_service_label = awaited(calls.DeleteServiceLabel)
    list_service_versions = awaited(calls.ListServiceVersions)
    update_service_version = awaited(calls.UpdateServiceVersion)
    create_service_auto_scaler = awaited(calls.CreateServiceAutoScaler)
    update_service_auto_scaler = awaited(calls.UpdateServiceAutoScaler)
    describe_service_auto_scaler = awaited(calls.DescribeServiceAutoScaler)
    delete_service_auto_scaler = awaited(calls.DeleteServiceAutoScaler)
    describe_service_event = awaited(calls.DescribeServiceEvent)
    describe_service_log = awaited(calls.DescribeServiceLog)
    list_service_instances = awaited(calls.ListServiceInstances)
    list_service_containers = awaited(calls.ListServiceContainers)
    describe_service_diagnosis = awaited(calls.DescribeServiceDiagnosis)
    describe_service_instance_diagnosis = awaited(calls.DescribeServiceInstanceDiagnosis)
    describe_machine_spec = awaited(calls.DescribeMachineSpec)
    list_gateway = awaited(calls.ListGateway)
    describe_gateway = awaited(calls.DescribeGateway)
    list_gateway_intranet_linked_vpc = awaited(calls.ListGatewayIntranetLinkedVpc)
    list_resources = awaited(calls.ListResources)
    describe_resource = awaited(calls.DescribeResource)


class AsyncAiworkspaceClient(AsyncClient):
    """The operations of AIWorkSpace: images, workspaces, datasets, for asyncio."""

    list_images = awaited(calls.ListImages)
    get_image = awaited(calls.GetImage)
    list_workspaces = awaited(calls.ListWorkspaces)
    list_datasets = awaited(calls.ListDatasets)


class AsyncVpcClient(AsyncClient):
    """The operations of VPC, for asyncio."""

    describe_vpcs = awaited(calls.DescribeVpcs)
    describe_vswitches = awaited(calls.DescribeVSwitches)


class AsyncEcsClient(AsyncClient):
    """The operations of ECS, for asyncio."""

    describe_security_groups = awaited(calls.DescribeSecurityGroups)


class AsyncNlbClient(AsyncClient):
    """The operations of NLB, for asyncio."""

    list_load_balancers = awaited(calls.ListLoadBalancers)
    get_load_balancer_attribute = awaited(calls.GetLoadBalancerAttribute)
    list_listeners = awaited(calls.ListListeners)
