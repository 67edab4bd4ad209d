"""A plan can be looked at, shown, kept and sent elsewhere, and shows no secret."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone
from typing import Any

from harness import MADE_AT, canned, flow, plain_request

from eas_deploy.calls.record import CallRecord
from eas_deploy.findings import Findings
from eas_deploy.flow import Sealed
from eas_deploy.planning.plan import DeploymentPlan

CANARY = "canary-7f3a"


def plan_of(answers: dict[str, Any] | None = None, **fields: Any) -> DeploymentPlan:
    plan: DeploymentPlan = canned(answers).run(flow().plan(Sealed(plain_request(**fields)), []))
    return plan


def test_what_it_says() -> None:
    plan = plan_of(instance_type="ecs.c7.xlarge")

    assert plan.name == "demo"
    assert plan.created_at == MADE_AT
    text = plan.summary()
    assert text.startswith("Deployment plan for demo in cn-hangzhou\n=======")
    assert "- [identity] ListServices: " in text
    assert (
        "- [create] CreateService: create the service; billing starts here (eas:CreateService; billable)"
        in text
    )
    assert (
        "- instance type: ecs.gn7i-c16g1.4xlarge (instead of ecs.c7.xlarge): vLLM never runs on a CPU" in text
    )
    assert '"instance_type": "ecs.gn7i-c16g1.4xlarge"' in text
    assert "NLB" not in text
    assert str(plan) == text


def test_findings_are_told() -> None:
    plan = plan_of(
        {
            "DescribeMachineSpec": {
                "InstanceMetas": [{"InstanceType": "ecs.c7.xlarge", "CPU": 4, "GPUAmount": 0}]
            }
        },
        image="tensorflow-serving:2.14-gpu",
        instance_type="ecs.c7.xlarge",
        command="serve",
    )

    assert "Findings:\n- warning: [image.chip]" in plan.summary()
    assert "image.chip" in plan._repr_html_()
    assert plan.to_dict()["findings"][0]["rule"] == "image.chip"
    assert isinstance(plan.findings, Findings)


def test_as_json() -> None:
    """Everything in it is a JSON value."""
    record = CallRecord(
        "ListServices", "duplicate name", "R-1", 1, datetime(2026, 1, 2, tzinfo=timezone.utc), 0.1, 200, None
    )
    plan = canned().run(flow().plan(Sealed(plain_request()), [record]))

    told = json.loads(json.dumps(plan.to_dict()))

    assert told["name"] == "demo"
    assert told["region_id"] == "cn-hangzhou"
    assert told["created_at"] == "2026-01-02T03:04:05+00:00"
    assert told["nlb_fallback"] == "auto"
    assert told["config"]["metadata"]["name"] == "demo"
    assert [call["operation"] for call in told["calls"]][:2] == ["ListServices", "ListImages"]
    assert told["ledger"][0]["started_at"] == "2026-01-02T00:00:00+00:00"
    assert {one["subject"] for one in told["decisions"]} == {"image", "port", "start command"}


def test_the_ledger_is_in_the_order_of_the_calls() -> None:
    def record(operation: str, second: int) -> CallRecord:
        return CallRecord(
            operation, "", None, 1, datetime(2026, 1, 2, 3, 4, second, tzinfo=timezone.utc), 0.1, 200, None
        )

    plan = canned().run(flow().plan(Sealed(plain_request()), [record("b", 2), record("a", 1)]))

    assert [one.operation for one in plan.ledger] == ["a", "b"]


def test_it_pickles() -> None:
    plan = plan_of(env={"HF_TOKEN": CANARY})

    again = pickle.loads(pickle.dumps(plan))

    assert again == plan
    assert again.config.to_wire()["containers"][0]["env"] == [{"name": "HF_TOKEN", "value": CANARY}]


def test_it_shows_no_secret() -> None:
    """Environment variables, tokens and passwords are masked wherever a plan is shown."""
    plan = plan_of(
        env={"MODE": CANARY},
        extra={
            "token": CANARY,
            "storage": [
                {
                    "mount_path": "/code",
                    "git": {"repo": "https://e.com/r.git", "username": "u", "password": CANARY},
                }
            ],
        },
    )

    shown = [
        repr(plan),
        str(plan),
        plan.summary(),
        json.dumps(plan.to_dict()),
        plan._repr_html_(),
        repr(plan.config),
    ]

    assert [text for text in shown if CANARY in text] == []
    assert CANARY in plan.config.to_json()


def test_it_renders_as_tables() -> None:
    html = plan_of(instance_type="ecs.c7.xlarge")._repr_html_()

    assert "<h4>Deployment plan for demo in cn-hangzhou</h4>" in html
    assert "<td>CreateService</td><td>create</td>" in html
    assert "<td>ecs.gn7i-c16g1.4xlarge</td><td>ecs.c7.xlarge</td>" in html


def test_its_repr_is_one_line() -> None:
    plan = plan_of()

    assert repr(plan) == "DeploymentPlan('demo', region_id='cn-hangzhou', calls=6, decisions=3, findings=0)"


def test_its_policy_is_that_of_its_calls() -> None:
    (statement,) = plan_of().ram_policy()["Statement"]

    assert statement["Action"] == [
        "eas:CreateService",
        "eas:DescribeMachineSpec",
        "eas:DescribeService",
        "eas:DescribeServiceEndpoints",
        "eas:ListServices",
        "paiimage:ListImages",
    ]
