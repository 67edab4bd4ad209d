"""EAS operations that look at services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from eas_deploy.emulator.addresses import addresses_of, endpoints_of
from eas_deploy.emulator.checks import DEFAULT_PORT, given
from eas_deploy.emulator.clock import rfc3339
from eas_deploy.emulator.operations.call import ApiCall
from eas_deploy.emulator.paging import page_by_number
from eas_deploy.emulator.refusal import RefusalError, invalid_parameter
from eas_deploy.emulator.services import EmulatedService


def describe_service(call: ApiCall) -> dict[str, Any]:
    """DescribeService: the Service object itself; in a ``per_read`` life also one step onwards."""
    service = call.service()
    if service.hidden_reads > 0:
        service.hidden_reads -= 1
        raise RefusalError(404, "InvalidService.NotFound", f"Service [{service.name}] is not found")
    described = service.describe(call.world.region_id, addresses_of(call.world, service))
    if service.unlabelled_reads > 0:
        service.unlabelled_reads -= 1
        described["Labels"] = []
    if call.world.lifecycle == "per_read":
        service.step(call.world.clock)
    return described


def list_services(call: ApiCall) -> dict[str, Any]:
    """ListServices."""
    query = call.query
    labels = call.json_map("Label")
    found = [
        service
        for service in call.world.services.values()
        if query.get("Filter", "") in service.name
        and query.get("ServiceName") in {None, "", service.name}
        and query.get("ServiceStatus") in {None, "", service.status}
        and query.get("WorkspaceId") in {None, "", service.workspace_id}
        and labels.items() <= service.labels.items()
    ]
    key = {"ServiceName": _by_name, "CreateTime": _by_creation}.get(query.get("Sort") or "CreateTime")
    if key is None:
        raise invalid_parameter(f"Services cannot be sorted by {query['Sort']}.")
    found.sort(key=key, reverse=(query.get("Order") or "desc").lower() == "desc")
    page = page_by_number(found, query, default=100)
    return {
        "Services": [
            service.wire(call.world.region_id, addresses_of(call.world, service)) for service in page.items
        ],
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def _by_name(service: EmulatedService) -> tuple[Any, ...]:
    return (service.name,)


def _by_creation(service: EmulatedService) -> tuple[Any, ...]:
    return (service.created_at, service.service_id)


def describe_service_endpoints(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceEndpoints."""
    service = call.service()
    return {"AccessToken": service.access_token, "Endpoints": endpoints_of(call.world, service)}


