"""Defaults, options and what planning found out, in the JSON that comes of them."""

import pytest

from eas_deploy.catalog.frameworks import SGLANG
from eas_deploy.config import (
    Autoscaler,
    HttpGet,
    InstanceChoice,
    NfsMount,
    OssMount,
    Probe,
    ScaleStrategy,
    Storage,
)
from eas_deploy.errors import ConfigError
from eas_deploy.patterns import (
    ComfyUiOss,
    CpuToGpu,
    DedicatedGateway,
    DedicatedResourceGroup,
    Gateway,
    Nlb,
    NlbListener,
    ResourceGroup,
    ServiceRequest,
    SglangHealthCheck,
    VllmNlb,
    VllmOss,
)

IMAGE = "registry.example.com/team/vllm:1"
GPU = "ecs.gn7i-c16g1.4xlarge"
VPC = {"vpc_id": "vpc-1", "vswitch_ids": ("vsw-1", "vsw-2"), "security_group_id": "sg-1"}


def vllm(**fields):
    return VllmOss(
        **{"name": "demo", "image": IMAGE, "model": "oss://bucket/qwen/", "instance_type": GPU, **fields}
    )


def request(**fields):
    return ServiceRequest(**{"name": "demo", "image": IMAGE, "instance_type": GPU, **fields})


def built(request, **resolved):
    return request.to_config(**resolved).to_wire()


def container(request, **resolved):
    return built(request, **resolved)["containers"][0]


