"""Which patterns a service JSON follows: each alone, several together, none."""

import pytest

from eas_deploy.config import ServiceConfig
from eas_deploy.patterns import detect_pattern

VPC = {"vpc_id": "vpc-1", "vswitch_id": "vsw-1,vsw-2", "security_group_id": "sg-1"}
PUBLIC = {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}}
OSS = [{"mount_path": "/model_dir", "oss": {"path": "oss://bucket/m/", "readOnly": True}}]
SCALER = {"min": 1, "max": 4, "scaleStrategies": [{"metricName": "qps", "threshold": 20}]}
NLB = {"nlb": [{"id": "default", "listener_port": 8000, "netType": "intranet"}]}


def detected(image, *, checked=False, resource=None, cloud=PUBLIC, **sections):
    container = {"image": f"registry.example.com/team/{image}:1", "port": 8000, "command": "serve"}
    if checked:
        container["startup_check"] = {"http_get": {"path": "/health", "port": 8000}}
    metadata = {"name": "demo"}
    if resource:
        metadata["resource"] = resource
        cloud = {key: value for key, value in cloud.items() if key != "computing"}
    config = {"metadata": metadata, "containers": [container], **sections}
    if cloud:
        config["cloud"] = cloud
    return detect_pattern(ServiceConfig.load(config))


@pytest.mark.parametrize(
    ("follows", "expected"),
    [
        (lambda: detected("vllm", checked=True, storage=OSS), (1,)),
        (lambda: detected("vllm", checked=True, storage=OSS, autoscaler=SCALER), (1, 2)),
        (lambda: detected("vllm", checked=True, storage=OSS, resource="eas-r-1"), (7,)),
        (lambda: detected("vllm", checked=True), (6,)),
        (lambda: detected("vllm", storage=OSS), (6,)),
        (
            lambda: detected("vllm", autoscaler=SCALER, networking=NLB, cloud={**PUBLIC, "networking": VPC}),
            (2, 3),
        ),
        (
            lambda: detected(
                "sglang", checked=True, networking={"gateway": "gw-1"}, cloud={**PUBLIC, "networking": VPC}
            ),
            (4, 8),
        ),
        (
            lambda: detected(
                "vllm", checked=True, storage=OSS, networking=NLB, cloud={**PUBLIC, "networking": VPC}
            ),
            (3,),
        ),
        (lambda: detected("sglang", checked=True, resource="eas-r-1"), (4, 7)),
        (lambda: detected("sglang"), (6,)),
        (lambda: detected("comfyui", storage=OSS), (5,)),
        (lambda: detected("comfyui"), (6,)),
        (lambda: detected("app"), (6,)),
    ],
)
def test_patterns(follows, expected):
    assert follows() == expected


def test_none():
    """Cores and memory alone are an older form that no pattern uses."""
    config = {
        "metadata": {"name": "demo", "cpu": 2, "memory": 4000},
        "containers": [{"image": "registry.example.com/app:1", "port": 8000, "command": "serve"}],
    }
    assert detect_pattern(ServiceConfig.load(config)) == ()
