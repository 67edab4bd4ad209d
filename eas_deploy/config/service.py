"""``ServiceConfig``: the whole service JSON, the body of CreateService."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from pydantic import Field, ValidationError, ValidationInfo, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import InitErrorDetails, PydanticCustomError
from typing_extensions import Self

from eas_deploy.config.containers import Container
from eas_deploy.config.fields import Array, Count, Flag, OpenMap, Text
from eas_deploy.config.masking import MASK
from eas_deploy.config.metadata import Eas, Metadata, Rpc
from eas_deploy.config.network import Cloud, Networking
from eas_deploy.config.reading import Source, from_python, read
from eas_deploy.config.scaling import Autoscaler
from eas_deploy.config.storage import Storage
from eas_deploy.config.validator import JUDGED, admitted, judge
from eas_deploy.config.wire_model import UnknownKeys, WireModel
from eas_deploy.findings import Findings


class Queue(WireModel):
    """The queue of an asynchronous service."""

    cpu: Count | None = Field(None, description="CPU cores of the queue.")
    memory: Count | None = Field(None, description="Memory of the queue in MB.")
    max_delivery: Count | None = Field(None, description="How often a request is tried.")
    resource: Text | None = Field(None, description="Resource group of the queue.")


class Runtime(WireModel):
    """How the processes of an instance are run."""

    enable_crash_block: Flag | None = Field(
        None, description="Whether a crashed instance is kept for inspection."
    )
    termination_grace_period: Count | None = Field(
        None, description="Seconds an instance has to finish before it ends."
    )


class Unit(WireModel):
    """Several machines that together are one instance."""

    size: Count | None = Field(None, description="Machines of one instance.")


class ServiceConfig(WireModel):
    """A service JSON, exactly as written: frozen, typed and checked by every rule.

    Attributes are None (lists: empty) where the JSON has no such key; the service's own default then applies.
    """

    place = ()

    name: Text | None = Field(None, description="Official alias of metadata.name.")
    metadata: Metadata = Field(Metadata(), description="The service's name, size and scheduling.")
    containers: Array[Container] = Field((), description="The containers; at least one.")
    storage: Array[Storage] = Field((), description="What is mounted where.")
    cloud: Cloud | None = Field(None, description="Machines and VPC.")
    networking: Networking | None = Field(None, description="How the service is reached.")
    autoscaler: Autoscaler | None = Field(None, description="Scaling by metrics.")
    runtime: Runtime | None = Field(None, description="How the processes of an instance are run.")
    features: OpenMap | None = Field(None, description="Feature switches, eas.aliyun.com/...")
    labels: OpenMap | None = Field(None, description="Labels of the service.")
    unit: Unit | None = Field(None, description="Several machines that together are one instance.")
    options: OpenMap | None = Field(None, description="Further options.")
    queue: Queue | None = Field(None, description="The queue of an asynchronous service.")
    token: Text | None = Field(None, description="Access token of the service; a secret.")
    docker_auth: Text | None = Field(
        None, validation_alias="dockerAuth", description="Base64 of user:password for the images' registry."
    )
    rpc: Rpc | None = Field(None, description="How the service's own server takes requests.")
    eas: Eas | None = Field(None, description="Settings under the key eas.")
    aimaster: OpenMap | None = Field(None, description="AIMaster settings.")
    sinker: OpenMap | None = Field(None, description="Where request logs go.")
    confidential: OpenMap | None = Field(None, description="Confidential computing settings.")
    warm_up_data_path: Text | None = Field(None, description="Requests that warm an instance up.")
    meta: Any = Field(None, description="Ignored by the service.")
    enable_webservice: Any = Field(None, description="Ignored by the service; it belongs in metadata.")

    @classmethod
    def load(cls, source: Source, *, unknown_keys: UnknownKeys = "error") -> Self:
        """The config in a service.json.

        Args:
            source: A path, a JSON text, or the object itself. A str that does not look like JSON is a path.
            unknown_keys: ``"keep"`` lets keys through that this library does not know, unchanged.

        Raises:
            ConfigError: It cannot be deployed; lists everything found.
            OSError: The file is missing or cannot be read.
        """
        wire, found = read(source)
        config, found = judge(cls, wire, found, unknown_keys=unknown_keys)
        del source, wire
        return admitted(config, found)

    @property
    def service_name(self) -> str:
        """The name of the service, in whichever of its two places it stands."""
        return self.metadata.name or self.name or ""

    def rewritten(self, wire: dict[str, Any]) -> Self:
        """The config with another JSON, unknown keys kept or refused as when this one was loaded.

        The very same config when the JSON is the same.

        Args:
            wire: The whole object, in the form of `to_wire`.

        Raises:
            ConfigError: It cannot be deployed; lists everything found.
        """
        if wire == self._object():
            return self
        config, found = judge(type(self), *from_python(wire), unknown_keys=self._keeps())
        del wire
        return admitted(config, found)

    def to_json(self, *, indent: int | None = 2) -> str:
        """The JSON text, secrets included.

        Args:
            indent: Spaces per level; None for one line.
        """
        return json.dumps(self._object(), indent=indent, ensure_ascii=False)

    def check(self) -> Findings:
        """What the rules have to say about this valid config: fixes, warnings and notices."""
        return Findings(self._found)

    def __str__(self) -> str:
        return json.dumps(self.masked(), indent=2, ensure_ascii=False)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    @model_validator(mode="wrap")
    @classmethod
    def _inside_another_model(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if info.context is JUDGED:
            return handler(data)
        if isinstance(data, cls):
            return data
        config, found = judge(cls, *from_python(data), run=handler)
        if config is None:
            refusal = PydanticCustomError("service_config", "{findings}", {"findings": str(Findings(found))})
            # Raised by itself it would show what was given, secrets included.
            details = InitErrorDetails(type=refusal, input=MASK)
            raise ValidationError.from_exception_data(cls.__name__, [details])
        return config


def lint(source: Source, *, unknown_keys: UnknownKeys = "error") -> Findings:
    """Everything that is found in a service.json, errors included. Never raises on bad content.

    Args:
        source: A path, a JSON text, or the object itself. A str that does not look like JSON is a path.
        unknown_keys: ``"keep"`` lets keys through that this library does not know.

    Raises:
        OSError: The file is missing or cannot be read.
    """
    return Findings(judge(ServiceConfig, *read(source), unknown_keys=unknown_keys)[1])
