"""Each call as it goes over the wire: method, path, query and body, written by hand from the API reference."""

import json

import pytest

from eas_deploy import calls
from eas_deploy.clients import official

SERVICES = "/api/v2/services"
ONE = "/api/v2/services/cn-hangzhou/my_svc"
PAGE = {"PageNumber": "1", "PageSize": "100"}
REGION = {"RegionId": "cn-hangzhou"}

EAS = [
    (
        calls.CreateService({"metadata": {"name": "d"}}, {"team": "a b"}, "123456", "true"),
        ("POST", SERVICES, {"Labels": '{"team":"a b"}', "WorkspaceId": "123456", "Develop": "true"}),
        {"metadata": {"name": "d"}},
    ),
    (calls.DescribeService("my_svc"), ("GET", ONE, {}), None),
    (
        calls.ListServices("q", "qwen", "Running", "123456", {"team": "a"}, "CreateTime", "desc"),
        (
            "GET",
            SERVICES,
            {
                "Filter": "q",
                "ServiceName": "qwen",
                "ServiceStatus": "Running",
                "WorkspaceId": "123456",
                "Label": '{"team":"a"}',
                "Sort": "CreateTime",
                "Order": "desc",
                **PAGE,
            },
        ),
        None,
    ),
    (calls.DescribeServiceEndpoints("my_svc"), ("GET", f"{ONE}/endpoints", {}), None),
    (calls.DescribeMachineSpec(), ("GET", "/api/v2/public/instance_types", {}), None),
    (
        calls.DescribeMachineSpec(["ecs.c6.large", "ecs.c6.xlarge"]),
        ("GET", "/api/v2/public/instance_types", {"InstanceTypes": "ecs.c6.large,ecs.c6.xlarge"}),
        None,
    ),
    (
        calls.ListGateway("gw-1", "mine", page_number=2),
        (
            "GET",
            "/api/v2/gateways",
            {"GatewayId": "gw-1", "GatewayName": "mine", "PageNumber": "2", "PageSize": "100"},
        ),
        None,
    ),
    (calls.DescribeGateway("gw-1"), ("GET", "/api/v2/gateways/cn-hangzhou/gw-1", {}), None),
    (
        calls.ListGatewayIntranetLinkedVpc("gw-1"),
        ("GET", "/api/v2/gateways/cn-hangzhou/gw-1/intranet_endpoint_linked_vpc", {}),
        None,
    ),
    (
        calls.ListResources("Dedicated", "ResourceReady", "eas-r-1", "mine"),
        (
            "GET",
            "/api/v2/resources",
            {
                "ResourceType": "Dedicated",
                "ResourceStatus": "ResourceReady",
                "ResourceId": "eas-r-1",
                "ResourceName": "mine",
                **PAGE,
            },
        ),
        None,
    ),
    (calls.DescribeResource("eas-r-1"), ("GET", "/api/v2/resources/cn-hangzhou/eas-r-1", {}), None),
    (
        calls.UpdateService("my_svc", {"metadata": {"instance": 2}}, "merge"),
        ("PUT", ONE, {"UpdateType": "merge"}),
        {"metadata": {"instance": 2}},
    ),
    (calls.DeleteService("my_svc"), ("DELETE", ONE, {}), None),
    (calls.StopService("my_svc"), ("PUT", f"{ONE}/stop", {}), None),
    (calls.StartService("my_svc"), ("PUT", f"{ONE}/start", {}), None),
    (calls.RestartService("my_svc"), ("PUT", f"{ONE}/restart", {}), None),
    (
        calls.ReleaseService("my_svc", "grouping", 50),
        ("PUT", f"{ONE}/release", {}),
        {"TrafficState": "grouping", "Weight": 50},
    ),
    (calls.UpdateServiceVersion("my_svc", 3), ("PUT", f"{ONE}/version", {}), {"Version": 3}),
    (calls.ListServiceVersions("my_svc"), ("GET", f"{ONE}/versions", PAGE), None),
    (calls.UpdateServiceSafetyLock("my_svc", "all"), ("PUT", f"{ONE}/lock", {}), {"Lock": "all"}),
    (
        calls.CreateServiceAutoScaler("my_svc", 1, 5, [{"metricName": "qps", "threshold": 10}]),
        ("POST", f"{ONE}/autoscaler", {}),
        {"min": 1, "max": 5, "scaleStrategies": [{"metricName": "qps", "threshold": 10}]},
    ),
    (
        calls.UpdateServiceAutoScaler("my_svc", 1, 5, [], {"onZero": {"scaleDownGracePeriodSeconds": 60}}),
        ("PUT", f"{ONE}/autoscaler", {}),
        {
            "min": 1,
            "max": 5,
            "scaleStrategies": [],
            "behavior": {"onZero": {"scaleDownGracePeriodSeconds": 60}},
        },
    ),
    (calls.DescribeServiceAutoScaler("my_svc"), ("GET", f"{ONE}/autoscaler", {}), None),
    (calls.DeleteServiceAutoScaler("my_svc"), ("DELETE", f"{ONE}/autoscaler", {}), None),
    (calls.UpdateServiceLabel("my_svc", {"a": "1"}), ("PUT", f"{ONE}/label", {}), {"Labels": {"a": "1"}}),
    (calls.DeleteServiceLabel("my_svc", ["a", "b"]), ("DELETE", f"{ONE}/label", {"Keys": "a,b"}), None),
    (
        calls.DescribeServiceEvent("my_svc", "2026-01-01 00:00:00", "2026-01-02 00:00:00", "Warning", "i-0"),
        (
            "GET",
            f"{ONE}/events",
            {
                "StartTime": "2026-01-01 00:00:00",
                "EndTime": "2026-01-02 00:00:00",
                "EventType": "Warning",
                "InstanceName": "i-0",
                "PageNum": "1",
                "PageSize": "100",
            },
        ),
        None,
    ),
    (
        calls.DescribeServiceLog("my_svc", "i-0", "c", "word", "s", "e", previous=True, page_number=2),
        (
            "GET",
            f"{ONE}/logs",
            {
                "InstanceName": "i-0",
                "ContainerName": "c",
                "Keyword": "word",
                "StartTime": "s",
                "EndTime": "e",
                "Previous": "True",
                "PageNum": "2",
                "PageSize": "500",
            },
        ),
        None,
    ),
    (calls.ListServiceInstances("my_svc"), ("GET", f"{ONE}/instances", PAGE), None),
    (calls.ListServiceContainers("my_svc", "i-0"), ("GET", f"{ONE}/instances/i-0/containers", {}), None),
    (calls.DescribeServiceDiagnosis("my_svc"), ("GET", f"{ONE}/diagnosis", {}), None),
    (
        calls.DescribeServiceInstanceDiagnosis("my_svc", "i-0"),
        ("GET", f"{ONE}/instances/i-0/diagnosis", {}),
        None,
    ),
]

