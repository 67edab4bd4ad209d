"""The printed RAM policy is enough, and nothing in it can be left out."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from eas_deploy import AsyncDeployer, Deployer, Planner
from eas_deploy.config import DatasetMount, Storage
from eas_deploy.errors import PermissionDeniedError
from eas_deploy.patterns import PATTERNS, VllmNlb, VllmOss

REGION = "cn-hangzhou"
FIELDS = json.loads((Path(__file__).parents[1] / "data" / "open_requests.json").read_text())
LLM = FIELDS["1"] | {"name": "another_vllm"}

REQUESTS = {f"pattern {number}": PATTERNS[int(number)](**fields) for number, fields in FIELDS.items()}
REQUESTS["existing NLB"] = VllmNlb(**LLM, nlb_id="nlb-there")
REQUESTS["dataset"] = VllmOss(
    **LLM,
    workspace_id="123456",
    storage=(Storage(mount_path="/data", dataset=DatasetMount(id="d-emulated0000000001")),),
)
OPTIONAL = {"ListWorkspaces", "ListDatasets"}
STEPS = [(name, call) for name, request in REQUESTS.items() for call in Planner(REGION).outline(request)]
GATES = [step for step in STEPS if step[1].stage != "verify" and step[1].operation not in OPTIONAL]
LOSSES = [step for step in STEPS if step[1].operation in OPTIONAL]
READS = [step for step in STEPS if step[1].stage == "verify"]


def each(steps):
    return pytest.mark.parametrize(
        ("name", "action"),
        [(name, call.ram_action) for name, call in steps],
        ids=[f"{name}-{call.operation}" for name, call in steps],
    )


@pytest.fixture
def account(emulator):
    """The account that everything in `REQUESTS` can be deployed in."""
    emulator.add_load_balancer("nlb-there", vpc_id="vpc-xxx", vswitch_ids=("vsw-zone-a", "vsw-zone-b"))
    return emulator


def policy_without(request, action=None):
    policy = Planner(REGION).ram_policy(request)
    (statement,) = policy["Statement"]
    kept = [one for one in statement["Action"] if one != action]
    assert action is None or len(kept) == len(statement["Action"]) - 1
    return {**policy, "Statement": [{**statement, "Action": kept}]}


@pytest.fixture
def deploy(account, http_client):
    """Deploys a request under its own policy, one action taken out."""

    def under_policy(name, without=None):
        account.set_policy(policy_without(REQUESTS[name], without))
        with Deployer(REGION, http_client=http_client, **account.connection()) as deployer:
            return deployer.deploy(REQUESTS[name])

    return under_policy


@pytest.mark.parametrize("name", REQUESTS)
def test_the_policy_is_enough(account, deploy, name):
    deployment = deploy(name)
    assert deployment.verified
    assert account.services[deployment.name].service_id == deployment.service_id
    assert deployment.plan.ram_policy() == Planner(REGION).ram_policy(REQUESTS[name])
    assert not [record for record in deployment.ledger if record.error]


@each(GATES)
def test_without_an_action_nothing_is_created(account, deploy, name, action):
    """The refusal names the action to allow."""
    with pytest.raises(PermissionDeniedError) as caught:
        deploy(name, without=action)
    assert caught.value.ram_action == action
    assert action in str(caught.value)
    assert caught.value.service_may_exist is False
    assert account.services == {}


@each(LOSSES)
def test_without_an_optional_discovery_it_goes_on(account, deploy, name, action):
    """A notice says what was lost and which action to allow."""
    deployment = deploy(name, without=action)
    assert deployment.verified
    assert set(account.services) == {deployment.name}
    (notice,) = [one for one in deployment.notices if action in one]
    assert "not" in notice


@each(READS)
def test_without_a_verifying_read_there_is_a_deployment(account, deploy, name, action):
    """The service exists and costs money: no exception may hide it."""
    deployment = deploy(name, without=action)
    assert deployment.verified is False
    assert deployment.service_id == account.services[deployment.name].service_id
    (notice,) = [one for one in deployment.notices if action in one]
    assert "NoPermission" in notice


@pytest.mark.parametrize("name", REQUESTS)
def test_all_other_actions_are_denied(account, deploy, name):
    """The policy holds no wildcard and no action of another deployment."""
    actions = policy_without(REQUESTS[name])["Statement"][0]["Action"]
    assert not [action for action in actions if "*" in action]
    deploy(name)
    used = {call.operation for call in account.calls}
    assert {action.partition(":")[2] for action in actions} == used


def test_a_gateway_that_tells_its_vpc_is_not_asked_twice(account, deploy):
    """ListGatewayIntranetLinkedVpc is called only when DescribeGateway carries no VPC."""
    account.clear("gateways")
    account.add_gateway(vpc_id="vpc-xxx", vswitch_ids=("vsw-zone-a", "vsw-zone-b"), load_balancer_list=True)
    deployment = deploy("pattern 8", without="eas:ListGatewayIntranetLinkedVpc")
    assert deployment.verified
    assert "ListGatewayIntranetLinkedVpc" not in {call.operation for call in account.calls}


@each([step for step in STEPS if step[0] == "pattern 8"])
def test_under_asyncio_it_is_the_same(account, name, action):
    account.set_policy(policy_without(REQUESTS[name], action))

    async def main():
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            AsyncDeployer(REGION, http_client=client, **account.connection()) as deployer,
        ):
            return await deployer.deploy(REQUESTS[name])

    if action in {call.ram_action for _, call in READS + LOSSES}:
        deployment = asyncio.run(main())
        assert any(action in notice for notice in deployment.notices)
    else:
        with pytest.raises(PermissionDeniedError) as caught:
            asyncio.run(main())
        assert (caught.value.ram_action, account.services) == (action, {})
