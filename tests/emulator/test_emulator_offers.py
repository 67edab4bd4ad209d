"""What the emulated account offers: images, instance types, workspaces, datasets, gateways, groups."""

import pytest

from eas_deploy.emulator import Emulator

OFFICIAL = {"Labels": "system.official=true,system.supported.eas=true", "Verbose": "True"}
ALL_IMAGES = 18


def test_images_page_by_twenty(caller):
    answer = caller.aiworkspace("ListImages", "/images")
    assert answer["TotalCount"] == ALL_IMAGES
    assert len(answer["Images"]) == ALL_IMAGES
    second = caller.aiworkspace("ListImages", "/images", {"PageSize": 10, "PageNumber": 2})
    assert len(second["Images"]) == 8
    assert second["Images"] == answer["Images"][10:]


def test_default_image_page(make_caller):
    """Without a page size there are twenty on a page."""
    images = [{"Name": f"own:{n}", "ImageUri": f"registry/own:{n}", "Labels": []} for n in range(25)]
    with Emulator(catalog={"Images": images}) as emulator:
        answer = make_caller(emulator).aiworkspace("ListImages", "/images")
    assert (len(answer["Images"]), answer["TotalCount"]) == (20, 25)


def test_images_by_label_need_verbose(caller):
    query = {"Labels": "system.chipType=CPU"}
    assert caller.aiworkspace("ListImages", "/images", query)["TotalCount"] == ALL_IMAGES
    verbose = caller.aiworkspace("ListImages", "/images", {**query, "Verbose": "true"})
    assert {image["Name"].partition(":")[0] for image in verbose["Images"]} == {"python-inference", "pai-rag"}


def test_labels_come_with_verbose_only(caller):
    assert "Labels" not in caller.aiworkspace("ListImages", "/images")["Images"][0]
    labels = caller.aiworkspace("ListImages", "/images", OFFICIAL)["Images"][0]["Labels"]
    assert {"Key": "system.official", "Value": "true"} in labels


def test_images_by_name_fuzzily(caller):
    names = [
        image["Name"] for image in caller.aiworkspace("ListImages", "/images", {"Name": "SGLang"})["Images"]
    ]
    assert names == ["sglang:0.5.8-acclep1.2.1-gpu", "sglang:v0.5.14", "sglang:v0.5.17"]


def test_images_sorted(caller):
    query = {"SortBy": "Name", "Order": "DESC"}
    names = [image["Name"] for image in caller.aiworkspace("ListImages", "/images", query)["Images"]]
    assert names == sorted(names, reverse=True)


def test_malformed_labels(caller):
    answer = caller.send(
        "ListImages", path="/api/v1/images", query={"Labels": "x", "Verbose": "True"}, product="aiworkspace"
    )
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "query", [{"PageSize": "101"}, {"PageSize": "0"}, {"PageNumber": "0"}, {"PageSize": "x"}]
)
def test_page_limits(caller, query):
    answer = caller.send("ListImages", path="/api/v1/images", query=query, product="aiworkspace")
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_get_image(caller):
    """GetImage gives the image without its id."""
    listed = caller.aiworkspace("ListImages", "/images", OFFICIAL)["Images"][0]
    image = caller.aiworkspace("GetImage", f"/images/{listed['ImageId']}", {"Verbose": "true"})
    assert image["Name"] == "vllm:0.14.0-gpu"
    assert image["Labels"] == listed["Labels"]
    assert "ImageId" not in image


def test_image_ids_are_stable():
    """The id of an image is the same in every run and region."""
    here, there = Emulator(), Emulator(region_id="cn-beijing")
    assert [image["ImageId"] for image in here.catalog.images] == [
        image["ImageId"] for image in there.catalog.images
    ]
    assert len({image["ImageId"] for image in here.catalog.images}) == ALL_IMAGES
    assert all(image["ImageId"].startswith("image-") for image in here.catalog.images)


def test_images_name_their_region():
    emulator = Emulator(region_id="ap-southeast-1")
    assert emulator.catalog.images[0]["ImageUri"] == (
        "eas-registry-vpc.ap-southeast-1.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu"
    )


def test_machine_specs(caller):
    answer = caller.eas("DescribeMachineSpec", "GET", "/public/instance_types")
    specs = {spec["InstanceType"]: spec for spec in answer["InstanceMetas"]}
    assert (specs["ecs.gn7i-c16g1.4xlarge"]["GPU"], specs["ecs.gn7i-c16g1.4xlarge"]["GPUAmount"]) == (
        "A10",
        1,
    )
    assert specs["ecs.gn6e-c12g1.24xlarge"]["IsAvailable"] is False
    assert "ecs.c8i.2xlarge" in specs
    assert any(name.startswith("ecs.ebmppu") for name in specs)
    assert any(name.startswith("ecs.egs") for name in specs)
    assert {"CPU": 2, "Memory": [4.0, 8.0, 16.0]} in answer["Types"]


def test_some_machine_specs(caller):
    wanted = {"InstanceTypes": "ecs.c8i.2xlarge,ecs.gn7i-c16g1.4xlarge"}
    answer = caller.eas("DescribeMachineSpec", "GET", "/public/instance_types", wanted)
    assert {spec["InstanceType"] for spec in answer["InstanceMetas"]} == set(
        wanted["InstanceTypes"].split(",")
    )


