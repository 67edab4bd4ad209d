"""The blocking deployer over real HTTP: what the service sees of each deployment, call by call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eas_deploy import Deployer, ServiceConfig, __version__
from eas_deploy.clients.clock import SystemClock
from eas_deploy.emulator import Emulator, Fault
from eas_deploy.errors import (
    AuthenticationError,
    ConfigError,
    ConfirmationDeclined,
    CredentialsError,
    DuplicateServiceError,
    EasDeployError,
    GateError,
    PermissionDeniedError,
    ResourceNotFoundError,
)
from eas_deploy.patterns import DedicatedGateway, DedicatedResourceGroup, VllmNlb, VllmOss

PATTERNS = {
    int(path.name[0]): path for path in (Path(__file__).parents[1] / "examples" / "patterns").glob("*.json")
}
REQUEST: dict[str, Any] = {
    "name": "demo",
    "image": "vllm:0.14.0-gpu",
    "model": "oss://my-bucket/qwen2.5-7b/",
    "workspace_id": "123456",
}
GPU = "ecs.gn7i-c16g1.4xlarge"

IDENTITY = {"ListServices"}
EVIDENCE = {"ListImages", "DescribeMachineSpec"}
CREATE = {"CreateService"}
VERIFY = {"DescribeService", "DescribeServiceEndpoints"}
GATEWAY = {"ListGateway", "DescribeGateway", "ListGatewayIntranetLinkedVpc", "DescribeSecurityGroups"}
# The calls of each pattern, stage by stage.
STAGES = {
    1: [IDENTITY, EVIDENCE, CREATE, VERIFY],
    2: [IDENTITY, EVIDENCE, CREATE, VERIFY],
    3: [IDENTITY, EVIDENCE | {"DescribeVSwitches", "DescribeSecurityGroups"}, CREATE, VERIFY],
    4: [IDENTITY, EVIDENCE, CREATE, VERIFY],
    5: [IDENTITY, EVIDENCE, CREATE, VERIFY],
    6: [IDENTITY, EVIDENCE, CREATE, VERIFY],
    7: [IDENTITY, EVIDENCE | {"ListResources"}, CREATE, VERIFY],
    8: [IDENTITY, EVIDENCE | GATEWAY, CREATE, VERIFY],
}
USER_AGENT = (
    "AlibabaCloud-Agent-Skills/alibabacloud-pai-eas-service-deploy/[0-9a-f]{32} eas-deploy/"
    + re.escape(__version__)
)


class QuickClock(SystemClock):
    """A clock on which pauses are over at once."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def deployer_for(emulator: Emulator, **options: Any) -> Deployer:
    return Deployer("cn-hangzhou", **{**emulator.connection(), "clock": QuickClock(), **options})


@pytest.fixture
def deployer(emulator: Emulator) -> Iterator[Deployer]:
    with deployer_for(emulator) as one:
        yield one


def seen(emulator: Emulator) -> list[str]:
    """The operations in the order in which they arrived."""
    return [call.operation for call in emulator.calls]


def in_stages(operations: list[str], stages: list[set[str]]) -> list[set[str]]:
    """The operations, cut where a stage of that many different calls is over."""
    found: list[set[str]] = []
    for stage in stages:
        here: set[str] = set()
        while operations and len(here | {operations[0]}) <= len(stage):
            here.add(operations[0])
            operations = operations[1:]
        found.append(here)
    assert operations == []
    return found


