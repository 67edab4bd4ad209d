"""Routing, error bodies, permissions and rate limits: what happens before an operation is carried out."""

import json

import pytest

from eas_deploy.emulator import Emulator

RAM_ACTIONS = {
    "ListServices": "eas:ListServices",
    "DescribeMachineSpec": "eas:DescribeMachineSpec",
    "ListImages": "paiimage:ListImages",
    "ListWorkspaces": "paiworkspace:ListWorkspaces",
    "ListDatasets": "paidataset:ListDatasets",
    "DescribeVpcs": "vpc:DescribeVpcs",
    "DescribeSecurityGroups": "ecs:DescribeSecurityGroups",
    "ListLoadBalancers": "nlb:ListLoadBalancers",
}
SENDS = {
    "ListServices": ("GET", "/api/v2/services", "eas"),
    "DescribeMachineSpec": ("GET", "/api/v2/public/instance_types", "eas"),
    "ListImages": ("GET", "/api/v1/images", "aiworkspace"),
    "ListWorkspaces": ("GET", "/api/v1/workspaces", "aiworkspace"),
    "ListDatasets": ("GET", "/api/v1/datasets", "aiworkspace"),
    "DescribeVpcs": ("POST", "/", "vpc"),
    "DescribeSecurityGroups": ("POST", "/", "ecs"),
    "ListLoadBalancers": ("POST", "/", "nlb"),
}


def send(caller, operation):
    method, path, product = SENDS[operation]
    return caller.send(operation, method, path, {"RegionId": "cn-hangzhou"}, product=product)


def allow(*actions, effect="Allow"):
    return {"Version": "1", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "*"}]}


def test_every_answer_has_a_request_id_and_a_date(caller):
    found = caller.send("ListServices", path="/api/v2/services")
    missing = caller.send("DescribeService", path="/api/v2/services/cn-hangzhou/nothing")
    assert found.json()["RequestId"] != missing.json()["RequestId"]
    assert found.headers["date"].endswith("GMT")
    assert missing.headers["date"].endswith("GMT")


def test_eas_error_body(caller):
    """EAS's own errors carry HttpCode and Success."""
    answer = caller.send("DescribeService", path="/api/v2/services/cn-hangzhou/nothing")
    body = answer.json()
    assert (answer.status_code, body["Code"], body["HttpCode"]) == (404, "InvalidService.NotFound", 404)
    assert body["Success"] is False
    assert set(body) == {"RequestId", "HostId", "Code", "HttpCode", "Success", "Message"}


def test_other_products_answer_in_the_gateways_shape(caller):
    answer = caller.send("GetImage", path="/api/v1/images/image-none", product="aiworkspace")
    assert answer.status_code == 404
    assert set(answer.json()) == {"Recommend", "Message", "RequestId", "HostId", "Code"}


@pytest.mark.parametrize(
    ("action", "method", "path"),
    [
        ("ListServices", "GET", "/api/v2/nothing"),
        ("ListServices", "DELETE", "/api/v2/services"),
        ("DescribeMachineSpec", "GET", "/api/v2/services"),
        ("NoSuchOperation", "POST", "/"),
        ("DescribeVpcs", "GET", "/"),
    ],
)
def test_unknown_operation(caller, action, method, path):
    """No operation at that path, or another one than the header says."""
    answer = caller.send(action, method, path)
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidAction.NotFound")


def test_version_of_another_product(caller):
    answer = caller.send("ListServices", path="/api/v2/services", product="vpc")
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidVersion")


def test_cluster_of_another_region(caller):
    answer = caller.send("DescribeService", path="/api/v2/services/cn-beijing/demo_service")
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_path_segments_are_decoded(emulator, caller):
    emulator.add_service("demo_service")
    answer = caller.send("DescribeService", path="/api/v2/services/cn%2Dhangzhou/demo%5Fservice")
    assert answer.json()["ServiceName"] == "demo_service"


