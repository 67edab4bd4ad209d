"""Calls as values: what they know of themselves, and how they page."""

import dataclasses
import pickle

import pytest

from eas_deploy import calls

# By hand from the API reference: operation, product, RAM action.
OPERATIONS = """
CreateService eas eas:CreateService
DescribeService eas eas:DescribeService
ListServices eas eas:ListServices
DescribeServiceEndpoints eas eas:DescribeServiceEndpoints
DescribeMachineSpec eas eas:DescribeMachineSpec
ListGateway eas eas:ListGateway
DescribeGateway eas eas:DescribeGateway
ListGatewayIntranetLinkedVpc eas eas:ListGatewayIntranetLinkedVpc
ListResources eas eas:ListResources
DescribeResource eas eas:DescribeResource
UpdateService eas eas:UpdateService
DeleteService eas eas:DeleteService
StopService eas eas:StopService
StartService eas eas:StartService
RestartService eas eas:RestartService
ReleaseService eas eas:ReleaseService
UpdateServiceVersion eas eas:UpdateServiceVersion
ListServiceVersions eas eas:ListServiceVersions
UpdateServiceSafetyLock eas eas:UpdateServiceSafetyLock
CreateServiceAutoScaler eas eas:CreateServiceAutoScaler
UpdateServiceAutoScaler eas eas:UpdateServiceAutoScaler
DescribeServiceAutoScaler eas eas:DescribeServiceAutoScaler
DeleteServiceAutoScaler eas eas:DeleteServiceAutoScaler
UpdateServiceLabel eas eas:UpdateServiceLabel
DeleteServiceLabel eas eas:DeleteServiceLabel
DescribeServiceEvent eas eas:DescribeServiceEvent
DescribeServiceLog eas eas:DescribeServiceLog
ListServiceInstances eas eas:ListServiceInstances
ListServiceContainers eas eas:ListServiceContainers
DescribeServiceDiagnosis eas eas:DescribeServiceDiagnosis
DescribeServiceInstanceDiagnosis eas eas:DescribeServiceInstanceDiagnosis
ListImages aiworkspace paiimage:ListImages
GetImage aiworkspace paiimage:GetImage
ListWorkspaces aiworkspace paiworkspace:ListWorkspaces
ListDatasets aiworkspace paidataset:ListDatasets
DescribeVpcs vpc vpc:DescribeVpcs
DescribeVSwitches vpc vpc:DescribeVSwitches
DescribeSecurityGroups ecs ecs:DescribeSecurityGroups
ListLoadBalancers nlb nlb:ListLoadBalancers
GetLoadBalancerAttribute nlb nlb:GetLoadBalancerAttribute
ListListeners nlb nlb:ListListeners
"""
TABLE = [line.split() for line in OPERATIONS.split("\n") if line]


def operations():
    return {
        name: value
        for name, value in vars(calls).items()
        if isinstance(value, type) and issubclass(value, calls.Call) and hasattr(value, "operation")
    }


def test_all_operations_are_there():
    assert sorted(operations()) == sorted(name for name, _, _ in TABLE)


@pytest.mark.parametrize(("name", "product", "action"), TABLE)
def test_a_call_knows_its_operation_product_and_ram_action(name, product, action):
    kind = operations()[name]
    assert (kind.operation, kind.product, kind.ram_action) == (name, product, action)


def test_what_changes_something_is_not_repeatable():
    changing = {name for name, kind in operations().items() if not kind.repeatable}
    expected = {name for name, _, _ in TABLE if name.startswith(("Create", "Update", "Delete"))}
    assert changing == expected | {"StopService", "StartService", "RestartService", "ReleaseService"}


@pytest.mark.parametrize(
    ("call", "size"),
    [
        (calls.ListServices(), 100),
        (calls.ListGateway(), 100),
        (calls.ListResources(), 100),
        (calls.ListServiceVersions("x"), 100),
        (calls.ListServiceInstances("x"), 100),
        (calls.DescribeServiceEvent("x"), 100),
        (calls.DescribeServiceLog("x"), 500),
        (calls.ListImages(), 50),
        (calls.ListWorkspaces(), 20),
        (calls.ListDatasets(), 10),
        (calls.DescribeVpcs(), 50),
        (calls.DescribeVSwitches(), 50),
    ],
)
def test_page_sizes(call, size):
    """A page is as large as is known to be allowed."""
    assert (call.page_number, call.page_size) == (1, size)


@pytest.mark.parametrize(
    "call", [calls.DescribeSecurityGroups(), calls.ListLoadBalancers(), calls.ListListeners()]
)
def test_token_pages_are_of_100(call):
    assert (call.next_token, call.max_results) == (None, 100)


@pytest.mark.parametrize(
    "call", [calls.CreateService({"token": "s3cret"}), calls.UpdateService("x", {"token": "s3cret"})]
)
def test_a_body_stays_out_of_the_repr(call):
    """Service JSON may hold passwords."""
    assert "s3cret" not in repr(call)


def test_calls_compare_and_pickle_by_value():
    call = calls.ListServices("qwen", page_number=2)
    assert pickle.loads(pickle.dumps(call)) == call == dataclasses.replace(call)
    assert call != calls.ListServices("qwen")


def services(count, total=None):
    rows = [{"ServiceName": f"s{number}"} for number in range(count)]
    return calls.ListServicesAnswer.model_validate({"Services": rows, "TotalCount": total})


def test_numbered_pages_go_on_until_the_total():
    call = calls.ListServices("x")
    assert call.next_page(services(100, 150), 100) == calls.ListServices("x", page_number=2)
    assert call.next_page(services(50, 150), 150) is None


def test_numbered_pages_without_a_total_end_with_a_short_page():
    assert calls.ListServices().next_page(services(99), 99) is None
    assert calls.ListServices().next_page(services(100), 100).page_number == 2


def test_an_empty_page_ends_the_list():
    """A total that is too high must not make an endless loop."""
    assert calls.ListServices().next_page(services(0, 150), 100) is None


def test_token_pages_go_on_while_there_is_a_token():
    call = calls.ListListeners(["nlb-1"])
    more = calls.ListListenersAnswer.model_validate({"Listeners": [], "NextToken": "t2"})
    last = calls.ListListenersAnswer.model_validate({"Listeners": [], "NextToken": ""})
    assert call.next_page(more, 0) == calls.ListListeners(["nlb-1"], next_token="t2")
    assert call.next_page(last, 0) is None


def test_logs_page_by_the_number_of_pages():
    call = calls.DescribeServiceLog("x")
    page = calls.DescribeServiceLogAnswer.model_validate({"Logs": ["a"], "TotalPageNum": 2})
    assert call.next_page(page, 1) == calls.DescribeServiceLog("x", page_number=2)
    assert call.next_page(page, 1).next_page(page, 2) is None


def test_events_without_a_number_of_pages_page_by_their_total():
    call = calls.DescribeServiceEvent("x")
    page = calls.DescribeServiceEventAnswer.model_validate({"Events": [{}], "TotalCount": 2})
    assert call.next_page(page, 1).page_number == 2
    assert call.next_page(page, 2) is None


def test_every_item_of_a_list_is_found_by_iterating():
    for kind in operations().values():
        if issubclass(kind.answer_type, calls.Listing):
            assert kind.answer_type.model_validate({}).items == [], kind
