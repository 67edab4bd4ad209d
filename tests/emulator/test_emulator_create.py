"""CreateService: what it accepts, what it refuses, and that it happens once."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from emulator_client import PATTERNS, REAL

EXPECTED = json.loads((REAL[0].parent / "expected.json").read_text(encoding="utf-8"))
GOOD_REAL = [path for path in REAL if not EXPECTED[path.name]["errors"]]
GATEWAY = "gw-48hmbdt00fi6x90gft"
GATEWAY_NETWORK = {
    "vpc_id": "vpc-bp13kiflgde6v9dc9smc8",
    "vswitch_id": "vsw-bp1bhmnwqdh1ta9z9klms",
    "security_group_id": "sg-bp1e36bfv61nfy1yudyc",
}
NLB_NETWORK = {"vpc_id": "vpc-xxx", "vswitch_id": "vsw-zone-a,vsw-zone-b", "security_group_id": "sg-xxx"}
LISTENER = {"id": "default", "listener_port": 18000, "netType": "intranet"}
GROUP = "eas-r-d29k8ytqxzxmqi7l0s"


def changed(config, path, value):
    """A copy of ``config`` with the value at a dotted path set; None removes it."""
    config = copy.deepcopy(config)
    *parents, last = path.split(".")
    place = config
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return config


def refusal(answer):
    body = answer.json()
    assert "ServiceId" not in body
    assert body["HttpCode"] == answer.status_code
    return answer.status_code, body["Code"], body["Message"]


def test_null_is_like_a_missing_key(caller, config):
    config["metadata"]["instance"] = config["containers"][0]["port"] = None
    config["containers"][0]["script"] = None
    config["autoscaler"] = {"min": None, "max": None, "scaleStrategies": None}
    assert caller.create(config).json()["Status"] == "Creating"
    assert caller.describe("demo_service")["TotalInstance"] == 1


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_pattern_deploys(emulator, caller, path):
    """Each of the eight published patterns deploys as it is."""
    config = json.loads(path.read_text(encoding="utf-8"))
    name = config["metadata"]["name"]
    answer = caller.create(config).json()
    assert (answer["ServiceName"], answer["Status"]) == (name, "Creating")
    assert answer["ServiceId"].startswith("eas-m-")
    assert answer["Region"] == "cn-hangzhou"
    described = caller.describe(name)
    assert (described["Status"], described["ServiceId"]) == ("Running", answer["ServiceId"])
    assert json.loads(described["ServiceConfig"]) == config
    assert caller.endpoints(name)["Endpoints"]


def test_there_are_eight_patterns():
    assert len(PATTERNS) == 8


@pytest.mark.parametrize("path", GOOD_REAL, ids=lambda path: path.stem)
def test_real_config_is_accepted(emulator, caller, path):
    """Configs that people deploy are accepted where the network that they name exists."""
    config = json.loads(path.read_text(encoding="utf-8"))
    network = config.get("cloud", {}).get("networking", {})
    if network:
        emulator.add_vpc(network["vpc_id"])
        emulator.add_vswitch(network["vpc_id"], vswitch_id=network["vswitch_id"])
        emulator.add_security_group(network["vpc_id"], network["security_group_id"])
    assert caller.create(config).status_code == 200


def test_real_config_without_a_name(caller):
    nameless = next(path for path in REAL if "name.required" in EXPECTED[path.name]["errors"])
    answer = caller.create(json.loads(nameless.read_text(encoding="utf-8")))
    assert refusal(answer) == (409, "InvalidParameter", "Service name is empty")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"'])
def test_body_has_to_be_an_object(caller, body):
    status, code, _ = refusal(caller.send("CreateService", "POST", "/api/v2/services", body=body))
    assert (status, code) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("metadata.name", "has-hyphen", "name is invalid"),
        ("metadata.name", "ab", "name is invalid"),
        ("metadata.name", "a" * 64, "name is invalid"),
        ("name", "another_name", "are different"),
        ("metadata.instance", -1, "metadata.instance"),
        ("metadata", [1], "metadata is not a JSON object"),
        ("spec", {}, "unknown fields: spec"),
        ("processor", "pmml", "unknown fields: processor"),
        ("contaners", [], "unknown fields: contaners"),
        ("containers", None, "containers is empty"),
        ("containers", [], "containers is empty"),
        ("containers", ["vllm"], "containers[0].image"),
        ("containers.0.image", None, "containers[0].image"),
        ("containers.0.image", "", "containers[0].image"),
        ("containers.0.command", ["run"], "containers[0].command is not a JSON string"),
        ("containers.0.env", {"A": "1"}, "containers[0].env is not a JSON array"),
        ("containers.0.port", 0, "containers[0].port"),
        ("containers.0.port", 65536, "containers[0].port"),
        ("containers.0.port", "8000", "containers[0].port"),
        ("containers.0.port", 8080, "reserved"),
        ("containers.0.port", 9090, "reserved"),
        ("containers.0.script", "run", "command and script"),
        ("metadata.cpu", "4", "metadata.cpu is not a JSON integer"),
        ("metadata.name", ["demo"], "metadata.name is not a JSON string"),
        ("labels", "a=b", "labels is not a JSON object"),
        ("networking.nlb", {}, "networking.nlb is not a JSON array"),
        ("cloud.networking.vpc_id", 1, "cloud.networking.vpc_id is not a JSON string"),
        ("cloud", None, "No resource"),
        ("cloud.computing", {"disable_spot_protection_period": True}, "names no instance type"),
        ("cloud.computing.instances", [{"type": "ecs.c6.large"}], "exclude each other"),
        ("cloud.computing", {"instances": ["ecs.c6.large"]}, "needs a type"),
        ("cloud.computing.instance_type", "ecs.made.up", "does not exist"),
        ("cloud.computing.instance_type", "ecs.gn6e-c12g1.24xlarge", "out of stock"),
        ("metadata.resource", GROUP, "exclude each other"),
        ("metadata.resource", "group-1", "not a resource group id"),
        ("metadata.workspace_id", "999", "Workspace 999"),
        ("storage", {}, "storage is not a JSON array"),
        ("storage.0.mount_path", "model_dir", "absolute path"),
        ("storage.0.nfs", {"server": "s", "path": "/"}, "exactly one of"),
        ("storage.0.oss", None, "exactly one of"),
        ("storage.0.oss.path", "s3://bucket/", "oss://"),
        (
            "storage",
            [{"mount_path": "/m", "oss": {}}, {"mount_path": "/x/../m/", "oss": {}}],
            "mounted twice",
        ),
        ("autoscaler", {"min": 2, "max": 2}, "must be greater"),
        ("autoscaler", {"min": -1, "max": 2}, "autoscaler.min"),
        ("autoscaler", [], "autoscaler is not a JSON object"),
        ("autoscaler", {"scaleStrategies": ["qps"]}, "scaleStrategies"),
        ("autoscaler", {"scaleStrategies": [{"metricName": "qps"}]}, "a threshold"),
        ("autoscaler", {"strategies": {"qps": "10"}}, "a threshold"),
        ("cloud.networking", {"vpc_id": "vpc-none"}, "VPC vpc-none does not exist"),
        ("cloud.networking", {**NLB_NETWORK, "vswitch_id": "vsw-none"}, "vSwitch vsw-none does not exist"),
        ("cloud.networking", {**NLB_NETWORK, "vswitch_id": "vsw-emudefaulth"}, "is not in VPC vpc-xxx"),
        ("cloud.networking", {**NLB_NETWORK, "security_group_id": "sg-none"}, "group sg-none does not exist"),
        ("cloud.networking", {**NLB_NETWORK, "security_group_id": "sg-emudefault"}, "is not in VPC vpc-xxx"),
    ],
)
def test_refused(emulator, caller, config, path, value, says):
    """Each of these is a 400 InvalidParameter that says what is wrong, and creates nothing."""
    status, code, message = refusal(caller.create(changed(config, path, value)))
    assert (status, code) == (400, "InvalidParameter")
    assert says in message
    assert emulator.services == {}


def with_network(config, network, networking):
    return {**config, "cloud": {**config["cloud"], "networking": network}, "networking": networking}


@pytest.mark.parametrize(
    ("network", "networking", "says"),
    [
        (GATEWAY_NETWORK, {"gateway": "gw-none"}, "Gateway gw-none does not exist"),
        (NLB_NETWORK, {"gateway": GATEWAY}, "is not linked to VPC vpc-xxx"),
        ({}, {"gateway": GATEWAY}, "vpcId, vswId and securityGroupId are required"),
        (GATEWAY_NETWORK, {"gateway": GATEWAY, "nlb": [LISTENER]}, "exclude each other"),
        ({}, {"nlb": [LISTENER]}, "vpcId, vswId and securityGroupId are required"),
        ({**NLB_NETWORK, "vswitch_id": ""}, {"nlb": [LISTENER]}, "vswitch can not be null"),
        ({**NLB_NETWORK, "vswitch_id": "vsw-zone-a"}, {"nlb": [LISTENER]}, "at least two zones"),
        (NLB_NETWORK, {"nlb": []}, None),
        (NLB_NETWORK, {"nlb": ["default"]}, "needs an id"),
        (NLB_NETWORK, {"nlb": [{"listener_port": 1}]}, "needs an id"),
        (NLB_NETWORK, {"nlb": [{**LISTENER, "listener_port": 8080}]}, "reserved"),
        (NLB_NETWORK, {"nlb": [{**LISTENER, "listener_port": 0}]}, "listener_port"),
        (NLB_NETWORK, {"nlb": [LISTENER, LISTENER]}, "repeats another listener"),
        (NLB_NETWORK, {"nlb": [{**LISTENER, "netType": "lan"}]}, "intranet or internet"),
        (NLB_NETWORK, {"nlb": [LISTENER, {"id": "nlb-a", "listener_port": 1}]}, "exclude each other"),
        (NLB_NETWORK, {"nlb": [{"id": "nlb-none", "listener_port": 1}]}, "NLB nlb-none does not exist"),
    ],
)
def test_network_refused(caller, config, network, networking, says):
    """Gateways and NLBs need a complete network whose parts exist and fit; an empty NLB list is none."""
    answer = caller.create(with_network(config, network, networking))
    if says is None:
        assert answer.status_code == 200
    else:
        status, code, message = refusal(answer)
        assert (status, code) == (400, "InvalidParameter")
        assert says in message


def test_gateway_that_does_not_run(emulator, caller, config):
    emulator.add_gateway("gw-stopped", vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"], status="Stopped")
    answer = caller.create(with_network(config, NLB_NETWORK, {"gateway": "gw-stopped"}))
    assert "gw-stopped is Stopped" in refusal(answer)[2]


@pytest.mark.parametrize(
    ("vpc_id", "port", "says"),
    [("vpc-emudefault", 18001, "is not in VPC vpc-xxx"), ("vpc-xxx", 443, "has a listener at port 443")],
)
def test_existing_nlb_that_does_not_fit(emulator, caller, config, vpc_id, port, says):
    vswitches = ["vsw-emudefaulth"] if vpc_id == "vpc-emudefault" else ["vsw-zone-a", "vsw-zone-b"]
    nlb = emulator.add_load_balancer(vpc_id=vpc_id, vswitch_ids=vswitches, listener_ports=[443])
    networking = {"nlb": [{"id": nlb, "listener_port": port, "net_type": "intranet"}]}
    assert says in refusal(caller.create(with_network(config, NLB_NETWORK, networking)))[2]


def test_existing_nlb_with_one_vswitch(emulator, caller, config):
    """Two zones are asked of a new NLB only; an existing one has its own."""
    nlb = emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a", "vsw-zone-b"])
    networking = {"nlb": [{"id": nlb, "listener_port": 18002, "netType": "intranet"}]}
    network = {**NLB_NETWORK, "vswitch_id": "vsw-zone-a"}
    assert caller.create(with_network(config, network, networking)).status_code == 200


def in_group(config, **metadata):
    config = {key: value for key, value in config.items() if key != "cloud"}
    sizes = {"resource": GROUP, "cpu": 4, "memory": 8000, "gpu": 1}
    return {**config, "metadata": {**config["metadata"], **sizes, **metadata}}


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"resource": "eas-r-none"}, "does not exist"),
        ({"cpu": 193}, "not enough resources"),
        ({"memory": 1_500_001}, "not enough resources"),
        ({"gpu": 5, "instance": 3}, "not enough resources"),
    ],
)
def test_resource_group_refused(caller, config, metadata, says):
    assert says in refusal(caller.create(in_group(config, **metadata)))[2]


def test_resource_group_that_is_not_ready(emulator, caller, config):
    emulator.add_resource_group("eas-r-new", status="ResourceCreating")
    assert "ResourceCreating" in refusal(caller.create(in_group(config, resource="eas-r-new")))[2]


def test_resource_group_fills_up(caller, config):
    """What running services take is not there for the next one."""
    assert caller.create(in_group(config, name="first_one", gpu=8)).status_code == 200
    assert "not enough" in refusal(caller.create(in_group(config, name="second_one", gpu=8)))[2]


@pytest.mark.parametrize(
    "extra",
    [
        {"metadata": {"resource_burstable": True}, "computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
        {
            "metadata": {},
            "computing": {"instances": [{"type": "dedicated_resource"}, {"type": "ecs.c6.large"}]},
        },
    ],
)
def test_elastic_pool(caller, config, extra):
    """A group that may burst into the public machines takes computing too, and is never too small."""
    elastic = in_group(config, cpu=500, **extra["metadata"])
    assert caller.create({**elastic, "cloud": {"computing": extra["computing"]}}).status_code == 200


def test_any_instance_type_in_stock_is_enough(caller, config):
    types = [{"type": "ecs.gn6e-c12g1.24xlarge"}, {"type": "ecs.gn7i-c16g1.4xlarge"}]
    assert caller.create(changed(config, "cloud.computing", {"instances": types})).status_code == 200


def test_duplicate_name(emulator, caller, config):
    """A second service of that name is refused with 409, and the first stays as it is."""
    first = caller.create(config).json()["ServiceId"]
    status, code, message = refusal(caller.create(changed(config, "metadata.instance", 5)))
    assert (status, code) == (409, "ServiceAlreadyExists")
    assert "demo_service" in message
    assert emulator.services["demo_service"].service_id == first
    assert emulator.services["demo_service"].replicas == 1


def test_services_ever_made(emulator, caller, config):
    """Services that are gone still count; refused ones never did."""
    caller.create(config)
    caller.create(config)
    caller.service("DeleteService", "DELETE", "demo_service")
    assert (emulator.services, emulator.services_made) == ({}, 1)
    emulator.reset()
    assert emulator.services_made == 0


def test_concurrent_creates_make_one_service(emulator, make_caller, config):
    """Of many simultaneous creates of one name exactly one succeeds."""
    callers = [make_caller(emulator) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(
            answer.status_code for answer in pool.map(lambda caller: caller.create(config), callers)
        )
    assert statuses == [200] + [409] * 7
    assert len(emulator.services) == 1


def test_labels_of_query_and_body(caller, config):
    """Labels of the query join the body's, and are shown as key and value."""
    config["labels"] = {"team": "a", "kept": "yes"}
    caller.create(config, {"Labels": '{"eas-deploy-id":"1","team":"b"}'})
    labels = {label["LabelKey"]: label["LabelValue"] for label in caller.describe("demo_service")["Labels"]}
    assert labels == {"team": "b", "kept": "yes", "eas-deploy-id": "1"}


@pytest.mark.parametrize("labels", ["{", "[]", '"x"'])
def test_labels_have_to_be_a_map(emulator, caller, config, labels):
    assert refusal(caller.create(config, {"Labels": labels}))[0] == 400
    assert emulator.services == {}


def test_workspace_of_query(emulator, caller, config):
    caller.create(config, {"WorkspaceId": "123456"})
    assert caller.describe("demo_service")["WorkspaceId"] == "123456"


def test_two_workspaces(emulator, caller, config):
    emulator.add_workspace("7")
    answer = caller.create(changed(config, "metadata.workspace_id", "7"), {"WorkspaceId": "123456"})
    assert "two different workspaces" in refusal(answer)[2].lower()


def test_size_of_an_instance(caller, config):
    """Size comes from the instance type, memory in MB, unless metadata says otherwise."""
    caller.create(config)
    described = caller.describe("demo_service")
    assert (described["Cpu"], described["Memory"], described["Gpu"]) == (16, 60000, 1)
    config["metadata"] |= {"name": "second_service", "cpu": 8, "memory": 30000}
    caller.create(config)
    described = caller.describe("second_service")
    assert (described["Cpu"], described["Memory"], described["Gpu"]) == (8, 30000, 1)
