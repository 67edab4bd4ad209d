"""Looking at services: lists, events, logs, instances, containers."""

import json

import pytest

from eas_deploy.emulator import Emulator


def names(caller, **query):
    return [
        service["ServiceName"]
        for service in caller.eas("ListServices", "GET", "/services", query)["Services"]
    ]


def test_filter_is_fuzzy_and_name_is_exact(emulator, caller):
    for name in ("qwen_one", "qwen_one_more", "llama_one"):
        emulator.add_service(name)
    assert sorted(names(caller, Filter="qwen")) == ["qwen_one", "qwen_one_more"]
    assert names(caller, ServiceName="qwen_one") == ["qwen_one"]


def test_other_filters(emulator, caller):
    emulator.add_service("first_one", status="Stopped", labels={"team": "a"})
    emulator.add_service("second_one", workspace_id="123456")
    assert names(caller, ServiceStatus="Stopped") == ["first_one"]
    assert names(caller, WorkspaceId="123456") == ["second_one"]
    assert names(caller, Label='{"team":"a"}') == ["first_one"]
    assert names(caller, Label='{"team":"b"}') == []


def test_services_page_and_sort(emulator, caller):
    """A hundred on a page, newest first, or sorted by name."""
    for number in range(105):
        emulator.add_service(f"service_{number:03}")
    assert len(names(caller)) == 100
    assert names(caller, PageNumber=2, Sort="ServiceName", Order="asc") == [
        f"service_{n}" for n in range(100, 105)
    ]
    assert names(caller, PageSize=1) == ["service_104"]
    answer = caller.eas("ListServices", "GET", "/services", {"PageSize": 7})
    assert (answer["TotalCount"], answer["PageNumber"], answer["PageSize"]) == (105, 1, 7)
    assert caller.send("ListServices", path="/api/v2/services", query={"PageSize": "101"}).status_code == 400
    assert caller.send("ListServices", path="/api/v2/services", query={"Sort": "Colour"}).status_code == 400


def test_a_list_tells_no_token(emulator, caller):
    """Tokens and configs are told by DescribeService alone."""
    emulator.add_service("demo_service")
    listed = caller.eas("ListServices", "GET", "/services")["Services"][0]
    described = caller.describe("demo_service")
    assert set(described) - set(listed) == {"AccessToken", "ServiceConfig", "RequestId"}


def test_events(make_caller, config):
    """Events come newest first; the message of each is a JSON text."""
    with Emulator(lifecycle="per_read") as emulator:
        caller = make_caller(emulator)
        caller.create(config)
        for _ in range(2):
            caller.describe("demo_service")
        answer = caller.service("DescribeServiceEvent", "GET", "demo_service", "/events")
    assert [event["Reason"] for event in answer["Events"]] == ["Running", "Waiting", "Creating"]
    assert json.loads(answer["Events"][0]["Message"])["service"] == "demo_service"
    assert (answer["TotalCount"], answer["TotalPageNum"], answer["PageNum"]) == (3, 1, 1)


def test_events_by_type_and_time(emulator, caller, config):
    config["containers"][0]["image"] = "unpullable"
    caller.create(config)

    def reasons(**query):
        answer = caller.service("DescribeServiceEvent", "GET", "demo_service", "/events", query)
        return [event["Reason"] for event in answer["Events"]]

    assert reasons(EventType="Warning") == ["ImagePullBackOff"]
    assert reasons(StartTime="2999-01-01 00:00:00") == []
    assert reasons(EndTime="2000-01-01 00:00:00") == []
    assert reasons(PageSize="1", PageNum="2") == ["Waiting"]
    path = "/api/v2/services/cn-hangzhou/demo_service/events"
    assert caller.send("DescribeServiceEvent", path=path, query={"StartTime": "today"}).status_code == 400


def test_logs(emulator, caller):
    emulator.add_service("demo_service")
    instance = emulator.services["demo_service"].instance_names[0]

    def logs(**query):
        return caller.service("DescribeServiceLog", "GET", "demo_service", "/logs", query)["Logs"]

    listening = [line for line in logs() if "Server listening on 0.0.0.0:8000" in line]
    assert len(listening) == 1
    assert logs(Keyword="listening") == listening
    assert logs(InstanceName=instance) == logs()
    assert logs(InstanceName="other") == []
    assert logs(PageSize="1", PageNum="2") == logs()[1:2]


def test_keyword_with_a_time_range_drops_application_logs(emulator, caller):
    """A quirk of the real service, observed."""
    emulator.add_service("demo_service")
    query = {"Keyword": "Se", "StartTime": "2000-01-01 00:00:00"}
    lines = caller.service("DescribeServiceLog", "GET", "demo_service", "/logs", query)["Logs"]
    assert lines
    assert not any("listening" in line for line in lines)


def test_instances(emulator, caller, config):
    config["metadata"]["instance"] = 2
    emulator.add_service("demo_service", config=config)
    answer = caller.service("ListServiceInstances", "GET", "demo_service", "/instances")
    assert [instance["Status"] for instance in answer["Instances"]] == ["Running", "Running"]
    assert len({instance["InstanceName"] for instance in answer["Instances"]}) == 2
    assert (answer["Instances"][0]["ReadyProcesses"], answer["Instances"][0]["TotalProcesses"]) == (1, 1)
    page = caller.service("ListServiceInstances", "GET", "demo_service", "/instances", {"PageSize": 1})
    assert (len(page["Instances"]), page["TotalCount"]) == (1, 2)


def test_waiting_instances(emulator, caller):
    emulator.add_service("demo_service", status="Waiting")
    answer = caller.service("ListServiceInstances", "GET", "demo_service", "/instances")
    assert [instance["Status"] for instance in answer["Instances"]] == ["Waiting"]


def test_containers_and_diagnosis_of_an_instance(emulator, caller):
    emulator.add_service("demo_service")
    name = emulator.services["demo_service"].instance_names[0]
    containers = caller.service(
        "ListServiceContainers", "GET", "demo_service", f"/instances/{name}/containers"
    )
    assert [(one["Port"], one["Ready"], one["CurrentReaon"]) for one in containers["Containers"]] == [
        (8000, True, "")
    ]
    diagnosis = caller.service(
        "DescribeServiceInstanceDiagnosis", "GET", "demo_service", f"/instances/{name}/diagnosis"
    )
    assert diagnosis["Diagnosis"] == {"Error": "", "Causes": [], "Advices": []}


@pytest.mark.parametrize("action", ["ListServiceContainers", "DescribeServiceInstanceDiagnosis"])
def test_unknown_instance(emulator, caller, action):
    emulator.add_service("demo_service")
    tail = "containers" if action == "ListServiceContainers" else "diagnosis"
    answer = caller.send(action, path=f"/api/v2/services/cn-hangzhou/demo_service/instances/none/{tail}")
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidInstance.NotFound")
