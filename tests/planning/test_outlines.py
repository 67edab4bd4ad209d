"""The calls and permissions of the eight patterns, told without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eas_deploy.config import ServiceConfig
from eas_deploy.planner import Planner

PATTERNS = {
    int(path.name[0]): path for path in (Path(__file__).parents[2] / "examples" / "patterns").glob("*.json")
}

IDENTITY = ["ListServices"]
EVIDENCE = ["ListImages", "DescribeMachineSpec"]
END = ["CreateService", "DescribeService", "DescribeServiceEndpoints"]
# What the network or the resource group of the pattern takes on top; all eight name their workspace.
MORE = {
    3: ["DescribeVSwitches", "DescribeSecurityGroups"],
    7: ["ListResources"],
    8: ["ListGateway", "DescribeGateway", "ListGatewayIntranetLinkedVpc", "DescribeSecurityGroups"],
}
ALWAYS = {
    "eas:CreateService",
    "eas:DescribeMachineSpec",
    "eas:DescribeService",
    "eas:DescribeServiceEndpoints",
    "eas:ListServices",
    "paiimage:ListImages",
}
MORE_ACTIONS = {
    3: {"ecs:DescribeSecurityGroups", "vpc:DescribeVSwitches"},
    7: {"eas:ListResources"},
    8: {
        "eas:DescribeGateway",
        "eas:ListGateway",
        "eas:ListGatewayIntranetLinkedVpc",
        "ecs:DescribeSecurityGroups",
    },
}


@pytest.mark.parametrize("number", range(1, 9))
def test_calls(number: int) -> None:
    planned = Planner("cn-hangzhou").outline(PATTERNS[number])

    assert [call.operation for call in planned] == [*IDENTITY, *EVIDENCE, *MORE.get(number, []), *END]


@pytest.mark.parametrize("number", range(1, 9))
def test_permissions(number: int) -> None:
    """The smallest policy allows exactly the actions of the calls."""
    policy = Planner("cn-hangzhou").ram_policy(PATTERNS[number])

    (statement,) = policy["Statement"]
    assert policy["Version"] == "1"
    assert set(statement["Action"]) == ALWAYS | MORE_ACTIONS.get(number, set())
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")


def test_an_open_workspace_takes_a_permission_of_its_own() -> None:
    wire = json.loads(PATTERNS[1].read_text())
    del wire["metadata"]["workspace_id"]

    (statement,) = Planner("cn-hangzhou").ram_policy(wire)["Statement"]

    assert set(statement["Action"]) == ALWAYS | {"paiworkspace:ListWorkspaces"}


def test_stages_and_mandatory_calls() -> None:
    planned = Planner("cn-hangzhou").outline(PATTERNS[8])

    assert [(call.operation, call.stage) for call in planned if call.stage != "evidence"] == [
        ("ListServices", "identity"),
        ("CreateService", "create"),
        ("DescribeService", "verify"),
        ("DescribeServiceEndpoints", "verify"),
    ]
    assert {call.mandatory: call.operation for call in planned if call.mandatory} == {
        1: "ListImages",
        2: "DescribeMachineSpec",
        3: "CreateService",
        4: "DescribeService",
        5: "DescribeServiceEndpoints",
    }


def test_only_the_create_is_billable() -> None:
    planned = Planner("cn-hangzhou").outline(PATTERNS[1])

    assert [call.operation for call in planned if call.billable] == ["CreateService"]
    assert all(call.purpose for call in planned)


def test_the_whole_document() -> None:
    """RAM's policy language, version 1."""
    assert Planner("cn-hangzhou").ram_policy(ServiceConfig.load(PATTERNS[1])) == {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": sorted(ALWAYS), "Resource": "*"}],
    }