class TestPatterns:
    """All eight service JSONs, as published."""

    @pytest.mark.parametrize("number", range(1, 9))
    def test_calls(self, emulator: Emulator, deployer: Deployer, number: int) -> None:
        deployment = deployer.deploy(PATTERNS[number])

        log = seen(emulator)
        assert in_stages(log, STAGES[number]) == STAGES[number]
        assert [log.count(operation) for stage in STAGES[number] for operation in stage] == [1] * len(log)
        assert list(emulator.services) == [deployment.name]
        assert deployment.verified is True

    @pytest.mark.parametrize("number", range(1, 9))
    def test_the_service_json_arrives_as_it_is(
        self, emulator: Emulator, deployer: Deployer, number: int
    ) -> None:
        deployer.deploy(PATTERNS[number])

        (create,) = [call for call in emulator.calls if call.operation == "CreateService"]
        assert create.body == ServiceConfig.load(PATTERNS[number]).to_wire()

    def test_one_user_agent(self, emulator: Emulator, deployer: Deployer) -> None:
        """All calls of a deployer carry the same one, of the documented form."""
        deployer.deploy(PATTERNS[8])
        deployer.deploy(PATTERNS[1])

        (agent,) = {call.user_agent for call in emulator.calls}
        assert re.fullmatch(USER_AGENT, agent)

    def test_user_agents_of_two_deployers_differ(self, emulator: Emulator) -> None:
        for name in ("one", "two"):
            with deployer_for(emulator, user_agent="my-tool/1") as deployer:
                deployer.deploy(VllmOss(**{**REQUEST, "name": f"demo_{name}"}, instance_type=GPU))

        agents = {call.user_agent for call in emulator.calls}
        assert len(agents) == 2
        assert all(re.fullmatch(f"{USER_AGENT} my-tool/1", agent) for agent in agents)


class TestDiscovery:
    """What a request leaves open is found."""

    def test_gateway(self, emulator: Emulator, deployer: Deployer) -> None:
        deployment = deployer.deploy(DedicatedGateway(**REQUEST, instance_type=GPU))

        assert in_stages(seen(emulator), STAGES[8]) == STAGES[8]
        wire = deployment.config.to_wire()
        assert wire["networking"] == {"gateway": "gw-48hmbdt00fi6x90gft"}
        assert wire["cloud"]["networking"] == {
            "vpc_id": "vpc-bp13kiflgde6v9dc9smc8",
            "vswitch_id": "vsw-bp1bhmnwqdh1ta9z9klms,vsw-bp1lz95xtmjiwqcpq31ng",
            "security_group_id": "sg-bp1e36bfv61nfy1yudyc",
        }

    def test_nlb(self, emulator: Emulator, deployer: Deployer) -> None:
        stages = [
            IDENTITY,
            EVIDENCE | {"DescribeVpcs", "DescribeVSwitches", "DescribeSecurityGroups"},
            CREATE,
            VERIFY,
        ]

        deployment = deployer.deploy(VllmNlb(**REQUEST, instance_type=GPU))

        assert in_stages(seen(emulator), stages) == stages
        assert deployment.config.to_wire()["cloud"]["networking"] == {
            "vpc_id": "vpc-emudefault",
            "vswitch_id": "vsw-emudefaulth,vsw-emudefaulti",
            "security_group_id": "sg-emudefault",
        }

    def test_existing_nlb(self, emulator: Emulator, deployer: Deployer) -> None:
        nlb_id = emulator.add_load_balancer(
            vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a", "vsw-zone-b"], listener_ports=[80]
        )
        stages = [
            IDENTITY,
            EVIDENCE
            | {"GetLoadBalancerAttribute", "ListListeners", "DescribeVSwitches", "DescribeSecurityGroups"},
            CREATE,
            VERIFY,
        ]

        deployer.deploy(VllmNlb(**REQUEST, instance_type=GPU, nlb_id=nlb_id, listener_port=9000))

        assert in_stages(seen(emulator), stages) == stages

    def test_an_nlb_that_does_not_exist(self, emulator: Emulator, deployer: Deployer) -> None:
        with pytest.raises(ResourceNotFoundError, match="nlb-nosuch"):
            deployer.deploy(VllmNlb(**REQUEST, instance_type=GPU, nlb_id="nlb-nosuch"))

        assert "ListLoadBalancers" in seen(emulator)
        assert emulator.services == {}

    def test_resource_group(self, emulator: Emulator, deployer: Deployer) -> None:
        deployment = deployer.deploy(DedicatedResourceGroup(**REQUEST, cpu=4, memory_mb=8000))

        assert in_stages(seen(emulator), STAGES[7]) == STAGES[7]
        assert deployment.config.to_wire()["metadata"]["resource"] == "eas-r-d29k8ytqxzxmqi7l0s"
        assert deployment.config.to_wire()["metadata"]["gpu"] == 1

    def test_workspace(self, emulator: Emulator, deployer: Deployer) -> None:
        stages = [IDENTITY | {"ListWorkspaces"}, EVIDENCE, CREATE, VERIFY]

        deployment = deployer.deploy(VllmOss(**{**REQUEST, "workspace_id": None}, instance_type=GPU))

        assert in_stages(seen(emulator), stages) == stages
        assert deployment.config.to_wire()["metadata"]["workspace_id"] == "123456"

    @pytest.mark.parametrize("kind", ["gateways", "resource_groups", "vpcs"])
    def test_nothing_to_find(self, emulator: Emulator, deployer: Deployer, kind: str) -> None:
        """What is missing stops the deployment; nothing is created instead."""
        emulator.clear(kind)
        request = {
            "gateways": lambda: DedicatedGateway(**REQUEST, instance_type=GPU),
            "resource_groups": lambda: DedicatedResourceGroup(**REQUEST, cpu=4, memory_mb=8000),
            "vpcs": lambda: VllmNlb(**REQUEST, instance_type=GPU),
        }[kind]()

        with pytest.raises(ResourceNotFoundError):
            deployer.deploy(request)

        assert "CreateService" not in seen(emulator)
        assert emulator.services == {}


