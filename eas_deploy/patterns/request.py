"""``ServiceRequest``: what to deploy, in few flat fields. The eight patterns are presets of it.

A request is checked when it is made: with stand-ins for what planning will find out, it must already be
a valid service JSON. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from typing_extensions import Self

from eas_deploy.catalog.frameworks import OTHER, Framework, framework_of
from eas_deploy.config import Autoscaler, InstanceChoice, Probe, ServiceConfig, Storage
from eas_deploy.config.fields import Count, Flag, Integer, OpenMap, Text, frozen
from eas_deploy.config.wire_model import WireModel
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding
from eas_deploy.patterns.building import missing, stand_ins, wire_of
from eas_deploy.patterns.networks import Gateway, Nlb, ResourceGroup, SharedGateway
from eas_deploy.patterns.probes import StartupPreset
from eas_deploy.patterns.resolved import Resolved
from eas_deploy.patterns.strict import Strict

TextMap = Annotated[Mapping[str, Text], AfterValidator(frozen)]


def made(part: type[WireModel]) -> BeforeValidator:
    """Has a part of the service JSON itself read a mapping: it knows best what is wrong with it."""
    return BeforeValidator(lambda value: part.model_validate(value) if isinstance(value, Mapping) else value)


def _probe(check: Any) -> Any:
    """Refuses what is no startup check at once: pydantic would say it of each thing that one can be."""
    if isinstance(check, Mapping):
        return Probe.model_validate(check)
    if check is None or check == "default" or isinstance(check, Probe):
        return check
    message = "A startup check is a Probe, the word default, or None for no check."
    raise ConfigError([Finding("value.type", "error", "", message)])


Instance = Annotated[
    InstanceChoice,
    made(InstanceChoice),
    BeforeValidator(lambda value: {"type": value} if isinstance(value, str) else value),
]
"""An instance type, or one with a spot price limit or a capacity."""


def _told_apart(network: Any) -> Any:
    """Refuses what is no network.

    A mapping too: the keys of a gateway and of an NLB are much the same, so it would be a guess.
    """
    if isinstance(network, (SharedGateway, Gateway, Nlb)):
        return network
    what = "A mapping" if isinstance(network, Mapping) else f"A Python {type(network).__name__}"
    message = f"{what} does not tell which kind of network it is."
    hint = "give SharedGateway(), Gateway(...) or Nlb(...)"
    raise ConfigError([Finding("value.type", "error", "", message, hint)])


class ServiceRequest(Strict):
    """A service to deploy: an image, a model, machines and a way to reach it.

    Exactly one of ``name`` and ``name_prefix`` is given. What is left open (the URI of an image that is
    given by name, the workspace, ids of the network) is discovered when the request is planned.

    Raises:
        ConfigError: It cannot be deployed; lists everything found.

    Example:
        An SGLang service behind a network load balancer, scaled by load:

        >>> request = ServiceRequest(
        ...     name="qwen_demo",
        ...     image="sglang:0.5.8-acclep1.2.1-gpu",
        ...     model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...     instance_type="ecs.gn7i-c16g1.4xlarge",
        ...     network=Nlb(),
        ...     autoscaler={"min": 1, "max": 4, "scaleStrategies": [{"metricName": "qps", "threshold": 20}]},
        ... )
    """

    preset_framework: ClassVar[Framework | None] = None
    """The framework that the pattern is about: its start command serves images that tell nothing."""
    preset_startup: ClassVar[StartupPreset | None] = None
    """The probe that ``startup_check="default"`` stands for."""
    may_choose_machine: ClassVar[bool] = False
    """Whether the instance type may be left out, for planning to choose a GPU."""

    name: Text | None = Field(
        None, description="Service name: 3 to 63 characters of a-z, 0-9 and underscore."
    )
    name_prefix: Text | None = Field(
        None, description="How the name begins; six random digits follow it as it stands."
    )
    image: Text = Field(
        description="Official image name (vllm:0.14.0-gpu), image id (image-...) or full image URI."
    )
    instance_type: Text | None = Field(
        None, description="Instance type of the public resource group, such as ecs.gn7i-c16g1.4xlarge."
    )
    instances: tuple[Instance, ...] = Field(
        (), description="Several instance types to try in order; spot prices are set here."
    )
    replicas: Count = Field(1, description="Number of instances.")
    port: Integer | None = Field(
        None, description="Container port, 1 to 65535, not 8080 or 9090; None: the image's, else 8000."
    )
    command: Text | None = Field(
        None, description="Start command; None: the image's own, else the framework's."
    )
    script: Text | None = Field(None, description="Start script of several lines, instead of a command.")
    workspace_id: Text | None = Field(None, description="PAI workspace; None: the only enabled one.")
    model: Text | None = Field(None, description="The model's files, oss://bucket/path/.")
    mount_path: Text = Field("/model_dir", description="Where the model is mounted in the container.")
    model_read_only: Flag = Field(default=True, description="Whether the model is mounted read-only.")
    storage: tuple[Annotated[Storage, made(Storage)], ...] = Field(
        (), description="Further mounts, written as they are."
    )
    env: TextMap = Field(
        default_factory=dict,
        description="Environment variables; their values are secrets.",
        validate_default=True,
    )
    startup_check: Annotated[Probe | Literal["default"] | None, BeforeValidator(_probe)] = Field(
        "default", description="Startup probe; default: the pattern's; None: no probe."
    )
    autoscaler: Annotated[Autoscaler | None, made(Autoscaler)] = Field(
        None, description="Scaling by metrics."
    )
    network: Annotated[SharedGateway | Gateway | Nlb, BeforeValidator(_told_apart)] = Field(
        default_factory=SharedGateway, description="How the service is reached."
    )
    resource_group: ResourceGroup | None = Field(
        None, description="Dedicated resource group, instead of instance types of the public one."
    )
    labels: TextMap = Field(default_factory=dict, description="Labels of the service.", validate_default=True)
    extra: OpenMap = Field(
        default_factory=dict,
        description="Raw service JSON, merged last. Objects are merged key by key, containers by position; "
        "everything else replaces what the other fields say.",
        validate_default=True,
    )

    def to_config(self, **resolved: Any) -> ServiceConfig:
        """The service JSON of this request.

        Needs no network when nothing is left to discover.

        Args:
            **resolved: What planning found out: the fields of `Resolved`.

        Raises:
            ConfigError: Something is still open (``Deployer.plan`` discovers it), or the service JSON is
                not valid.
            TypeError: No field of `Resolved` has that name.

        Example:
            >>> request = ServiceRequest(
            ...     name="demo", image="vllm:0.14.0-gpu", instance_type="ecs.gn7i-c16g1.4xlarge"
            ... )
            >>> request.to_config(image="registry.example.com/team/vllm:0.14").containers[0].command
            'vllm serve /model_dir --port 8000 --trust-remote-code'
        """
        found = Resolved(**resolved)
        open_ends = missing(self, found)
        if open_ends:
            raise ConfigError(open_ends)
        return ServiceConfig.load(wire_of(self, found))

    def framework(self, of_image: Framework | None = None) -> Framework:
        """The framework that the service runs: the image's, else the one the pattern is about.

        Args:
            of_image: What the catalogue's labels say; None goes by the image's name.
        """
        told = of_image or framework_of(self.image)
        return self.preset_framework if told is OTHER and self.preset_framework else told

    def _settle(self) -> Iterator[Finding]:
        """Works out the fields that follow from others, and finds what the pattern refuses."""
        if self.name is not None and self.name_prefix is not None:
            yield Finding(
                "name.conflict",
                "error",
                "name_prefix",
                "name and name_prefix are both given.",
                "give one of them",
            )
        told = framework_of(self.image)
        if self.preset_framework and told not in {OTHER, self.preset_framework}:
            yield Finding(
                "pattern.framework",
                "error",
                "image",
                f"{type(self).__name__} starts {self.preset_framework.title} and the image is {told.title}.",
                "use the pattern of that framework, or ServiceRequest",
            )

    @model_validator(mode="after")
    def _must_be_deployable(self) -> Self:
        found = list(self._settle())
        try:
            ServiceConfig.load(wire_of(self, stand_ins(self)))
        except ConfigError as refusal:
            known = {finding.rule for finding in found}
            found += [finding for finding in refusal.findings.errors if finding.rule not in known]
        if found:
            raise ConfigError(found)
        return self
