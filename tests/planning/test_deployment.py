"""A deployment tells what came of it, whatever could be read, and shows no secret unless asked to."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone
from typing import Any

import pytest
from harness import canned, flow, plain_request

from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan
from eas_deploy.deployment import Deployment
from eas_deploy.flow import Sealed

TOKEN = "token-1"
INTERNET = "http://1.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo"
BROKEN = {"error": "ServerError", "http_status": 500}


def deployed(answers: dict[str, Any] | None = None, **fields: Any) -> Deployment:
    deployment: Deployment = canned(answers).run(flow().deploy(Sealed(plain_request(**fields)), []))
    return deployment


def test_what_it_tells() -> None:
    deployment = deployed()

    assert (deployment.name, deployment.service_id, deployment.status) == ("demo", "eas-m-1", "Waiting")
    assert deployment.verified is True
    assert deployment.endpoints[0].internet_endpoints == [INTERNET]
    assert deployment.access_token is not None
    assert deployment.access_token.get_secret_value() == TOKEN
    assert deployment.config is deployment.plan.config
    assert deployment.notices == ()


def test_summary() -> None:
    """The report, the token masked, with notices and decisions at the end."""
    text = deployed(instance_type="ecs.c7.xlarge").summary()

    assert text.startswith("Deployment Summary\n==================\nService Name: demo\nStatus: Waiting\n")
    assert f"    InternetEndpoint: {INTERNET}\n" in text
    assert f'  curl {INTERNET} \\\n    -H "Authorization: ***"' in text
    assert "Decisions:\n- image: " in text
    assert "- instance type: ecs.gn7i-c16g1.4xlarge" in text


def test_the_token_is_shown_on_demand_only() -> None:
    deployment = deployed()

    masked = [
        repr(deployment),
        str(deployment),
        deployment.summary(),
        deployment._repr_html_(),
        json.dumps(deployment.to_dict()),
        *deployment.examples(),
    ]
    assert [text for text in masked if TOKEN in text] == []
    assert TOKEN in deployment.summary(reveal_token=True)
    assert deployment.to_dict(reveal_token=True)["access_token"] == TOKEN
    assert all(TOKEN in example for example in deployment.examples(reveal_token=True))


def test_secrets_of_the_config_stay_masked() -> None:
    """Revealing the token reveals nothing else."""
    deployment = deployed(env={"DB": "canary-7f3a"})

    shown = [
        json.dumps(deployment.to_dict(reveal_token=True)),
        deployment.summary(reveal_token=True),
        deployment._repr_html_(),
        repr(deployment),
    ]
    assert [text for text in shown if "canary-7f3a" in text] == []


def test_as_json() -> None:
    record = CallRecord(
        "ListServices", "duplicate name", "R-1", 1, datetime(2026, 1, 2, tzinfo=timezone.utc), 0.1, 200, None
    )
    procedure, runner = flow(), canned()
    plan = runner.run(procedure.plan(Sealed(plain_request()), [record]))
    deployment = runner.run(procedure.execute(plan, []))

    told = json.loads(json.dumps(deployment.to_dict()))

    assert told["service_id"] == "eas-m-1"
    assert told["verified"] is True
    assert told["access_token"] == "***"
    assert told["endpoints"][0]["InternetEndpoints"] == [INTERNET]
    assert told["ledger"][0]["operation"] == "ListServices"
    assert told["plan"]["name"] == "demo"


def test_its_ledger_continues_the_plans() -> None:
    """Records of calls that were made before the execution are not told twice."""

    def record(operation: str, second: int) -> CallRecord:
        started = datetime(2026, 1, 2, 3, 4, second, tzinfo=timezone.utc)
        return CallRecord(operation, "", None, 1, started, 0.1, 200, None)

    ledger = [record("ListImages", 2), record("ListServices", 1)]
    procedure, runner = flow(), canned()
    plan = runner.run(procedure.plan(Sealed(plain_request()), ledger))

    def recorded() -> Plan[Deployment]:
        execution = procedure.execute(plan, ledger)
        step = next(execution)
        ledger.extend([record("DescribeService", 4), record("CreateService", 3)])
        while True:
            answer = yield step
            try:
                step = execution.send(answer)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # what the plan returns

    deployment = runner.run(recorded())

    assert [one.operation for one in deployment.ledger] == [
        "ListServices",
        "ListImages",
        "CreateService",
        "DescribeService",
    ]


def test_without_endpoints_those_of_the_status_are_told() -> None:
    deployment = deployed(
        {
            "DescribeServiceEndpoints": BROKEN,
            "DescribeService": {
                "ServiceName": "demo",
                "Status": "Running",
                "AccessToken": "t-2",
                "InternetEndpoint": INTERNET,
            },
        }
    )

    assert deployment.verified is False
    assert deployment.endpoints[0].internet_endpoints == [INTERNET]
    assert deployment.endpoints[0].intranet_endpoints == []
    assert deployment.access_token is not None
    assert deployment.access_token.get_secret_value() == "t-2"


def test_without_any_read_those_of_the_create_are_told() -> None:
    intranet = INTERNET.replace("1.cn", "1.vpc.cn")
    deployment = deployed(
        {
            "DescribeServiceEndpoints": BROKEN,
            "DescribeService": BROKEN,
            "CreateService": {"ServiceId": "eas-m-1", "Status": "Creating", "IntranetEndpoint": intranet},
        }
    )

    assert deployment.status == "Creating"
    assert deployment.endpoints[0].intranet_endpoints == [intranet]
    assert deployment.endpoints[0].internet_endpoints == []
    assert deployment.access_token is None
    assert deployment.to_dict(reveal_token=True)["access_token"] is None
    assert '"Authorization: <AccessToken>"' in deployment.examples(reveal_token=True)[0]


def test_nothing_is_made_up_when_nothing_is_known() -> None:
    deployment = deployed(
        {
            "DescribeServiceEndpoints": BROKEN,
            "DescribeService": BROKEN,
            "CreateService": {"ServiceId": "eas-m-1"},
        }
    )

    assert deployment.status is None
    assert deployment.endpoints == ()
    assert deployment.examples() == ()
    assert "status unknown" in deployment._repr_html_()
    assert "Status: unknown" in deployment.summary()


def test_a_status_without_a_word_keeps_that_of_the_create() -> None:
    assert deployed({"DescribeService": {"ServiceName": "demo"}}).status == "Creating"


def test_warnings_and_notices_of_the_plan_are_among_its_notices() -> None:
    deployment = deployed(
        image="registry.example.com/team/vllm:1", command="vllm serve /model_dir --port 8000"
    )

    assert len(deployment.notices) == 1
    assert "[image.unknown]" in deployment.notices[0]
    assert "Notices:\n- [image.unknown]" in deployment.summary()
    assert "image.unknown" in deployment._repr_html_()


@pytest.mark.parametrize("reveal", [False, True])
def test_it_pickles_whole(reveal: bool) -> None:
    deployment = deployed(env={"A": "b"})

    again = pickle.loads(pickle.dumps(deployment))

    assert again == deployment
    assert again.summary(reveal) == deployment.summary(reveal)


def test_its_repr_is_one_line() -> None:
    assert repr(deployed()) == "Deployment('demo', service_id='eas-m-1', status='Waiting', verified=True)"
