"""VPC, ECS and NLB: RPC operations, each with its product's own paging."""

import pytest

REGION = {"RegionId": "cn-hangzhou"}


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


def test_vpcs(caller):
    answer = caller.rpc("vpc", "DescribeVpcs", REGION)
    assert [(vpc["VpcId"], vpc["IsDefault"]) for vpc in answer["Vpcs"]["Vpc"]] == [
        ("vpc-emudefault", True),
        ("vpc-xxx", False),
        ("vpc-bp13kiflgde6v9dc9smc8", False),
    ]
    one = caller.rpc("vpc", "DescribeVpcs", {**REGION, "VpcId": "vpc-xxx"})
    assert one["TotalCount"] == 1


def test_vpcs_page_by_number(emulator, caller):
    for _ in range(9):
        emulator.add_vpc()
    assert len(caller.rpc("vpc", "DescribeVpcs", REGION)["Vpcs"]["Vpc"]) == 10
    second = caller.rpc("vpc", "DescribeVpcs", {**REGION, "PageNumber": 2})
    assert (len(second["Vpcs"]["Vpc"]), second["TotalCount"]) == (2, 12)
    assert len(caller.rpc("vpc", "DescribeVpcs", {**REGION, "PageSize": 50})["Vpcs"]["Vpc"]) == 12
    answer = caller.send("DescribeVpcs", "POST", "/", {**REGION, "PageSize": 51}, product="vpc")
    refused(answer, 400, "InvalidParameter")


def test_vswitches(caller):
    answer = caller.rpc("vpc", "DescribeVSwitches", {"VpcId": "vpc-xxx"})
    assert [(vsw["VSwitchId"], vsw["ZoneId"]) for vsw in answer["VSwitches"]["VSwitch"]] == [
        ("vsw-zone-a", "cn-hangzhou-h"),
        ("vsw-zone-b", "cn-hangzhou-i"),
    ]
    zone = caller.rpc("vpc", "DescribeVSwitches", {"VpcId": "vpc-xxx", "ZoneId": "cn-hangzhou-i"})
    assert [vsw["VSwitchId"] for vsw in zone["VSwitches"]["VSwitch"]] == ["vsw-zone-b"]
    named = caller.rpc("vpc", "DescribeVSwitches", {**REGION, "VSwitchId": "vsw-zone-a"})
    assert named["TotalCount"] == 1


def test_security_groups(caller):
    answer = caller.rpc("ecs", "DescribeSecurityGroups", {**REGION, "VpcId": "vpc-xxx"})
    groups = answer["SecurityGroups"]["SecurityGroup"]
    assert [(group["SecurityGroupId"], group["ServiceManaged"]) for group in groups] == [("sg-xxx", False)]
    assert answer["NextToken"] == ""


def test_security_groups_page_by_token(emulator, caller):
    """Ten on a page by default; the token leads on, and is empty at the end."""
    made = {emulator.add_security_group("vpc-many", service_managed=True) for _ in range(12)}
    query = {**REGION, "VpcId": "vpc-many"}
    first = caller.rpc("ecs", "DescribeSecurityGroups", query)
    rest = caller.rpc("ecs", "DescribeSecurityGroups", {**query, "NextToken": first["NextToken"]})
    pages = [answer["SecurityGroups"]["SecurityGroup"] for answer in (first, rest)]
    assert [len(page) for page in pages] == [10, 2]
    assert {group["SecurityGroupId"] for page in pages for group in page} == made
    assert rest["NextToken"] == ""
    whole = caller.rpc("ecs", "DescribeSecurityGroups", {**query, "MaxResults": 100})
    assert len(whole["SecurityGroups"]["SecurityGroup"]) == 12
    answer = caller.send("DescribeSecurityGroups", "POST", "/", {**query, "MaxResults": 101}, product="ecs")
    refused(answer, 400, "InvalidParameter")


@pytest.mark.parametrize("token", ["abc", "!", "b3RoZXI9MQ=="])
def test_made_up_token(caller, token):
    answer = caller.send("ListLoadBalancers", "POST", "/", {"NextToken": token}, product="nlb")
    refused(answer, 400, "InvalidParameter.NextToken")


def test_load_balancers(emulator, caller):
    first = emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a", "vsw-zone-b"])
    second = emulator.add_load_balancer(vpc_id="vpc-emudefault", vswitch_ids=["vsw-emudefaulth"])
    assert caller.rpc("nlb", "ListLoadBalancers", {})["TotalCount"] == 2
    by_vpc = caller.rpc("nlb", "ListLoadBalancers", {"VpcIds.1": "vpc-xxx", "VpcIds.2": "vpc-none"})
    assert [balancer["LoadBalancerId"] for balancer in by_vpc["LoadBalancers"]] == [first]
    by_id = caller.rpc("nlb", "ListLoadBalancers", {"LoadBalancerIds.1": second})
    assert [balancer["LoadBalancerId"] for balancer in by_id["LoadBalancers"]] == [second]
    one = caller.rpc("nlb", "GetLoadBalancerAttribute", {"LoadBalancerId": first})
    assert one["VpcId"] == "vpc-xxx"
    assert one["ZoneMappings"] == [
        {"VSwitchId": "vsw-zone-a", "ZoneId": "cn-hangzhou-h"},
        {"VSwitchId": "vsw-zone-b", "ZoneId": "cn-hangzhou-i"},
    ]


def test_unknown_load_balancer(caller):
    answer = caller.send(
        "GetLoadBalancerAttribute", "POST", "/", {"LoadBalancerId": "nlb-none"}, product="nlb"
    )
    refused(answer, 404, "ResourceNotFound.loadBalancer")


def test_listeners(emulator, caller):
    taken = emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"], listener_ports=[80, 443])
    emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"], listener_ports=[9000])
    answer = caller.rpc("nlb", "ListListeners", {"LoadBalancerIds.1": taken})
    assert [(one["ListenerPort"], one["ListenerProtocol"]) for one in answer["Listeners"]] == [
        (80, "TCP"),
        (443, "TCP"),
    ]
    assert caller.rpc("nlb", "ListListeners", {})["TotalCount"] == 3


@pytest.mark.parametrize(
    ("product", "action"),
    [("vpc", "DescribeVpcs"), ("ecs", "DescribeSecurityGroups"), ("vpc", "DescribeVSwitches")],
)
def test_region_is_needed(caller, product, action):
    refused(caller.send(action, "POST", "/", product=product), 400, "MissingParameter")
    answer = caller.send(action, "POST", "/", {"RegionId": "cn-mars"}, product=product)
    refused(answer, 404, "InvalidRegionId.NotFound")