class TestPlans:
    """A plan reads, and executing it creates."""

    def test_a_plan_creates_nothing(self, emulator: Emulator, deployer: Deployer) -> None:
        plan = deployer.plan(PATTERNS[8])

        assert in_stages(seen(emulator), STAGES[8][:2]) == STAGES[8][:2]
        assert emulator.services == {}
        assert {record.operation for record in plan.ledger} == IDENTITY | EVIDENCE | GATEWAY

    def test_executing_it_makes_the_rest(self, emulator: Emulator, deployer: Deployer) -> None:
        plan = deployer.plan(PATTERNS[1])
        emulator.calls.clear()

        deployment = deployer.execute(plan)

        assert in_stages(seen(emulator), [CREATE, VERIFY]) == [CREATE, VERIFY]
        assert len(deployment.ledger) == 6
        assert all(record.request_id and record.http_status == 200 for record in deployment.ledger)

    def test_declining_it(self, emulator: Emulator) -> None:
        with (
            deployer_for(emulator, confirm=lambda plan: False) as deployer,
            pytest.raises(ConfirmationDeclined),
        ):
            deployer.deploy(PATTERNS[1])

        assert "CreateService" not in seen(emulator)

    def test_the_service_carries_the_id_of_its_deployment(
        self, emulator: Emulator, deployer: Deployer
    ) -> None:
        deployer.deploy({**ServiceConfig.load(PATTERNS[1]).to_wire(), "labels": {"team": "a"}})

        labels = {
            label["LabelKey"]: label["LabelValue"]
            for label in deployer.eas.describe_service("qwen35_7b_prod").model_dump(by_alias=True)["Labels"]
        }
        assert labels["team"] == "a"
        assert re.fullmatch("[0-9a-f]{32}", labels["eas-deploy-id"])


