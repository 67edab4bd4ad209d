"""``containers[]``: image, start command, environment and health probes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from eas_deploy.config.fields import Array, Count, Integer, OpenMap, Text
from eas_deploy.config.masking import MASK
from eas_deploy.config.wire_model import WireModel


class EnvVar(WireModel):
    """One environment variable of a container. Its value is never shown."""

    name: Text = Field(description="Name of the variable.")
    value: Text | None = Field(None, description="Value of the variable; treated as a secret.")

    def masked(self) -> dict[str, Any]:
        """The wire form with the value replaced by ``***``."""
        wire = self.to_wire()
        return {key: MASK if key == "value" else one for key, one in wire.items()}


class HttpGet(WireModel):
    """A probe that asks for a page: any answer from 200 to 399 is healthy."""

    place = ("containers", 0, "startup_check", "http_get")

    path: Text | None = Field(None, description="Path to ask for, such as /health.")
    port: Integer | None = Field(None, description="Port to ask, 1 to 65535.")
    scheme: Text | None = Field(None, description="HTTP or HTTPS.")


class TcpSocket(WireModel):
    """A probe that opens a connection."""

    place = ("containers", 0, "startup_check", "tcp_socket")

    port: Integer = Field(description="Port to connect to, 1 to 65535.")


class Exec(WireModel):
    """A probe that runs a command in the container: exit status 0 is healthy."""

    command: Array[Text] = Field(description="The command and its arguments.")


class Probe(WireModel):
    """A health probe: exactly one of ``http_get``, ``tcp_socket`` and ``exec``, and its timing in seconds."""

    place = ("containers", 0, "startup_check")

    http_get: HttpGet | None = Field(None, description="Ask for a page.")
    tcp_socket: TcpSocket | None = Field(None, description="Open a connection.")
    exec: Exec | None = Field(None, description="Run a command in the container.")
    initial_delay_seconds: Count | None = Field(None, description="Seconds before the first probe.")
    period_seconds: Count | None = Field(None, description="Seconds between two probes; default 10.")
    timeout_seconds: Count | None = Field(None, description="Seconds one probe may take; default 1.")
    success_threshold: Count | None = Field(
        None, description="Successes in a row that make it healthy; default 1."
    )
    failure_threshold: Count | None = Field(None, description="Failures in a row that make it unhealthy.")


class Prepare(WireModel):
    """What is installed before the command runs."""

    python_requirements: Array[Text] = Field(
        (), validation_alias="pythonRequirements", description="Python requirements to install."
    )
    python_requirements_path: Text | None = Field(
        None, validation_alias="pythonRequirementsPath", description="A requirements.txt in the container."
    )


class Container(WireModel):
    """One container of the service."""

    place = ("containers", 0)

    image: Text = Field(description="Image reference: registry/namespace/name:tag.")
    port: Integer | None = Field(
        None, description="Port the container listens on, 1 to 65535, not 8080 or 9090; default 8000."
    )
    command: Text | None = Field(None, description="Start command, a single one; or use script.")
    script: Text | None = Field(None, description="Start script, any shell lines; or use command.")
    args: Array[Text] = Field((), description="Arguments of the image's entry point.")
    env: Array[EnvVar] = Field((), description="Environment variables.")
    prepare: Prepare | None = Field(None, description="What is installed before the command runs.")
    startup_check: Probe | None = Field(None, description="Probe that says when the service has started.")
    liveness_check: Probe | None = Field(
        None, description="Probe that says when the container must be restarted."
    )
    readiness_check: Probe | None = Field(None, description="Probe that says whether requests may be sent.")
    health_check: Probe | None = Field(None, description="Probe of the service's health.")
    resources: OpenMap | None = Field(None, description="Resource requests and limits of the container.")
    name: Text | None = Field(None, description="Name of the container.")
    docker_auth: Text | None = Field(
        None, validation_alias="dockerAuth", description="Base64 of user:password for the image's registry."
    )