AIWORKSPACE = [
    (
        calls.ListImages(
            "system.official=true,system.supported.eas=true",
            "vllm",
            verbose=True,
            sort_by="GmtCreateTime",
            order="DESC",
            workspace_id="123456",
            query="x",
            accessibility="PUBLIC",
        ),
        (
            "GET",
            "/api/v1/images",
            {
                "Labels": "system.official=true,system.supported.eas=true",
                "Name": "vllm",
                "Verbose": "True",
                "SortBy": "GmtCreateTime",
                "Order": "DESC",
                "WorkspaceId": "123456",
                "Query": "x",
                "Accessibility": "PUBLIC",
                "PageNumber": "1",
                "PageSize": "50",
            },
        ),
        None,
    ),
    (
        calls.GetImage("image-1", verbose=False),
        ("GET", "/api/v1/images/image-1", {"Verbose": "False"}),
        None,
    ),
    (
        calls.ListWorkspaces("ENABLED", verbose=False, workspace_name="w"),
        (
            "GET",
            "/api/v1/workspaces",
            {
                "Status": "ENABLED",
                "Verbose": "False",
                "WorkspaceName": "w",
                "PageNumber": "1",
                "PageSize": "20",
            },
        ),
        None,
    ),
    (
        calls.ListDatasets("123456", "d", "OSS"),
        (
            "GET",
            "/api/v1/datasets",
            {
                "WorkspaceId": "123456",
                "Name": "d",
                "DataSourceTypes": "OSS",
                "PageNumber": "1",
                "PageSize": "10",
            },
        ),
        None,
    ),
]

