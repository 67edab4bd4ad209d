"""A second opinion: Alibaba's own SDKs deploy against the emulator, blocking and asynchronous."""

import asyncio
import json

import pytest
from emulator_client import PATTERNS

pytestmark = [
    # The official packages leave sockets to the garbage collector, and call deprecated functions.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _no_metadata_server(monkeypatch):
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")


@pytest.fixture
def sdk_config(emulator):
    from alibabacloud_tea_openapi.models import Config

    known = emulator.connection()
    return Config(
        access_key_id=known["access_key_id"],
        access_key_secret=known["access_key_secret"],
        endpoint=known["endpoint_url"].removeprefix("http://"),
        protocol="http",
        region_id="cn-hangzhou",
    )


@pytest.fixture
def eas(sdk_config):
    from alibabacloud_eas20210701.client import Client

    return Client(sdk_config)


@pytest.fixture
def aiworkspace(sdk_config):
    from alibabacloud_aiworkspace20210204.client import Client

    return Client(sdk_config)


def rpc(sdk_config, action, version, query):
    """A generic RPC call, as the SDK packages of VPC, ECS and NLB make it."""
    from alibabacloud_tea_openapi.client import Client
    from alibabacloud_tea_openapi.models import OpenApiRequest, Params
    from alibabacloud_tea_util.models import RuntimeOptions

    params = Params(
        action=action,
        version=version,
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    return Client(sdk_config).call_api(params, OpenApiRequest(query=query), RuntimeOptions())["body"]


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_deployment_with_the_blocking_sdk(emulator, eas, aiworkspace, path):
    """The seven calls of a deployment, by the official blocking clients."""
    from alibabacloud_aiworkspace20210204 import models as aiworkspace_models
    from alibabacloud_eas20210701 import models as eas_models

    config = json.loads(path.read_text(encoding="utf-8"))
    name = config["metadata"]["name"]
    assert eas.list_services(eas_models.ListServicesRequest(filter=name)).body.total_count == 0
    workspaces = aiworkspace.list_workspaces(aiworkspace_models.ListWorkspacesRequest(status="ENABLED"))
    assert workspaces.body.workspaces[0].workspace_id == "123456"
    images = aiworkspace.list_images(
        aiworkspace_models.ListImagesRequest(
            labels="system.official=true,system.supported.eas=true", verbose=True, page_size=50
        )
    )
    assert config["containers"][0]["image"] in {image.image_uri for image in images.body.images}
    specs = eas.describe_machine_spec(eas_models.DescribeMachineSpecRequest()).body.instance_metas
    assert any(spec.instance_type == "ecs.gn7i-c16g1.4xlarge" for spec in specs)
    created = eas.create_service(
        eas_models.CreateServiceRequest(
            body=json.dumps(config), workspace_id="123456", labels={"eas-deploy-id": "a b&c"}
        )
    )
    assert created.body.service_id == emulator.services[name].service_id
    service = eas.describe_service("cn-hangzhou", name).body
    assert (service.status, service.image) == ("Running", config["containers"][0]["image"])
    assert [(label.label_key, label.label_value) for label in service.labels] == [("eas-deploy-id", "a b&c")]
    endpoints = eas.describe_service_endpoints("cn-hangzhou", name).body
    assert endpoints.access_token == service.access_token
    assert len(endpoints.endpoints) == 1


def test_deployment_with_the_asynchronous_sdk(emulator, eas, aiworkspace):
    """The same with the official asynchronous clients."""
    from alibabacloud_aiworkspace20210204 import models as aiworkspace_models
    from alibabacloud_eas20210701 import models as eas_models

    config = json.loads(PATTERNS[0].read_text(encoding="utf-8"))
    name = config["metadata"]["name"]

    async def deploy():
        assert (await eas.list_services_async(eas_models.ListServicesRequest())).body.total_count == 0
        images = await aiworkspace.list_images_async(aiworkspace_models.ListImagesRequest(verbose=True))
        assert images.body.total_count == 18
        specs = await eas.describe_machine_spec_async(eas_models.DescribeMachineSpecRequest())
        assert specs.body.instance_metas
        await eas.create_service_async(eas_models.CreateServiceRequest(body=json.dumps(config)))
        service = await eas.describe_service_async("cn-hangzhou", name)
        endpoints = await eas.describe_service_endpoints_async("cn-hangzhou", name)
        return service.body, endpoints.body

    service, endpoints = asyncio.run(deploy())
    assert service.status == "Running"
    assert endpoints.endpoints[0].endpoint_type == "DefaultGateway"
    assert [call.operation for call in emulator.calls] == [
        "ListServices",
        "ListImages",
        "DescribeMachineSpec",
        "CreateService",
        "DescribeService",
        "DescribeServiceEndpoints",
    ]


def test_day_two_operations(emulator, eas):
    """Everything else about a service, as the official models read it."""
    from alibabacloud_eas20210701 import models

    emulator.add_service("demo_service", labels={"a": "1", "b": "2"})
    where = ("cn-hangzhou", "demo_service")
    eas.update_service(*where, models.UpdateServiceRequest(body=json.dumps({"metadata": {"instance": 2}})))
    assert eas.describe_service(*where).body.running_instance == 2
    versions = eas.list_service_versions(*where, models.ListServiceVersionsRequest()).body.versions
    assert [version.image_id for version in versions] == [2, 1]
    instances = eas.list_service_instances(*where, models.ListServiceInstancesRequest()).body.instances
    containers = eas.list_service_containers(*where, instances[0].instance_name).body.containers
    assert (containers[0].port, containers[0].ready) == (8000, True)
    events = eas.describe_service_event(*where, models.DescribeServiceEventRequest()).body
    assert events.events[0].reason == "Running"
    assert eas.describe_service_log(*where, models.DescribeServiceLogRequest()).body.logs
    assert eas.describe_service_diagnosis(*where).body.diagnosis_list == []
    eas.update_service_label(*where, models.UpdateServiceLabelRequest(labels={"c": "3"}))
    eas.delete_service_label(*where, models.DeleteServiceLabelRequest(keys=["a", "b"]))
    assert [label.label_key for label in eas.describe_service(*where).body.labels] == ["c"]
    eas.update_service_safety_lock(*where, models.UpdateServiceSafetyLockRequest(lock="none"))
    eas.release_service(*where, models.ReleaseServiceRequest(weight=50))
    eas.update_service_version(*where, models.UpdateServiceVersionRequest(version=1))
    for change in (eas.stop_service, eas.start_service, eas.restart_service, eas.delete_service):
        assert "demo_service" in change(*where).body.message
    assert emulator.services == {}
    assert {call.status for call in emulator.calls} == {200}


def test_autoscaler(emulator, eas):
    from alibabacloud_eas20210701 import models

    emulator.add_service("demo_service")
    where = ("cn-hangzhou", "demo_service")
    strategy = models.CreateServiceAutoScalerRequestScaleStrategies(metric_name="qps", threshold=20)
    eas.create_service_auto_scaler(
        *where, models.CreateServiceAutoScalerRequest(min=1, max=3, scale_strategies=[strategy])
    )
    found = eas.describe_service_auto_scaler(*where).body
    assert (found.min_replica, found.max_replica) == (1, 3)
    assert [(one.metric_name, one.threshold) for one in found.scale_strategies] == [("qps", 20)]
    eas.delete_service_auto_scaler(*where)


def test_resources_and_gateways(eas):
    from alibabacloud_eas20210701 import models

    groups = eas.list_resources(models.ListResourcesRequest(resource_type="Dedicated")).body.resources
    assert [(group.resource_id, group.status) for group in groups] == [
        ("eas-r-d29k8ytqxzxmqi7l0s", "ResourceReady")
    ]
    assert eas.describe_resource("cn-hangzhou", groups[0].resource_id).body.memory == 1_500_000
    gateways = eas.list_gateway(models.ListGatewayRequest()).body.gateways
    gateway_id = gateways[0].gateway_id
    assert eas.describe_gateway("cn-hangzhou", gateway_id).body.status == "Running"
    linked = eas.list_gateway_intranet_linked_vpc("cn-hangzhou", gateway_id)
    assert len(linked.body.intranet_linked_vpc_list) == 2


def test_rpc_products(emulator, sdk_config):
    """VPC, ECS and NLB by the generic RPC client."""
    region = {"RegionId": "cn-hangzhou"}
    emulator.add_load_balancer("nlb-a", vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"], listener_ports=[80])
    assert rpc(sdk_config, "DescribeVpcs", "2016-04-28", region)["TotalCount"] == 3
    vswitches = rpc(sdk_config, "DescribeVSwitches", "2016-04-28", {"VpcId": "vpc-xxx"})
    assert len(vswitches["VSwitches"]["VSwitch"]) == 2
    groups = rpc(sdk_config, "DescribeSecurityGroups", "2014-05-26", {**region, "VpcId": "vpc-xxx"})
    assert len(groups["SecurityGroups"]["SecurityGroup"]) == 1
    balancers = rpc(sdk_config, "ListLoadBalancers", "2022-04-30", {"VpcIds.1": "vpc-xxx"})
    assert [balancer["LoadBalancerId"] for balancer in balancers["LoadBalancers"]] == ["nlb-a"]
    attribute = rpc(sdk_config, "GetLoadBalancerAttribute", "2022-04-30", {"LoadBalancerId": "nlb-a"})
    assert attribute["VpcId"] == "vpc-xxx"
    assert rpc(sdk_config, "ListListeners", "2022-04-30", {})["TotalCount"] == 1


def test_errors_reach_the_sdk(eas):
    """The official client finds code, message and status where it looks for them."""
    from Tea.exceptions import TeaException

    with pytest.raises(TeaException) as caught:
        eas.describe_service("cn-hangzhou", "nothing")
    assert caught.value.code == "InvalidService.NotFound"
    assert caught.value.statusCode == 404


def test_session_credentials(emulator, sdk_config):
    """The official client's STS signature verifies."""
    from alibabacloud_eas20210701 import models
    from alibabacloud_eas20210701.client import Client

    session = emulator.add_session()
    sdk_config.access_key_id = session["access_key_id"]
    sdk_config.access_key_secret = session["access_key_secret"]
    sdk_config.security_token = session["security_token"]
    assert Client(sdk_config).list_services(models.ListServicesRequest()).body.total_count == 0
