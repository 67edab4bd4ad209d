"""From the values in its JSON each pattern builds exactly that JSON."""

import json
from pathlib import Path

import pytest

from eas_deploy.config import Autoscaler, ScaleStrategy, ServiceConfig
from eas_deploy.patterns import (
    PATTERNS,
    ComfyUiOss,
    CpuToGpu,
    DedicatedGateway,
    DedicatedResourceGroup,
    SglangHealthCheck,
    VllmAutoscaling,
    VllmNlb,
    VllmOss,
    detect_pattern,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "patterns"
REGISTRY = "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas"
VLLM = f"{REGISTRY}/vllm:0.13.0rc2.a8ec486.20260305pai-gpu"
QWEN = "oss://yqtest-model/qwen2.5-0.5b-instruct/"
A10 = "ecs.gn7i-c16g1.4xlarge"

REQUESTS = {
    1: VllmOss(name="qwen35_7b_prod", image=VLLM, model=QWEN, instance_type=A10, workspace_id="123456"),
    2: VllmAutoscaling(
        name="qwen_autoscaling_test",
        image=VLLM,
        model=QWEN,
        instance_type=A10,
        workspace_id="123456",
        autoscaler=Autoscaler(
            min=1, max=4, scale_strategies=(ScaleStrategy(metric_name="qps", threshold=20),)
        ),
    ),
    3: VllmNlb(
        name="qwen_nlb_test",
        image=VLLM,
        model=QWEN,
        instance_type=A10,
        workspace_id="123456",
        vpc_id="vpc-xxx",
        vswitch_ids=("vsw-zone-a", "vsw-zone-b"),
        security_group_id="sg-xxx",
    ),
    4: SglangHealthCheck(
        name="llama3_8b_api",
        image=f"{REGISTRY}/sglang:0.5.8-acclep1.2.1-gpu",
        model="oss://yqtest-model/llama3-8b-instruct/",
        instance_type=A10,
        workspace_id="123456",
    ),
    5: ComfyUiOss(
        name="sdxl_inference",
        image=f"{REGISTRY}/comfyui:2.2-api",
        model="oss://yqtest-model/sdxl-v1.0/",
        instance_type=A10,
        workspace_id="123456",
    ),
    6: CpuToGpu(
        name="qwen_cpu_service",
        image=VLLM,
        model=QWEN,
        instance_type="ecs.gn6i-c4g1.xlarge",
        replicas=2,
        workspace_id="123456",
    ),
    7: DedicatedResourceGroup(
        name="my_vllm_service",
        image=VLLM,
        model=QWEN,
        workspace_id="123456",
        resource_id="eas-r-d29k8ytqxzxmqi7l0s",
        cpu=4,
        memory_mb=8000,
        gpu=1,
    ),
    8: DedicatedGateway(
        name="my_gateway_service",
        image=VLLM,
        model=QWEN,
        instance_type=A10,
        workspace_id="123456",
        gateway_id="gw-48hmbdt00fi6x90gft",
        vpc_id="vpc-bp13kiflgde6v9dc9smc8",
        vswitch_ids=("vsw-bp1bhmnwqdh1ta9z9klms", "vsw-bp1lz95xtmjiwqcpq31ng"),
        security_group_id="sg-bp1e36bfv61nfy1yudyc",
    ),
}


def published(number):
    (path,) = EXAMPLES.glob(f"{number}_*.json")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", REQUESTS)
def test_builds_exactly_its_json(number):
    assert REQUESTS[number].to_config().to_wire() == json.loads(published(number))


@pytest.mark.parametrize("number", REQUESTS)
def test_keys_stand_in_the_published_order(number):
    assert REQUESTS[number].to_config().to_json() == json.dumps(json.loads(published(number)), indent=2)


@pytest.mark.parametrize("number", REQUESTS)
def test_gives_no_finding(number):
    assert REQUESTS[number].to_config().check() == []


@pytest.mark.parametrize("number", REQUESTS)
def test_is_detected(number):
    assert detect_pattern(ServiceConfig.load(published(number))) == (number,)


def test_numbers_and_classes():
    assert {number: type(request) for number, request in REQUESTS.items()} == PATTERNS