RPC = [
    (
        calls.DescribeVpcs("vpc-1"),
        ("POST", "/", {**REGION, "VpcId": "vpc-1", "PageNumber": "1", "PageSize": "50"}),
        None,
    ),
    (
        calls.DescribeVSwitches("vpc-1", "cn-hangzhou-h", "vsw-1"),
        (
            "POST",
            "/",
            {
                **REGION,
                "VpcId": "vpc-1",
                "ZoneId": "cn-hangzhou-h",
                "VSwitchId": "vsw-1",
                "PageNumber": "1",
                "PageSize": "50",
            },
        ),
        None,
    ),
    (
        calls.DescribeSecurityGroups("vpc-1", next_token="t"),
        ("POST", "/", {**REGION, "VpcId": "vpc-1", "NextToken": "t", "MaxResults": "100"}),
        None,
    ),
    (
        calls.ListLoadBalancers(["vpc-1", "vpc-2"], ["nlb-1"]),
        (
            "POST",
            "/",
            {
                **REGION,
                "VpcIds.1": "vpc-1",
                "VpcIds.2": "vpc-2",
                "LoadBalancerIds.1": "nlb-1",
                "MaxResults": "100",
            },
        ),
        None,
    ),
    (
        calls.GetLoadBalancerAttribute("nlb-1"),
        ("POST", "/", {**REGION, "LoadBalancerId": "nlb-1"}),
        None,
    ),
    (
        calls.ListListeners(["nlb-1"]),
        ("POST", "/", {**REGION, "LoadBalancerIds.1": "nlb-1", "MaxResults": "100"}),
        None,
    ),
]
VERSIONS = {
    "eas": "2021-07-01",
    "aiworkspace": "2021-02-04",
    "vpc": "2016-04-28",
    "ecs": "2014-05-26",
    "nlb": "2022-04-30",
}


def name_of(value):
    return value.operation if isinstance(value, calls.Call) else ""


@pytest.mark.parametrize(("call", "expected", "body"), EAS + AIWORKSPACE + RPC, ids=name_of)
def test_the_request_of_each_operation(call, expected, body):
    wire = official.prepare(call, "cn-hangzhou")
    assert (wire.method, wire.path, dict(wire.query)) == expected
    assert (None if wire.body is None else json.loads(wire.body)) == body
    assert (wire.action, wire.version) == (call.operation, VERSIONS[call.product])
    assert wire.style == ("ROA" if call.product in {"eas", "aiworkspace"} else "RPC")


def test_every_operation_has_its_request_in_the_table():
    every = {
        value for value in vars(calls).values() if isinstance(value, type) and hasattr(value, "operation")
    }
    assert {type(call) for call, _, _ in EAS + AIWORKSPACE + RPC} == every


@pytest.mark.parametrize(
    "call", [calls.ListServices(), calls.DescribeVpcs(), calls.CreateService({})], ids=name_of
)
def test_an_argument_that_is_none_is_not_sent(call):
    assert "None" not in official.prepare(call, "cn-hangzhou").query.values()


def test_names_are_encoded_in_paths():
    """A name with a slash must not become another path."""
    wire = official.prepare(calls.DescribeService("a/b c"), "cn-hangzhou")
    assert wire.path == "/api/v2/services/cn-hangzhou/a%2Fb%20c"


def test_a_body_keeps_nulls_order_and_letters():
    """Nothing is invented or lost on the way from a service JSON to the wire."""
    body = {"z": None, "a": [None, {}], "name": "模型", "float": 1.0, "list": []}
    wire = official.prepare(calls.CreateService(body), "cn-hangzhou")
    assert wire.body == '{"z":null,"a":[null,{}],"name":"模型","float":1.0,"list":[]}'.encode()


def test_autoscaler_keys_newer_than_the_sdk_are_kept():
    call = calls.CreateServiceAutoScaler("x", 1, 2, [{"metricName": "qps", "newKey": 1}], {"newKey": 2})
    body = json.loads(official.prepare(call, "cn-hangzhou").body)
    assert body["scaleStrategies"] == [{"metricName": "qps", "newKey": 1}]
    assert body["behavior"] == {"newKey": 2}