def list_service_versions(call: ApiCall) -> dict[str, Any]:
    """ListServiceVersions, newest first."""
    page = page_by_number(call.service().versions[::-1], call.query, default=100)
    return {
        "Versions": [
            {
                "BuildTime": rfc3339(version.at),
                "ImageAvailable": "true",
                "ImageId": version.number,
                "Message": "",
                "ServiceConfig": json.dumps(version.config, ensure_ascii=False),
                "ServiceRunnable": "true",
            }
            for version in page.items
        ],
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def describe_service_event(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceEvent, newest first; the message of an event is a JSON text."""
    service = call.service()
    start, end = _time_range(call.query)
    events = [
        {
            "Time": rfc3339(event.at),
            "Type": event.type,
            "Reason": event.reason,
            "Message": json.dumps({"service": service.name, "message": event.message}),
            "Resource": f"service/{service.name}",
        }
        for event in reversed(service.events)
        if start <= event.at <= end and call.query.get("EventType") in {None, "", event.type}
    ]
    page = page_by_number(events, call.query, default=100, number_key="PageNum")
    return {
        "Events": list(page.items),
        "PageNum": page.number,
        "TotalCount": page.total,
        "TotalPageNum": page.pages,
    }


def describe_service_log(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceLog, oldest line first.

    With a keyword and a time range together only the system's own lines are searched, as observed.
    """
    service, query = call.service(), call.query
    start, end = _time_range(query)
    system_only = bool(query.get("Keyword") and (query.get("StartTime") or query.get("EndTime")))
    lines = [
        f"[{_log_time(line.at)}] [{line.instance}] {line.text}"
        for line in service.logs
        if start <= line.at <= end
        and query.get("Keyword", "") in line.text
        and query.get("InstanceName") in {None, "", line.instance}
        and not (system_only and line.from_application)
    ]
    page = page_by_number(lines, query, default=500, maximum=1000, number_key="PageNum")
    return {
        "Logs": list(page.items),
        "PageNum": page.number,
        "TotalCount": page.total,
        "TotalPageNum": page.pages,
    }


def _time_range(query: Mapping[str, str]) -> tuple[float, float]:
    return (
        _time(query, "StartTime", 0.0),
        # Until the end of that second: times are given without fractions.
        _time(query, "EndTime", float("inf")) + 0.999_999,
    )


def _time(query: Mapping[str, str], key: str, missing: float) -> float:
    text = query.get(key)
    if not text:
        return missing
    try:
        parsed = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        raise invalid_parameter(f"{key} {text!r} is not a time like 2026-01-02 03:04:05.") from None
    return parsed.timestamp()


def _log_time(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def list_service_instances(call: ApiCall) -> dict[str, Any]:
    """ListServiceInstances."""
    service = call.service()
    instances = [_instance(service, number) for number in range(len(service.instance_names))]
    page = page_by_number(instances, call.query, default=100)
    return {
        "Instances": list(page.items),
        "TotalCount": page.total,
        "PageNumber": page.number,
        "PageSize": page.size,
    }


def _instance(service: EmulatedService, number: int) -> dict[str, Any]:
    ready = number < service.ready
    processes = len(service.config["containers"])
    return {
        "InstanceName": service.instance_names[number],
        "Namespace": service.name,
        "Role": "Standalone",
        "Status": "Running" if ready else "Waiting",
        "Reason": "" if ready else service.reason,
        "InnerIP": f"10.224.0.{number + 10}",
        "HostIP": f"10.0.0.{number + 10}",
        "HostName": f"emulated-host-{number}",
        "InstancePort": service.port,
        "RestartCount": service.trouble.restarts if service.trouble else 0,
        "ReadyProcesses": processes if ready else 0,
        "TotalProcesses": processes,
        "LastState": [],
        "StartTime": rfc3339(service.created_at),
        "StartAt": rfc3339(service.created_at),
        "IsSpot": False,
        "Isolated": False,
        "ResourceType": "DedicatedResource" if service.metadata.get("resource") else "PublicResource",
    }


def list_service_containers(call: ApiCall) -> dict[str, Any]:
    """ListServiceContainers of one instance."""
    service = call.service()
    ready = _instance_number(call, service) < service.ready
    return {
        "ServiceName": service.name,
        "Containers": [
            {
                "Name": container.get("name") or f"worker{number}",
                "Image": container["image"],
                "Port": given(container, "port", DEFAULT_PORT),
                "Ready": ready,
                "RestartCount": service.trouble.restarts if service.trouble else 0,
                "CurrentStatus": "Running" if ready else "Waiting",
                "CurrentReaon": "" if ready else service.reason,
                "CurrentTimestamp": rfc3339(service.entered_at),
                "LastStatus": "Terminated" if service.trouble and service.trouble.restarts else "",
                "LastReason": service.trouble.last_reason if service.trouble else "",
                "LastTimestamp": "",
            }
            for number, container in enumerate(service.config["containers"])
        ],
    }


def describe_service_diagnosis(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceDiagnosis: empty unless the service has failed."""
    return {"DiagnosisList": _diagnoses(call.service())}


def describe_service_instance_diagnosis(call: ApiCall) -> dict[str, Any]:
    """DescribeServiceInstanceDiagnosis."""
    service = call.service()
    _instance_number(call, service)
    diagnoses = _diagnoses(service)
    return {"Diagnosis": diagnoses[0] if diagnoses else {"Error": "", "Causes": [], "Advices": []}}


def _instance_number(call: ApiCall, service: EmulatedService) -> int:
    name = call.path["InstanceName"]
    if name not in service.instance_names:
        raise RefusalError(404, "InvalidInstance.NotFound", f"Instance [{name}] is not found")
    return service.instance_names.index(name)


def _diagnoses(service: EmulatedService) -> list[dict[str, Any]]:
    if service.trouble is not None:
        if service.trouble.diagnosis is None:
            return []
        error, cause, advice = service.trouble.diagnosis
        return [{"Error": error, "Causes": [cause], "Advices": [advice]}]
    if service.status != "Failed":
        return []
    return [
        {
            "Error": service.reason or "Failed",
            "Causes": [f"The image {service.image} cannot be pulled in this region."],
            "Advices": ["Use an image of this region's registry, and the VPC address of the registry."],
        }
    ]
