"""Answers are read leniently: whatever the service adds, leaves out or sends as null."""

import pytest
from pydantic import ValidationError

from eas_deploy import calls


def test_fields_left_out_are_none_or_empty():
    service = calls.ServiceInfo.model_validate({})
    assert (service.status, service.labels) == (None, [])


def test_unknown_fields_and_words_are_kept():
    service = calls.ServiceInfo.model_validate({"Status": "Pondering", "Brightness": 7})
    assert (service.status, service.Brightness) == ("Pondering", 7)


@pytest.mark.parametrize(
    ("model", "wire_name"),
    [
        (calls.ListServicesAnswer, "Services"),
        (calls.DescribeServiceEndpointsAnswer, "Endpoints"),
        (calls.DescribeServiceLogAnswer, "Logs"),
        (calls.DescribeVpcsAnswer, "Vpcs"),
        (calls.ListLoadBalancersAnswer, "LoadBalancers"),
    ],
)
def test_a_null_list_is_empty(model, wire_name):
    assert model.model_validate({wire_name: None}).items == []


def test_numbers_where_ids_belong_become_text():
    """WorkspaceId comes as 123456 and as "123456"."""
    assert calls.WorkspaceInfo.model_validate({"WorkspaceId": 123456}).workspace_id == "123456"


def test_text_where_numbers_belong_is_read():
    assert calls.ServiceInfo.model_validate({"Cpu": "16"}).cpu == 16


def test_what_does_not_fit_is_refused_without_showing_it():
    with pytest.raises(ValidationError) as caught:
        calls.ListServicesAnswer.model_validate({"Services": "s3cret"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "body", "first"),
    [
        (
            calls.DescribeVpcsAnswer,
            {"Vpcs": {"Vpc": [{"VpcId": "vpc-1", "IsDefault": True}]}},
            calls.VpcInfo(vpc_id="vpc-1", is_default=True),
        ),
        (
            calls.DescribeVSwitchesAnswer,
            {"VSwitches": {"VSwitch": [{"VSwitchId": "vsw-1", "AvailableIpAddressCount": 252}]}},
            calls.VSwitchInfo(vswitch_id="vsw-1", available_ip_address_count=252),
        ),
        (
            calls.DescribeSecurityGroupsAnswer,
            {"SecurityGroups": {"SecurityGroup": [{"SecurityGroupId": "sg-1", "ServiceManaged": False}]}},
            calls.SecurityGroupInfo(security_group_id="sg-1", service_managed=False),
        ),
    ],
)
def test_lists_of_vpc_and_ecs_are_unwrapped(model, body, first):
    """They come as ``Vpcs.Vpc[]``."""
    assert model.model_validate(body).items == [first]


def test_a_machine_is_read_in_the_apis_own_spelling():
    """``GPU`` is the model's name, ``GPUAmount`` the number."""
    wire = {
        "InstanceType": "ecs.gn7i-c16g1.4xlarge",
        "CPU": 16,
        "Memory": 60.0,
        "GPU": "NVIDIA A10",
        "GPUAmount": 1,
        "GPUMemory": 22.5,
        "IsAvailable": True,
        "StockStatus": "WithStock",
    }
    machine = calls.MachineSpec.model_validate(wire)
    assert (machine.cpu, machine.memory, machine.gpu) == (16, 60.0, "NVIDIA A10")
    assert (machine.gpu_amount, machine.gpu_memory, machine.is_available) == (1, 22.5, True)


def test_spellings_that_no_rule_gives():
    instance = calls.ServiceInstance.model_validate({"InnerIP": "10.0.0.1", "HostIP": "10.0.0.2"})
    container = calls.ServiceContainer.model_validate({"CurrentReaon": "OOMKilled"})
    balancer = calls.LoadBalancerInfo.model_validate(
        {"DNSName": "x.nlb", "ZoneMappings": [{"VSwitchId": "vsw-1"}]}
    )
    linked = calls.LinkedVpc.model_validate({"VpcId": "vpc-1", "VSwitchId": "vsw-1"})
    metric = calls.MetricStrategy.model_validate({"metricName": "qps", "threshold": 10})
    assert (instance.inner_ip, instance.host_ip, container.current_reason) == (
        "10.0.0.1",
        "10.0.0.2",
        "OOMKilled",
    )
    assert (balancer.dns_name, balancer.zone_mappings[0].vswitch_id) == ("x.nlb", "vsw-1")
    assert (linked.vpc_id, linked.vswitch_id) == ("vpc-1", "vsw-1")
    assert (metric.metric_name, metric.threshold) == ("qps", 10.0)


@pytest.mark.parametrize("ids", ["vsw-1, vsw-2", ["vsw-1", "vsw-2"]])
def test_vswitches_of_a_gateway_come_joined_or_as_a_list(ids):
    gateway = calls.GatewayInfo.model_validate({"LoadBalancerList": [{"VpcId": "vpc-1", "VSwitchIds": ids}]})
    assert gateway.load_balancer_list[0].vswitch_ids == ["vsw-1", "vsw-2"]


def test_labels_as_dicts():
    service = calls.ServiceInfo.model_validate({"Labels": [{"LabelKey": "team", "LabelValue": "a"}]})
    image = calls.ImageInfo.model_validate(
        {"Labels": [{"Key": "system.chipType", "Value": "GPU"}, {"Key": "x"}]}
    )
    assert service.label_map == {"team": "a"}
    assert image.label_map == {"system.chipType": "GPU", "x": ""}


@pytest.mark.parametrize(
    "answer",
    [
        calls.ServiceInfo.model_validate(
            {"AccessToken": "s3cret", "ServiceConfig": "s3cret", "ExtraData": "s3cret", "NewField": "s3cret"}
        ),
        calls.DescribeServiceEndpointsAnswer.model_validate({"AccessToken": "s3cret"}),
        calls.ServiceVersion.model_validate({"ServiceConfig": "s3cret"}),
        calls.ListServicesAnswer.model_validate({"Services": [{"AccessToken": "s3cret"}]}),
    ],
)
def test_secrets_stay_out_of_reprs(answer):
    assert "s3cret" not in repr(answer)
    assert "s3cret" not in str(answer)