def test_smallest_request():
    """What nobody asked for is not in the JSON."""
    assert built(request()) == {
        "metadata": {"name": "demo", "instance": 1},
        "containers": [
            {
                "image": "registry.example.com/team/vllm:1",
                "port": 8000,
                "command": "vllm serve /model_dir --port 8000 --trust-remote-code",
            }
        ],
        "cloud": {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
    }


# Port


def test_port_of_the_image():
    assert container(request(), default_port=8680)["port"] == 8680


def test_port_of_the_request_wins():
    assert container(request(port=9000), default_port=8680)["port"] == 9000


def test_port_reaches_command_and_probe():
    made = container(vllm(port=9000))
    assert made["command"] == "vllm serve /model_dir --port 9000 --trust-remote-code"
    assert made["startup_check"]["http_get"] == {"path": "/health", "port": 9000}


# Start command


def test_command_of_the_request_is_kept():
    assert container(request(command="serve --now"), default_script="run.sh")["command"] == "serve --now"


def test_script_takes_the_place_of_the_command():
    made = container(request(script="a\nb"))
    assert made["script"] == "a\nb"
    assert "command" not in made


def test_command_of_the_image_with_mount_path_and_port():
    made = container(
        request(mount_path="/data", port=9000), default_script="vllm serve /model_dir --port 8000 --fast"
    )
    assert made["command"] == "vllm serve /data --port 9000 --fast"


def test_command_by_the_framework_of_the_labels():
    made = container(request(image="registry.example.com/team/llm:1"), framework=SGLANG)
    assert made["command"].startswith("python -m sglang.launch_server --model-path /model_dir ")


def test_pattern_tells_the_framework_of_an_image_that_does_not():
    made = container(vllm(image="registry.example.com/team/llm:1", mount_path="/data"))
    assert made["command"] == "vllm serve /data --port 8000 --trust-remote-code"


def test_no_command_to_be_had():
    """Without one the caller must give it."""
    with pytest.raises(ConfigError) as caught:
        request(image="registry.example.com/team/app:1").to_config()
    assert [(found.rule, found.path) for found in caught.value.findings] == [
        ("command.missing", "containers[0].command")
    ]


# Mounts


def test_path_gets_its_slash():
    assert built(vllm(model="oss://bucket/qwen"))["storage"] == [
        {"mount_path": "/model_dir", "oss": {"path": "oss://bucket/qwen/", "readOnly": True}}
    ]


def test_writable_model():
    assert built(vllm(model_read_only=False))["storage"][0]["oss"]["readOnly"] is False


def test_further_mounts_follow_the_model_as_they_are():
    nfs = Storage(mount_path="/data", nfs=NfsMount(server="x.cn-hangzhou.nas.aliyuncs.com", path="/"))
    oss = Storage(mount_path="/cache", oss=OssMount(path="oss://bucket/cache"))
    assert built(vllm(storage=(nfs, oss)))["storage"][1:] == [
        {"mount_path": "/data", "nfs": {"server": "x.cn-hangzhou.nas.aliyuncs.com", "path": "/"}},
        {"mount_path": "/cache", "oss": {"path": "oss://bucket/cache"}},
    ]


def test_comfyui_mounts_elsewhere_on_wish():
    comfyui = ComfyUiOss(
        name="demo",
        image="registry.example.com/comfyui:1",
        model="oss://bucket/sdxl/",
        instance_type=GPU,
        mount_path="/weights",
    )
    assert built(comfyui)["storage"][0]["mount_path"] == "/weights"


# Probe


def test_no_probe_on_wish():
    assert "startup_check" not in container(vllm(startup_check=None))


def test_own_probe_is_kept():
    probe = Probe(http_get=HttpGet(path="/ready", port=8000), period_seconds=5)
    assert container(vllm(startup_check=probe))["startup_check"] == {
        "http_get": {"path": "/ready", "port": 8000},
        "period_seconds": 5,
    }


def test_probe_on_a_pattern_without_one():
    probe = {"tcp_socket": {"port": 8000}}
    assert container(request(startup_check=probe))["startup_check"] == {"tcp_socket": {"port": 8000}}


# Machines


def test_instances_in_order_with_spot_price():
    choices = ("ecs.gn6i-c4g1.xlarge", InstanceChoice(type=GPU, spot_price_limit=0.5))
    made = built(request(instance_type=None, instances=choices))
    assert made["cloud"]["computing"] == {
        "instances": [
            {"type": "ecs.gn6i-c4g1.xlarge"},
            {"type": "ecs.gn7i-c16g1.4xlarge", "spot_price_limit": 0.5},
        ]
    }


def test_gpu_is_chosen_for_cpu_to_gpu():
    """This pattern alone may leave the machine open."""
    open_request = CpuToGpu(name="demo", image=IMAGE)
    with pytest.raises(ConfigError) as caught:
        open_request.to_config()
    assert [found.rule for found in caught.value.findings] == ["resource.missing"]
    assert built(open_request, instance_type=GPU)["cloud"]["computing"] == {"instance_type": GPU}


# Resource group


def test_resource_group_gets_a_gpu_when_the_framework_needs_one():
    made = built(DedicatedResourceGroup(name="demo", image=IMAGE, resource_id="eas-r-1"))
    assert made["metadata"] == {"name": "demo", "instance": 1, "resource": "eas-r-1", "gpu": 1}
    assert "cloud" not in made


def test_resource_group_gets_no_gpu_otherwise():
    made = built(
        DedicatedResourceGroup(
            name="demo", image="registry.example.com/app:1", command="serve", resource_id="eas-r-1", cpu=4
        )
    )
    assert made["metadata"] == {"name": "demo", "instance": 1, "resource": "eas-r-1", "cpu": 4}


def test_gpus_of_the_request_are_kept():
    group = ResourceGroup(resource_id="eas-r-1", gpu=2)
    assert (
        built(DedicatedResourceGroup(name="demo", image=IMAGE, resource_group=group))["metadata"]["gpu"] == 2
    )


def test_resource_group_found_by_planning():
    group = DedicatedResourceGroup(name="demo", image=IMAGE)
    made = built(group, resource_id="eas-r-9", gpu=1)["metadata"]
    assert (made["resource"], made["gpu"]) == ("eas-r-9", 1)


def test_health_check_in_a_resource_group():
    """Patterns combine by their fields."""
    made = built(
        SglangHealthCheck(
            name="demo",
            image="registry.example.com/sglang:1",
            resource_group=ResourceGroup(resource_id="eas-r-1", gpu=1),
        )
    )
    assert made["metadata"]["resource"] == "eas-r-1"
    assert made["containers"][0]["startup_check"]["http_get"]["path"] == "/health"


# Network


def test_autoscaling_on_an_nlb():
    scaler = Autoscaler(min=1, max=4, scale_strategies=(ScaleStrategy(metric_name="qps", threshold=20),))
    made = built(request(network=Nlb(**VPC), autoscaler=scaler))
    assert list(made) == ["metadata", "containers", "cloud", "autoscaler", "networking"]
    assert made["autoscaler"] == {
        "min": 1,
        "max": 4,
        "scaleStrategies": [{"metricName": "qps", "threshold": 20}],
    }


def test_several_listeners():
    listeners = (NlbListener(port=8000), NlbListener(port=8001, net_type="internet"))
    assert built(request(network=Nlb(listeners=listeners, nlb_id="nlb-1", **VPC)))["networking"] == {
        "nlb": [
            {"id": "nlb-1", "listener_port": 8000, "netType": "intranet"},
            {"id": "nlb-1", "listener_port": 8001, "netType": "internet"},
        ]
    }


def test_network_found_by_planning():
    made = built(
        VllmNlb(name="demo", image=IMAGE, model="oss://bucket/qwen/", instance_type=GPU),
        vpc_id="vpc-9",
        vswitch_ids=("vsw-8", "vsw-9"),
        security_group_id="sg-9",
    )
    assert made["cloud"]["networking"] == {
        "vpc_id": "vpc-9",
        "vswitch_id": "vsw-8,vsw-9",
        "security_group_id": "sg-9",
    }


def test_gateway_found_by_planning():
    made = built(
        DedicatedGateway(name="demo", image=IMAGE, instance_type=GPU),
        gateway_id="gw-9",
        vpc_id="vpc-9",
        vswitch_ids=("vsw-9",),
        security_group_id="sg-9",
    )
    assert made["networking"] == {"gateway": "gw-9"}
    assert made["cloud"]["networking"]["vswitch_id"] == "vsw-9"


# Name, image, workspace


def test_name_and_image_and_workspace_found_by_planning():
    prefixed = ServiceRequest(name_prefix="skill_qwen_", image="vllm:0.14.0-gpu", instance_type=GPU)
    made = built(prefixed, name="skill_qwen_482917", image=IMAGE, workspace_id="77")
    assert made["metadata"] == {"name": "skill_qwen_482917", "instance": 1, "workspace_id": "77"}
    assert made["containers"][0]["image"] == IMAGE


def test_everything_open_is_told_at_once():
    """Without a network the config cannot be built, and each finding says who finds it out."""
    open_request = DedicatedGateway(name_prefix="demo_", image="vllm:0.14.0-gpu", instance_type=GPU)
    with pytest.raises(ConfigError, match=r"Deployer\.plan") as caught:
        open_request.to_config()
    assert [(found.rule, found.path) for found in caught.value.findings] == [
        ("gateway.network", "networking.gateway"),
        ("gateway.network", "cloud.networking.vpc_id"),
        ("gateway.network", "cloud.networking.vswitch_id"),
        ("gateway.network", "cloud.networking.security_group_id"),
        ("name.required", "metadata.name"),
        ("image.unknown", "containers[0].image"),
    ]


def test_open_ends_of_an_nlb_and_a_resource_group():
    open_request = DedicatedResourceGroup(name="demo", image=IMAGE, network=Nlb(vpc_id="vpc-1"))
    with pytest.raises(ConfigError) as caught:
        open_request.to_config()
    assert [(found.rule, found.path) for found in caught.value.findings] == [
        ("nlb.network", "cloud.networking.vswitch_id"),
        ("nlb.network", "cloud.networking.security_group_id"),
        ("resource.missing", "metadata.resource"),
    ]


def test_misspelt_finding_of_planning():
    with pytest.raises(TypeError, match="worksapce_id"):
        request().to_config(worksapce_id="1")


# Environment, labels, extra


def test_environment_and_labels():
    made = built(request(env={"MODE": "fast"}, labels={"team": "search"}))
    assert made["containers"][0]["env"] == [{"name": "MODE", "value": "fast"}]
    assert made["labels"] == {"team": "search"}


def test_extra_is_merged_last():
    """Objects key by key, containers by position, everything else replaced: conflicts are the caller's wish."""
    made = built(
        vllm(
            extra={
                "metadata": {"instance": 3, "shm_size": 64},
                "containers": [{"liveness_check": {"tcp_socket": {"port": 8000}}}, {"image": "side:1"}],
                "storage": [{"mount_path": "/other", "oss": {"path": "oss://bucket/other/"}}],
                "features": {"eas.aliyun.com/gpu-driver-version": "tesla=550.127.08"},
            }
        )
    )
    assert made["metadata"] == {"name": "demo", "instance": 3, "shm_size": 64}
    assert made["containers"][0]["port"] == 8000
    assert made["containers"][0]["liveness_check"] == {"tcp_socket": {"port": 8000}}
    assert made["containers"][1] == {"image": "side:1"}
    assert made["storage"] == [{"mount_path": "/other", "oss": {"path": "oss://bucket/other/"}}]
    assert made["features"] == {"eas.aliyun.com/gpu-driver-version": "tesla=550.127.08"}


def test_extra_can_say_where_to_run():
    made = built(ServiceRequest(name="demo", image=IMAGE, extra={"metadata": {"cpu": 4, "memory": 8000}}))
    assert made["metadata"] == {"name": "demo", "instance": 1, "cpu": 4, "memory": 8000}


def test_gateway_as_a_field():
    made = built(request(network=Gateway(gateway_id="gw-1", **VPC)))
    assert made["networking"] == {"gateway": "gw-1"}
