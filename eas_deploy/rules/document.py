"""A tolerant view of a service JSON for rules: whatever has the wrong type is simply not there.

Rules look at one document together, so its sections, mounts and command words are found once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from eas_deploy.rules.command_words import CommandFacts, command_facts
from eas_deploy.rules.image_ref import ImageRef, parse_image
from eas_deploy.rules.paths import is_within, normalised

Object: TypeAlias = Mapping[str, Any]

PROBES = frozenset({"startup_check", "liveness_check", "readiness_check", "health_check"})
KINDS = frozenset({"oss", "nfs", "dataset", "git", "code", "image", "empty_dir", "cache", "cpfs"})
"""What can be mounted."""
DEFAULT_PORT = 8000
"""The port that the service assumes when a container names none. Source: EAS service parameters."""

_NOTHING: Object = {}


def object_at(parent: Object, key: str) -> Object:
    """The object under a key; an empty one if there is none."""
    value = parent.get(key)
    return value if isinstance(value, dict) else _NOTHING


def objects_at(parent: Object, key: str, path: str) -> Iterator[tuple[str, Object]]:
    """The objects in the array under a key, each with its path; none if there is no array."""
    value = parent.get(key)
    if isinstance(value, list):
        for index, one in enumerate(value):
            if isinstance(one, dict):
                yield f"{path}[{index}]", one


def text_at(parent: Object, key: str) -> str | None:
    """The string under a key; None if there is none or it is blank."""
    value = parent.get(key)
    return value if isinstance(value, str) and value.strip() else None


def integer_at(parent: Object, key: str) -> int | None:
    """The integer under a key; None if there is none."""
    value = parent.get(key)
    return value if type(value) is int else None


class Container:
    """One container.

    Attributes:
        path: Where it stands.
        wire: The object.
        port: Its port; None if it names none.
        image: Its image; None if it has none.
        framework: Name of its image, the last part of the repository, such as ``vllm``.
        command: What its ``command``, ``script`` and ``args`` say.
    """

    __slots__ = ("command", "framework", "image", "path", "port", "wire")

    def __init__(self, path: str, wire: Object) -> None:
        self.path = path
        self.wire = wire
        self.port = integer_at(wire, "port")
        image = wire.get("image")
        self.image: ImageRef | None = parse_image(image) if isinstance(image, str) and image.strip() else None
        self.framework = self.image.name if self.image is not None else None
        self.command: CommandFacts = command_facts(wire, self.framework)


class Mount:
    """One entry of ``storage``.

    Attributes:
        path: Where it stands.
        wire: The entry.
        kinds: The keys of ``KINDS`` that it has; exactly one, if it is right.
        folder: Its normalised mount path; None if that is not absolute.
    """

    __slots__ = ("folder", "kinds", "path", "wire")

    def __init__(self, path: str, wire: Object) -> None:
        self.path = path
        self.wire = wire
        self.kinds = [key for key, value in wire.items() if key in KINDS and value is not None]
        folder = wire.get("mount_path")
        self.folder = normalised(folder) if isinstance(folder, str) and folder[:1] == "/" else None


class Document:
    """The sections of a service JSON, each empty if it is not there.

    Attributes:
        alias: The name at top level.
        resource: ``metadata.resource``.
        quota: ``metadata.quota_id``.
        vpc: ``cloud.networking``.
        oss_words: Whether a command has an ``oss://`` URL.
        probes: Every probe of every container, with its path.
        models: Each local absolute path that a command names as its model: JSON path, normalised path, and
            the mount that it lies in.
    """

    __slots__ = (
        "alias",
        "autoscaler",
        "computing",
        "containers",
        "has_autoscaler",
        "has_computing",
        "metadata",
        "models",
        "mounts",
        "networking",
        "nlb",
        "oss_words",
        "probes",
        "quota",
        "resource",
        "vpc",
        "wire",
    )

    def __init__(self, wire: Object) -> None:
        self.wire = wire
        self.metadata = object_at(wire, "metadata")
        self.alias = wire.get("name")
        self.resource = self.metadata.get("resource")
        self.quota = self.metadata.get("quota_id")
        cloud = object_at(wire, "cloud")
        computing = cloud.get("computing")
        self.computing = computing if isinstance(computing, dict) else _NOTHING
        self.has_computing = self.computing is not _NOTHING
        self.vpc = object_at(cloud, "networking")
        self.networking = object_at(wire, "networking")
        self.nlb = (
            list(objects_at(self.networking, "nlb", "networking.nlb")) if "nlb" in self.networking else []
        )
        autoscaler = wire.get("autoscaler")
        self.autoscaler = autoscaler if isinstance(autoscaler, dict) else _NOTHING
        self.has_autoscaler = self.autoscaler is not _NOTHING
        self.mounts = [Mount(path, one) for path, one in objects_at(wire, "storage", "storage")]
        self.containers: list[Container] = []
        self.oss_words = False
        self.probes: list[tuple[str, Object]] = []
        self.models: list[tuple[str, str, Mount | None]] = []
        for path, one in objects_at(wire, "containers", "containers"):
            container = Container(path, one)
            self.containers.append(container)
            if container.command.oss_urls:
                self.oss_words = True
            for key, model in container.command.models:
                self.models.append((f"{path}.{key}", model, self._mount_of(model)))
            if not PROBES.isdisjoint(one):
                self.probes += [
                    (f"{path}.{key}", probe)
                    for key, probe in one.items()
                    if key in PROBES and isinstance(probe, dict)
                ]

    def _mount_of(self, folder: str) -> Mount | None:
        for mount in self.mounts:
            if mount.folder is not None and is_within(folder, mount.folder):
                return mount
        return None