class TestStops:
    """Each reason to stop is an error of its own, and nothing is created."""

    def test_a_duplicate_ends_after_the_first_stage(self, emulator: Emulator, deployer: Deployer) -> None:
        emulator.add_service("qwen35_7b_prod", status="Stopped")

        with pytest.raises(DuplicateServiceError) as caught:
            deployer.deploy(PATTERNS[1])

        assert seen(emulator) == ["ListServices"]
        assert (caught.value.name, caught.value.status) == ("qwen35_7b_prod", "Stopped")
        assert caught.value.service_may_exist is False

    def test_a_duplicate_ends_after_the_first_stage_without_a_workspace(
        self, emulator: Emulator, deployer: Deployer
    ) -> None:
        emulator.add_service("demo")

        with pytest.raises(DuplicateServiceError):
            deployer.deploy(VllmOss(**{**REQUEST, "workspace_id": None}, instance_type=GPU))

        assert set(seen(emulator)) == {"ListServices", "ListWorkspaces"}

    def test_a_name_taken_between_plan_and_create(self, emulator: Emulator, deployer: Deployer) -> None:
        plan = deployer.plan(PATTERNS[1])
        emulator.add_service("qwen35_7b_prod")

        with pytest.raises(DuplicateServiceError) as caught:
            deployer.execute(plan)

        assert caught.value.service_may_exist is False
        assert len(emulator.services) == 1

    @pytest.mark.parametrize(
        "keys", [{"access_key_secret": "wrong"}, {"access_key_id": "LTAInobody"}], ids=str
    )
    def test_a_wrong_key(self, emulator: Emulator, keys: dict[str, str]) -> None:
        with deployer_for(emulator, **keys) as deployer, pytest.raises(AuthenticationError) as caught:
            deployer.deploy(PATTERNS[1])

        assert caught.value.operation == "ListServices"
        assert caught.value.request_id is not None
        assert set(seen(emulator)) == IDENTITY

    def test_an_unknown_region(self) -> None:
        """The host that cannot be reached is named, with the likely reason."""

        def unreachable(request: httpx.Request) -> httpx.Response:
            hosts.append(request.url.host)
            raise httpx.ConnectError("Name or service not known")

        hosts: list[str] = []
        client = httpx.Client(transport=httpx.MockTransport(unreachable))
        deployer = Deployer(
            "cn-nowhere-1",
            access_key_id="LTAItestid",
            access_key_secret="testsecret",
            http_client=client,
            endpoint_url=None,
            clock=QuickClock(),
        )

        with pytest.raises(GateError, match=r"pai-eas\.cn-nowhere-1\.aliyuncs\.com") as caught:
            deployer.deploy(PATTERNS[1])

        assert "cn-nowhere-1 is not among the known EAS regions" in str(caught.value)
        assert set(hosts) == {"pai-eas.cn-nowhere-1.aliyuncs.com"}

    def test_no_credentials(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Nothing is sent, and the error tells where keys can come from."""
        for name in (
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABA_CLOUD_SECURITY_TOKEN",
        ):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
        monkeypatch.setenv("HOME", str(tmp_path))

        with (
            Deployer("cn-hangzhou", endpoint_url=emulator.url, clock=QuickClock()) as deployer,
            pytest.raises(CredentialsError, match="ALIBABA_CLOUD_ACCESS_KEY_ID"),
        ):
            deployer.deploy(PATTERNS[1])

        assert seen(emulator) == []

    def test_a_malformed_config(self, emulator: Emulator, deployer: Deployer, tmp_path: Path) -> None:
        """All its faults are told at once, and nothing is sent."""
        file = tmp_path / "service.json"
        file.write_text('{"metadata": {"name": "My-Service"}, "containers": []}')

        with pytest.raises(ConfigError) as caught:
            deployer.deploy(file)

        assert {"name.format", "containers.required"} <= {one.rule for one in caught.value.findings}
        assert seen(emulator) == []

    def test_a_file_that_is_no_json(self, emulator: Emulator, deployer: Deployer, tmp_path: Path) -> None:
        file = tmp_path / "service.json"
        file.write_text("metadata: {}")

        with pytest.raises(ConfigError) as caught:
            deployer.deploy(file)

        assert [one.rule for one in caught.value.findings] == ["json.invalid"]

    @pytest.mark.parametrize("kind", ["html_502", "empty_body", "truncated_json", "server_error"])
    def test_no_usable_answer_of_a_mandatory_call(self, emulator: Emulator, kind: Any) -> None:
        """HTML instead of JSON, for one, is not taken for an answer."""
        emulator.inject(Fault("ListImages", kind=kind, times=None))

        with deployer_for(emulator, max_retries=1) as deployer, pytest.raises(GateError) as caught:
            deployer.deploy(PATTERNS[1])

        assert caught.value.operation == "ListImages"
        assert seen(emulator).count("ListImages") == 2
        assert "CreateService" not in seen(emulator)

    def test_a_missing_permission(self, emulator: Emulator, deployer: Deployer) -> None:
        policy = deployer.plan(PATTERNS[1]).ram_policy()
        policy["Statement"][0]["Action"].remove("eas:CreateService")
        emulator.set_policy(policy)

        with pytest.raises(PermissionDeniedError) as caught:
            deployer.deploy(PATTERNS[1])

        assert caught.value.ram_action == "eas:CreateService"
        assert emulator.services == {}


class TestLostCreates:
    """An answer to CreateService that is lost leaves one service, and the truth."""

    def test_created_all_the_same(self, emulator: Emulator, deployer: Deployer) -> None:
        emulator.inject(Fault("CreateService", kind="html_502", applied=True))

        deployment = deployer.deploy(PATTERNS[1])

        assert seen(emulator).count("CreateService") == 1
        assert emulator.services["qwen35_7b_prod"].service_id == deployment.service_id
        assert "lost" in deployment.notices[0]

    def test_not_created(self, emulator: Emulator, deployer: Deployer) -> None:
        emulator.inject(Fault("CreateService", kind="html_502"))

        deployment = deployer.deploy(PATTERNS[1])

        creates = [call for call in emulator.calls if call.operation == "CreateService"]
        assert len(creates) == 2
        assert creates[0].query["Labels"] == creates[1].query["Labels"]
        assert emulator.services["qwen35_7b_prod"].service_id == deployment.service_id

    def test_unknown(self, emulator: Emulator) -> None:
        """With the time over before the look-ups are, the error says that a service may exist."""
        emulator.inject(Fault("CreateService", kind="empty_body"))

        with deployer_for(emulator, deploy_timeout_s=5) as deployer, pytest.raises(EasDeployError) as caught:
            deployer.deploy(PATTERNS[1])

        assert type(caught.value).__name__ == "CreateOutcomeUnknownError"
        assert caught.value.service_may_exist is True

    def test_an_endpoint_list_that_is_lost(self, emulator: Emulator) -> None:
        """After a ServiceId there is always a Deployment."""
        emulator.inject(Fault("DescribeServiceEndpoints", kind="server_error", times=None))

        with deployer_for(emulator, max_retries=0) as deployer:
            deployment = deployer.deploy(PATTERNS[1])

        assert deployment.verified is False
        assert "DescribeServiceEndpoints" in deployment.notices[0]
        assert deployment.service_id == emulator.services["qwen35_7b_prod"].service_id


class TestCatalogue:
    """What the region offers."""

    def test_images_machines_and_workspaces(self, deployer: Deployer) -> None:
        assert "vllm:0.14.0-gpu" in {one.name for one in deployer.images()}
        assert GPU in {one.instance_type for one in deployer.machine_specs()}
        assert [one.workspace_id for one in deployer.workspaces()] == ["123456"]

    def test_services(self, emulator: Emulator, deployer: Deployer) -> None:
        for number in range(3):
            emulator.add_service(f"demo_{number}")

        assert {one.name for one in deployer.services(filter="demo")} == {"demo_0", "demo_1", "demo_2"}

    def test_a_handle_asks_nothing(self, emulator: Emulator, deployer: Deployer) -> None:
        assert deployer.service("demo").status is None
        assert seen(emulator) == []
