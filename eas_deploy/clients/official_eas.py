"""How each EAS operation is built: one function for each, in the order of the API reference.

Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

from typing import Any

from alibabacloud_eas20210701 import models

from eas_deploy import calls
from eas_deploy.clients.recording import EAS, Notes, builds, to_json


class _AsIs(dict[str, Any]):
    """JSON that passes an official request model unchanged.

    The models ask what they hold to validate itself; a model made of the JSON would drop the keys that it
    does not know.
    """

    def validate(self) -> None:
        """Nothing to check: the service does."""


@builds(calls.CreateService)
def _(_region: str, call: calls.CreateService, notes: Notes) -> None:
    request = models.CreateServiceRequest(
        develop=call.develop,
        labels=None if call.labels is None else dict(call.labels),
        workspace_id=call.workspace_id,
        body=to_json(call.body),
    )
    EAS.create_service_with_options(request, {}, notes)


@builds(calls.DescribeService)
def _(region: str, call: calls.DescribeService, notes: Notes) -> None:
    EAS.describe_service_with_options(region, call.service_name, {}, notes)


@builds(calls.ListServices)
def _(_region: str, call: calls.ListServices, notes: Notes) -> None:
    request = models.ListServicesRequest(
        filter=call.filter,
        service_name=call.service_name,
        service_status=call.service_status,
        workspace_id=call.workspace_id,
        label=None if call.label is None else dict(call.label),
        sort=call.sort,
        order=call.order,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    EAS.list_services_with_options(request, {}, notes)


@builds(calls.DescribeServiceEndpoints)
def _(region: str, call: calls.DescribeServiceEndpoints, notes: Notes) -> None:
    EAS.describe_service_endpoints_with_options(region, call.service_name, {}, notes)


@builds(calls.UpdateService)
def _(region: str, call: calls.UpdateService, notes: Notes) -> None:
    request = models.UpdateServiceRequest(update_type=call.update_type, body=to_json(call.body))
    EAS.update_service_with_options(region, call.service_name, request, {}, notes)


@builds(calls.DeleteService)
def _(region: str, call: calls.DeleteService, notes: Notes) -> None:
    EAS.delete_service_with_options(region, call.service_name, {}, notes)


@builds(calls.StopService)
def _(region: str, call: calls.StopService, notes: Notes) -> None:
    EAS.stop_service_with_options(region, call.service_name, {}, notes)


@builds(calls.StartService)
def _(region: str, call: calls.StartService, notes: Notes) -> None:
    EAS.start_service_with_options(region, call.service_name, {}, notes)


@builds(calls.RestartService)
def _(region: str, call: calls.RestartService, notes: Notes) -> None:
    EAS.restart_service_with_options(region, call.service_name, {}, notes)


@builds(calls.ReleaseService)
def _(region: str, call: calls.ReleaseService, notes: Notes) -> None:
    request = models.ReleaseServiceRequest(traffic_state=call.traffic_state, weight=call.weight)
    EAS.release_service_with_options(region, call.service_name, request, {}, notes)


@builds(calls.UpdateServiceSafetyLock)
def _(region: str, call: calls.UpdateServiceSafetyLock, notes: Notes) -> None:
    request = models.UpdateServiceSafetyLockRequest(lock=call.lock)
    EAS.update_service_safety_lock_with_options(region, call.service_name, request, {}, notes)


@builds(calls.UpdateServiceLabel)
def _(region: str, call: calls.UpdateServiceLabel, notes: Notes) -> None:
    request = models.UpdateServiceLabelRequest(labels=dict(call.labels))
    EAS.update_service_label_with_options(region, call.service_name, request, {}, notes)


@builds(calls.DeleteServiceLabel)
def _(region: str, call: calls.DeleteServiceLabel, notes: Notes) -> None:
    request = models.DeleteServiceLabelRequest(keys=list(call.keys))
    EAS.delete_service_label_with_options(region, call.service_name, request, {}, notes)


@builds(calls.ListServiceVersions)
def _(region: str, call: calls.ListServiceVersions, notes: Notes) -> None:
    request = models.ListServiceVersionsRequest(page_number=call.page_number, page_size=call.page_size)
    EAS.list_service_versions_with_options(region, call.service_name, request, {}, notes)


@builds(calls.UpdateServiceVersion)
def _(region: str, call: calls.UpdateServiceVersion, notes: Notes) -> None:
    request = models.UpdateServiceVersionRequest(version=call.version)
    EAS.update_service_version_with_options(region, call.service_name, request, {}, notes)


@builds(calls.CreateServiceAutoScaler)
def _(region: str, call: calls.CreateServiceAutoScaler, notes: Notes) -> None:
    request = models.CreateServiceAutoScalerRequest(**_scaler(call))
    EAS.create_service_auto_scaler_with_options(region, call.service_name, request, {}, notes)


@builds(calls.UpdateServiceAutoScaler)
def _(region: str, call: calls.UpdateServiceAutoScaler, notes: Notes) -> None:
    request = models.UpdateServiceAutoScalerRequest(**_scaler(call))
    EAS.update_service_auto_scaler_with_options(region, call.service_name, request, {}, notes)


def _scaler(call: calls.CreateServiceAutoScaler | calls.UpdateServiceAutoScaler) -> dict[str, Any]:
    return {
        "min": call.min,
        "max": call.max,
        "scale_strategies": [_AsIs(strategy) for strategy in call.scale_strategies],
        "behavior": None if call.behavior is None else _AsIs(call.behavior),
    }


@builds(calls.DescribeServiceAutoScaler)
def _(region: str, call: calls.DescribeServiceAutoScaler, notes: Notes) -> None:
    EAS.describe_service_auto_scaler_with_options(region, call.service_name, {}, notes)


@builds(calls.DeleteServiceAutoScaler)
def _(region: str, call: calls.DeleteServiceAutoScaler, notes: Notes) -> None:
    EAS.delete_service_auto_scaler_with_options(region, call.service_name, {}, notes)


@builds(calls.DescribeServiceEvent)
def _(region: str, call: calls.DescribeServiceEvent, notes: Notes) -> None:
    request = models.DescribeServiceEventRequest(
        start_time=call.start_time,
        end_time=call.end_time,
        event_type=call.event_type,
        instance_name=call.instance_name,
        page_num=str(call.page_number),
        page_size=str(call.page_size),
    )
    EAS.describe_service_event_with_options(region, call.service_name, request, {}, notes)


@builds(calls.DescribeServiceLog)
def _(region: str, call: calls.DescribeServiceLog, notes: Notes) -> None:
    request = models.DescribeServiceLogRequest(
        instance_name=call.instance_name,
        container_name=call.container_name,
        keyword=call.keyword,
        start_time=call.start_time,
        end_time=call.end_time,
        previous=call.previous,
        page_num=call.page_number,
        page_size=call.page_size,
    )
    EAS.describe_service_log_with_options(region, call.service_name, request, {}, notes)


@builds(calls.ListServiceInstances)
def _(region: str, call: calls.ListServiceInstances, notes: Notes) -> None:
    request = models.ListServiceInstancesRequest(page_number=call.page_number, page_size=call.page_size)
    EAS.list_service_instances_with_options(region, call.service_name, request, {}, notes)


@builds(calls.ListServiceContainers)
def _(region: str, call: calls.ListServiceContainers, notes: Notes) -> None:
    EAS.list_service_containers_with_options(region, call.service_name, call.instance_name, {}, notes)


@builds(calls.DescribeServiceDiagnosis)
def _(region: str, call: calls.DescribeServiceDiagnosis, notes: Notes) -> None:
    EAS.describe_service_diagnosis_with_options(region, call.service_name, {}, notes)


@builds(calls.DescribeServiceInstanceDiagnosis)
def _(region: str, call: calls.DescribeServiceInstanceDiagnosis, notes: Notes) -> None:
    EAS.describe_service_instance_diagnosis_with_options(
        region, call.service_name, call.instance_name, {}, notes
    )


@builds(calls.DescribeMachineSpec)
def _(_region: str, call: calls.DescribeMachineSpec, notes: Notes) -> None:
    types = None if call.instance_types is None else list(call.instance_types)
    EAS.describe_machine_spec_with_options(models.DescribeMachineSpecRequest(instance_types=types), {}, notes)


@builds(calls.ListGateway)
def _(_region: str, call: calls.ListGateway, notes: Notes) -> None:
    request = models.ListGatewayRequest(
        gateway_id=call.gateway_id,
        gateway_name=call.gateway_name,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    EAS.list_gateway_with_options(request, {}, notes)


@builds(calls.DescribeGateway)
def _(region: str, call: calls.DescribeGateway, notes: Notes) -> None:
    EAS.describe_gateway_with_options(region, call.gateway_id, {}, notes)


@builds(calls.ListGatewayIntranetLinkedVpc)
def _(region: str, call: calls.ListGatewayIntranetLinkedVpc, notes: Notes) -> None:
    EAS.list_gateway_intranet_linked_vpc_with_options(region, call.gateway_id, {}, notes)


@builds(calls.ListResources)
def _(_region: str, call: calls.ListResources, notes: Notes) -> None:
    request = models.ListResourcesRequest(
        resource_type=call.resource_type,
        resource_status=call.resource_status,
        resource_id=call.resource_id,
        resource_name=call.resource_name,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    EAS.list_resources_with_options(request, {}, notes)


@builds(calls.DescribeResource)
def _(region: str, call: calls.DescribeResource, notes: Notes) -> None:
    EAS.describe_resource_with_options(region, call.resource_id, {}, notes)
