"""Rules about containers: their number, images and ports."""

from __future__ import annotations

from eas_deploy.rules.document import DEFAULT_PORT, Document, text_at
from eas_deploy.rules.registry import Report, RuleInfo, rule

MAX_PORT = 65535
RESERVED_PORTS = frozenset({8080, 9090})
"""Ports that EAS itself uses in every instance. Source: EAS service parameters."""


@rule(RuleInfo("containers.required", "error", "No container"), whole=True)
def required(document: Document, report: Report) -> None:
    """A service has a container."""
    if not document.containers and document.wire.get("containers") in (None, []):
        report("containers.required", "containers", "The service has no container.", "add one with an image")


@rule(
    RuleInfo("image.required", "error", "A container without an image"),
    RuleInfo("image.format", "warning", "An image that does not look like an image reference"),
    needs="containers",
)
def image(document: Document, report: Report) -> None:
    """Every container has an image that looks like one."""
    for container in document.containers:
        if container.image is None:
            if container.wire.get("image") is None or text_at(container.wire, "image") is None:
                _image_missing(container.wire.get("image"), container.path, report)
        elif not container.image.is_well_formed:
            report(
                "image.format",
                f"{container.path}.image",
                "This does not look like an image reference.",
                "registry/namespace/name:tag, in lower case up to the tag",
            )


def _image_missing(written: object, path: str, report: Report) -> None:
    # A value of another type is a matter of value.type.
    if written is None or isinstance(written, str):
        report("image.required", f"{path}.image", "The container has no image.")


@rule(
    RuleInfo("port.range", "error", "A port of a container or probe outside 1 to 65535"),
    RuleInfo("port.reserved", "error", "A container port of 8080 or 9090, which EAS itself uses"),
    RuleInfo("port.default", "notice", "A container without a port: the service's default 8000 applies"),
    needs="containers",
)
def port(document: Document, report: Report) -> None:
    """Container ports are in range and free."""
    for container in document.containers:
        number = container.port
        if number is None:
            if container.wire.get("port") is None:
                message = f"No port: the service's default {DEFAULT_PORT} applies."
                report("port.default", f"{container.path}.port", message)
        elif number in RESERVED_PORTS:
            message = f"Port {number} is used by EAS itself."
            report("port.reserved", f"{container.path}.port", message, f"use another, such as {DEFAULT_PORT}")
        elif not 1 <= number <= MAX_PORT:
            report("port.range", f"{container.path}.port", f"{number} is not a port from 1 to {MAX_PORT}.")
