"""What a type checker knows of requests, configs, errors and the emulator. Checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from eas_deploy import Deployer, ServiceConfig, ServiceRequest
from eas_deploy.config import Autoscaler, Finding, Findings, Metadata, Probe, ScaleStrategy, lint
from eas_deploy.emulator import ControlCall, EmulatedService, Emulator, Fault
from eas_deploy.errors import ApiError, ConfigError, CreateOutcomeUnknownError, DuplicateServiceError
from eas_deploy.patterns import (
    PATTERNS,
    CustomImage,
    DedicatedGateway,
    DedicatedResourceGroup,
    Gateway,
    Nlb,
    NlbListener,
    ResourceGroup,
    SharedGateway,
    VllmAutoscaling,
    VllmNlb,
    VllmOss,
    detect_pattern,
)


def a_pattern_is_a_request() -> ServiceRequest:
    request = VllmOss(
        name="demo", image="vllm:0.14.0-gpu", model="oss://bucket/model/", instance_type="ecs.x"
    )
    assert_type(request.replicas, int)
    assert_type(request.model, str)
    assert_type(request.port, int | None)
    assert_type(request.network, SharedGateway | Gateway | Nlb)
    assert_type(request.to_config(workspace_id="1"), ServiceConfig)
    assert_type(request.model_copy(update={"replicas": 2}), VllmOss)
    return request


def shorthands_and_parts() -> None:
    VllmAutoscaling(
        name_prefix="demo_",
        image="vllm:0.14.0-gpu",
        model="oss://bucket/model/",
        instance_type="ecs.x",
        autoscaler=Autoscaler(
            min=1, max=2, scale_strategies=(ScaleStrategy(metric_name="qps", threshold=5),)
        ),
    )
    nlb = VllmNlb(
        name="demo",
        image="vllm:0.14.0-gpu",
        model="oss://bucket/model/",
        instance_type="ecs.x",
        listener_port=9000,
    )
    assert_type(nlb.network, Nlb)
    assert_type(nlb.network.listeners, tuple[NlbListener, ...])
    group = DedicatedResourceGroup(name="demo", image="vllm:0.14.0-gpu", cpu=4, memory_mb=8000)
    assert_type(group.resource_group, ResourceGroup)
    gateway = DedicatedGateway(name="demo", image="vllm:0.14.0-gpu", instance_type="ecs.x", gateway_id="gw-1")
    assert_type(gateway.network, Gateway)
    CustomImage(
        name="demo",
        image="registry.example.com/a:1",
        command="run",
        instance_type="ecs.x",
        startup_check=None,
    )


def mistakes_are_seen() -> None:
    VllmOss(name="demo", model="oss://bucket/model/")  # type: ignore[call-arg] # image is required
    VllmOss(name="demo", image="vllm", model="oss://b/m/", instancetype="ecs.x")  # type: ignore[call-arg] # a typo


def config(path: Path, document: dict[str, Any]) -> None:
    loaded = ServiceConfig.load(path)
    assert_type(loaded, ServiceConfig)
    assert_type(ServiceConfig.load(document, unknown_keys="keep"), ServiceConfig)
    assert_type(loaded.metadata, Metadata)
    assert_type(loaded.metadata.name, str | None)
    assert_type(loaded.containers[0].startup_check, Probe | None)
    assert_type(loaded.to_wire(), dict[str, Any])
    assert_type(loaded.to_json(), str)
    assert_type(loaded.check(), Findings)
    assert_type(lint(path), Findings)
    assert_type(detect_pattern(loaded), tuple[int, ...])
    assert_type(PATTERNS[1], type[ServiceRequest])


def errors(
    api: ApiError, invalid: ConfigError, taken: DuplicateServiceError, open_end: CreateOutcomeUnknownError
) -> None:
    assert_type(api.service_may_exist, bool)
    assert_type(api.code, str | None)
    assert_type(invalid.findings, Findings)
    assert_type(invalid.findings[0], Finding)
    assert_type(taken.status, str | None)
    assert_type(open_end.how_to_check, str)


def emulator() -> None:
    with Emulator(lifecycle="immediate") as running:
        assert_type(running, Emulator)
        assert_type(running.env(), dict[str, str])
        assert_type(running.services, dict[str, EmulatedService])
        assert_type(running.calls, list[ControlCall])
        running.inject(Fault("CreateService", kind="reset", applied=True))
        running.inject(Fault("CreateService", kind="explode"))  # type: ignore[arg-type] # no such kind
        Deployer("cn-hangzhou", **running.connection())
