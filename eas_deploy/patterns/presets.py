"""The eight patterns: presets of `ServiceRequest` that differ in defaults, requirements and refusals.

They combine through their fields: a `VllmNlb` with an ``autoscaler``, a `SglangHealthCheck` in a
``resource_group``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from eas_deploy.catalog.frameworks import COMFYUI, SGLANG, VLLM, Framework
from eas_deploy.config import Autoscaler
from eas_deploy.config.fields import Integer, Text
from eas_deploy.findings import Finding
from eas_deploy.patterns.networks import Gateway, NetType, Nlb, NlbListener, ResourceGroup
from eas_deploy.patterns.probes import IMAGE_GENERATION_STARTUP, LLM_STARTUP, StartupPreset
from eas_deploy.patterns.request import ServiceRequest, made
from eas_deploy.patterns.strict import Strict


class VllmOss(ServiceRequest):
    """Pattern 1: vLLM with a model from OSS, on a public GPU instance behind the shared gateway.

    Waits for the model with a startup probe on ``/health``.

    Example:
        >>> request = VllmOss(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ... )
    """

    preset_framework: ClassVar[Framework | None] = VLLM
    preset_startup: ClassVar[StartupPreset | None] = LLM_STARTUP

    model: Text = Field(description="The model's files, oss://bucket/path/.")


class VllmAutoscaling(ServiceRequest):
    """Pattern 2: vLLM with a model from OSS, scaled by load.

    Example:
        >>> from eas_deploy.config import Autoscaler, ScaleStrategy
        >>> request = VllmAutoscaling(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ...     autoscaler=Autoscaler(
        ...         min=1, max=4, scale_strategies=(ScaleStrategy(metric_name="qps", threshold=20),)
        ...     ),
        ... )
    """

    preset_framework: ClassVar[Framework | None] = VLLM

    model: Text = Field(description="The model's files, oss://bucket/path/.")
    autoscaler: Annotated[Autoscaler, made(Autoscaler)] = Field(description="Scaling by metrics.")


class VllmNlb(ServiceRequest):
    """Pattern 3: vLLM with a model from OSS, behind a network load balancer.

    ``network=Nlb(...)`` says the same as the shorthands, and can have several listeners.

    Example:
        >>> request = VllmNlb(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ...     listener_port=9000,
        ... )
        >>> request.network.listeners[0].port
        9000
    """

    preset_framework: ClassVar[Framework | None] = VLLM

    model: Text = Field(description="The model's files, oss://bucket/path/.")
    network: Nlb = Field(default_factory=Nlb, description="The load balancer.")
    listener_port: Integer = Field(8000, description="Listener port, 1 to 65535, not 8080.")
    net_type: NetType = Field("intranet", description="intranet: from the VPC; internet: from anywhere.")
    nlb_id: Text = Field("default", description="default: EAS creates one; or an existing nlb-...")
    vpc_id: Text | None = Field(None, description="VPC, vpc-...; None: discovered.")
    vswitch_ids: tuple[Text, ...] = Field(
        (), description="At least two vSwitches in different zones; empty: discovered."
    )
    security_group_id: Text | None = Field(None, description="Security group, sg-...; None: discovered.")

    def _settle(self) -> Iterator[Finding]:
        """Makes ``network`` and its shorthands agree."""
        yield from super()._settle()
        yield from _agree(self, "network", _nlb, _nlb_shorthands)


class SglangHealthCheck(ServiceRequest):
    """Pattern 4: SGLang, whose startup is checked on ``/health``.

    Example:
        >>> request = SglangHealthCheck(
        ...     name="llama_demo",
        ...     image="sglang:0.5.8-acclep1.2.1-gpu",
        ...     model="oss://my-bucket/llama3-8b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ... )
    """

    preset_framework: ClassVar[Framework | None] = SGLANG
    preset_startup: ClassVar[StartupPreset | None] = LLM_STARTUP


class ComfyUiOss(ServiceRequest):
    """Pattern 5: ComfyUI with models from OSS under ``/models``.

    Waits for the web interface with a startup probe on ``/``.

    Example:
        >>> request = ComfyUiOss(
        ...     name="sdxl_demo",
        ...     image="comfyui:2.2-api",
        ...     model="oss://my-bucket/sdxl-v1.0/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ... )
    """

    preset_framework: ClassVar[Framework | None] = COMFYUI
    preset_startup: ClassVar[StartupPreset | None] = IMAGE_GENERATION_STARTUP

    model: Text = Field(description="The models' files, oss://bucket/path/.")
    mount_path: Text = Field("/models", description="Where the models are mounted in the container.")


class CpuToGpu(ServiceRequest):
    """Pattern 6: any image. Where its framework needs a GPU, one is chosen when the request is planned.

    Example:
        A CPU type was asked for; vLLM gets a GPU type instead, and the plan records why:

        >>> request = CpuToGpu(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.c7.xlarge",
        ... )
    """

    may_choose_machine: ClassVar[bool] = True


CustomImage = CpuToGpu
"""Another name of `CpuToGpu`, for images that run anywhere."""


class DedicatedResourceGroup(ServiceRequest):
    """Pattern 7: on machines of a dedicated resource group, never on public ones.

    ``resource_group=ResourceGroup(...)`` says the same as the shorthands.

    Example:
        >>> request = DedicatedResourceGroup(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     cpu=4,
        ...     memory_mb=8000,
        ...     gpu=1,
        ... )
        >>> request.resource_group.memory_mb
        8000
    """

    resource_group: ResourceGroup = Field(default_factory=ResourceGroup, description="The resource group.")
    resource_id: Text | None = Field(None, description="Resource group, eas-r-...; None: discovered.")
    cpu: Integer | None = Field(None, description="CPU cores of one replica.")
    memory_mb: Integer | None = Field(None, description="Memory of one replica in MB.")
    gpu: Integer | None = Field(
        None, description="GPUs of one replica; None: 1 for vLLM and SGLang, otherwise none."
    )

    def _settle(self) -> Iterator[Finding]:
        """Makes ``resource_group`` and its shorthands agree, and refuses public machines."""
        yield from super()._settle()
        yield from _agree(self, "resource_group", ResourceGroup, _fields)
        for name in ("instance_type", "instances"):
            if getattr(self, name):
                yield Finding(
                    "resource.conflict",
                    "error",
                    name,
                    f"{name} is of the public resource group, and this pattern runs in a dedicated one.",
                    "leave it out, or use ServiceRequest for an elastic pool",
                )


class DedicatedGateway(ServiceRequest):
    """Pattern 8: behind a dedicated gateway.

    ``network=Gateway(...)`` says the same as the shorthands.

    Example:
        >>> request = DedicatedGateway(
        ...     name="qwen_demo",
        ...     image="vllm:0.14.0-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ...     gateway_id="gw-48hmbdt00fi6x90gft",
        ... )
        >>> request.network.gateway_id
        'gw-48hmbdt00fi6x90gft'
    """

    network: Gateway = Field(default_factory=Gateway, description="The gateway.")
    gateway_id: Text | None = Field(None, description="Gateway, gw-...; None: the region's one is used.")
    vpc_id: Text | None = Field(None, description="VPC, vpc-...; None: discovered.")
    vswitch_ids: tuple[Text, ...] = Field((), description="vSwitches, vsw-...; empty: discovered.")
    security_group_id: Text | None = Field(None, description="Security group, sg-...; None: discovered.")

    def _settle(self) -> Iterator[Finding]:
        """Makes ``network`` and its shorthands agree."""
        yield from super()._settle()
        yield from _agree(self, "network", Gateway, _fields)


PATTERNS: dict[int, type[ServiceRequest]] = {
    1: VllmOss,
    2: VllmAutoscaling,
    3: VllmNlb,
    4: SglangHealthCheck,
    5: ComfyUiOss,
    6: CpuToGpu,
    7: DedicatedResourceGroup,
    8: DedicatedGateway,
}
"""The number of each pattern and its class."""


def _agree(
    request: ServiceRequest,
    whole: str,
    join: Callable[..., Strict],
    split: Callable[[Any], dict[str, Any]],
) -> Iterator[Finding]:
    """Makes a part of the request and the shorthands for its fields say the same.

    Args:
        request: The request under construction.
        whole: The field that holds the part.
        join: Makes the part of the shorthands.
        split: The shorthands, by name, that a part stands for.
    """
    part = getattr(request, whole)
    names = split(part)
    short = [name for name in names if name in request.model_fields_set]
    if whole in request.model_fields_set and short:
        yield Finding(
            "request.conflict",
            "error",
            whole,
            f"{whole} and its shorthands ({', '.join(short)}) are both given.",
            "give one of them",
        )
    worked_out = {whole: join(**{name: getattr(request, name) for name in names})} if short else names
    # Not by assignment: the request is frozen, and what is worked out does not count as given, so that
    # a copy with changes works it out anew.
    request.__dict__.update(worked_out)


def _fields(part: Strict) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields}


def _nlb(listener_port: int, net_type: NetType, **others: Any) -> Nlb:
    return Nlb(listeners=(NlbListener(port=listener_port, net_type=net_type),), **others)


def _nlb_shorthands(nlb: Nlb) -> dict[str, Any]:
    first = nlb.listeners[0]
    others: Mapping[str, Any] = {name: value for name, value in _fields(nlb).items() if name != "listeners"}
    return {"listener_port": first.port, "net_type": first.net_type, **others}