@pytest.mark.parametrize("operation", RAM_ACTIONS)
def test_policy_allows_exactly_its_actions(emulator, caller, operation):
    """An operation needs its own RAM action and no other."""
    emulator.set_policy(allow(RAM_ACTIONS[operation]))
    assert send(caller, operation).status_code == 200
    emulator.set_policy(allow(*(action for name, action in RAM_ACTIONS.items() if name != operation)))
    answer = send(caller, operation)
    assert answer.status_code == 403
    assert answer.json()["AccessDeniedDetail"]["AuthAction"] == RAM_ACTIONS[operation]
    assert answer.json()["AccessDeniedDetail"]["NoPermissionType"] == "ImplicitDeny"


def test_permission_codes(emulator, caller):
    """EAS and AIWorkSpace say NoPermission, the RPC products Forbidden.RAM."""
    emulator.set_policy(allow())
    codes = {operation: send(caller, operation).json()["Code"] for operation in RAM_ACTIONS}
    assert codes["ListServices"] == codes["ListImages"] == "NoPermission"
    assert codes["DescribeVpcs"] == codes["DescribeSecurityGroups"] == "Forbidden.RAM"


def test_policy_wildcards_and_case(emulator, caller):
    emulator.set_policy(allow("EAS:list*"))
    assert send(caller, "ListServices").status_code == 200
    assert send(caller, "DescribeMachineSpec").status_code == 403


def test_deny_wins(emulator, caller):
    statements = allow("*")["Statement"] + allow("eas:ListServices", effect="Deny")["Statement"]
    emulator.set_policy({"Version": "1", "Statement": statements})
    assert send(caller, "DescribeMachineSpec").status_code == 200
    assert send(caller, "ListServices").json()["AccessDeniedDetail"]["NoPermissionType"] == "ExplicitDeny"


def test_single_statement_with_a_single_action(make_caller):
    policy = {"Version": "1", "Statement": {"Effect": "Allow", "Action": "eas:*"}}
    with Emulator(policy=policy) as emulator:
        caller = make_caller(emulator)
        assert send(caller, "ListServices").status_code == 200
        assert send(caller, "ListImages").status_code == 403


@pytest.mark.parametrize("statement", [{"Effect": "Maybe", "Action": "*"}, {"Effect": "Allow"}])
def test_malformed_policy(statement):
    with pytest.raises(ValueError, match="Effect and an Action"):
        Emulator(policy={"Statement": [statement]})


def test_denied_create_creates_nothing(emulator, caller, config):
    emulator.set_policy(allow("eas:List*"))
    assert caller.create(config).status_code == 403
    assert emulator.services == {}


def test_rate_limit(emulator, caller):
    """A burst of ten passes; then each operation has its own rate, and says when to come back."""
    emulator.limit(0.5)
    assert [send(caller, "ListServices").status_code for _ in range(11)] == [200] * 10 + [429]
    answer = send(caller, "ListServices")
    assert answer.json()["Code"] == "Throttling.User"
    assert 1000 < int(answer.headers["x-acs-retry-after"]) <= 2000
    assert send(caller, "ListImages").status_code == 200
    emulator.clock.advance(2)
    assert send(caller, "ListServices").status_code == 200


def test_rate_has_to_be_positive():
    with pytest.raises(ValueError, match="qps"):
        Emulator(qps=0)


def test_calls_are_recorded(emulator, caller, config):
    """Each request is remembered in order, refused ones too, and without secrets."""
    caller.create(config, {"WorkspaceId": "123456"})
    caller.send("DescribeService", path="/api/v2/services/cn-hangzhou/nothing")
    caller.send("Nonsense", path="/api/v2/nonsense")
    created, missing, unknown = emulator.calls
    assert (created.operation, created.status, created.query) == (
        "CreateService",
        200,
        {"WorkspaceId": "123456"},
    )
    assert created.body == config
    assert created.user_agent == "tests/1"
    assert (missing.operation, missing.status, missing.body) == ("DescribeService", 404, None)
    assert (unknown.operation, unknown.status) == ("Nonsense", 404)
    assert created.at <= missing.at <= unknown.at
    assert "authorization" not in created.headers
    assert created.headers["x-acs-action"] == "CreateService"


def test_session_tokens_are_not_recorded(emulator, make_caller):
    session = emulator.add_session()
    make_caller(emulator, **session).send("ListServices", path="/api/v2/services")
    assert session["security_token"] not in json.dumps(emulator.calls[0].headers)