def test_own_machines(make_caller):
    spec = {"InstanceType": "ecs.own", "CPU": 1, "Memory": 1.0, "GPUAmount": 0, "IsAvailable": True}
    with Emulator(catalog={"InstanceMetas": [spec]}) as emulator:
        answer = make_caller(emulator).eas("DescribeMachineSpec", "GET", "/public/instance_types")
    assert answer["InstanceMetas"] == [spec]


def test_workspaces(emulator, caller):
    emulator.add_workspace("7", name="other", status="DISABLED")
    found = caller.aiworkspace("ListWorkspaces", "/workspaces", {"Status": "ENABLED"})
    assert [workspace["WorkspaceId"] for workspace in found["Workspaces"]] == ["123456"]
    named = caller.aiworkspace("ListWorkspaces", "/workspaces", {"WorkspaceName": "oth"})
    assert [workspace["WorkspaceId"] for workspace in named["Workspaces"]] == ["7"]


def test_workspaces_page_by_twenty(emulator, caller):
    for _ in range(24):
        emulator.add_workspace()
    assert len(caller.aiworkspace("ListWorkspaces", "/workspaces")["Workspaces"]) == 20
    last = caller.aiworkspace("ListWorkspaces", "/workspaces", {"PageNumber": 2})
    assert (len(last["Workspaces"]), last["TotalCount"]) == (5, 25)


def test_datasets(caller):
    found = caller.aiworkspace(
        "ListDatasets", "/datasets", {"WorkspaceId": "123456", "DataSourceTypes": "OSS"}
    )
    assert found["Datasets"][0]["Uri"].startswith("oss://")
    assert caller.aiworkspace("ListDatasets", "/datasets", {"DataSourceTypes": "NAS"})["TotalCount"] == 0


def test_gateways(emulator, caller):
    emulator.add_gateway("gw-second", name="second_gateway", status="Creating")
    answer = caller.eas("ListGateway", "GET", "/gateways")
    assert [(gateway["GatewayId"], gateway["Status"]) for gateway in answer["Gateways"]] == [
        ("gw-48hmbdt00fi6x90gft", "Running"),
        ("gw-second", "Creating"),
    ]
    by_id = caller.eas("ListGateway", "GET", "/gateways", {"GatewayId": "gw-second"})
    by_name = caller.eas("ListGateway", "GET", "/gateways", {"GatewayName": "second"})
    assert by_id["TotalCount"] == by_name["TotalCount"] == 1


def test_gateway_without_load_balancer_list(caller):
    """By default the VPC of a gateway is only told by its linked VPCs, one row for each vSwitch."""
    path = "/gateways/cn-hangzhou/gw-48hmbdt00fi6x90gft"
    assert "LoadBalancerList" not in caller.eas("DescribeGateway", "GET", path)
    linked = caller.eas("ListGatewayIntranetLinkedVpc", "GET", f"{path}/intranet_endpoint_linked_vpc")
    rows = linked["IntranetLinkedVpcList"]
    assert {row["VpcId"] for row in rows} == {"vpc-bp13kiflgde6v9dc9smc8"}
    assert [row["VSwitchId"] for row in rows] == ["vsw-bp1bhmnwqdh1ta9z9klms", "vsw-bp1lz95xtmjiwqcpq31ng"]
    assert {row["SecurityGroupId"] for row in rows} == {"sg-bp1e36bfv61nfy1yudyc"}


def test_gateway_with_load_balancer_list(emulator, caller):
    emulator.add_gateway(
        "gw-a",
        vpc_id="vpc-xxx",
        vswitch_ids=["vsw-zone-a"],
        security_group_id="sg-xxx",
        load_balancer_list=True,
    )
    described = caller.eas("DescribeGateway", "GET", "/gateways/cn-hangzhou/gw-a")
    assert described["LoadBalancerList"] == [{"VpcId": "vpc-xxx", "VSwitchIds": ["vsw-zone-a"]}]


def test_unknown_gateway(caller):
    answer = caller.send("DescribeGateway", path="/api/v2/gateways/cn-hangzhou/gw-none")
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidGateway.NotFound")


def test_resource_groups(emulator, caller):
    emulator.add_resource_group("eas-r-self", resource_type="SelfManaged", status="ResourceReady")
    emulator.add_resource_group("eas-r-new", status="ResourceCreating")
    ready = caller.eas(
        "ListResources", "GET", "/resources", {"ResourceType": "Dedicated", "ResourceStatus": "ResourceReady"}
    )
    assert [group["ResourceId"] for group in ready["Resources"]] == ["eas-r-d29k8ytqxzxmqi7l0s"]
    everything = caller.eas("ListResources", "GET", "/resources")
    assert everything["TotalCount"] == 3


def test_resource_group_tells_what_is_used(caller, config):
    """Running services take from their group; stopped ones do not."""
    del config["cloud"]
    config["metadata"] |= {
        "resource": "eas-r-d29k8ytqxzxmqi7l0s",
        "cpu": 4,
        "memory": 8000,
        "gpu": 1,
        "instance": 2,
    }
    caller.create(config)
    path = "/resources/cn-hangzhou/eas-r-d29k8ytqxzxmqi7l0s"
    group = caller.eas("DescribeResource", "GET", path)
    assert (group["CpuUsed"], group["MemoryUsed"], group["GpuUsed"]) == (8, 16000, 2.0)
    caller.service("StopService", "PUT", "demo_service", "/stop")
    assert caller.eas("DescribeResource", "GET", path)["CpuUsed"] == 0


def test_unknown_resource_group(caller):
    answer = caller.send("DescribeResource", path="/api/v2/resources/cn-hangzhou/eas-r-none")
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidResource.NotFound")
