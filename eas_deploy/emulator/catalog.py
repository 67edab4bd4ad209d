"""What the emulated region offers: official images and instance types.

The default catalogue lies in ``data/`` in the API's own shape: real images and instance types, and a file
of instance types made for the emulator.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

HOME_REGION = "cn-hangzhou"
"""The region that the bundled image URIs name."""

_REGISTRY = re.compile(r"^(?P<host>[a-z]+-registry(?:-vpc)?)\.(?P<region>[a-z0-9-]+)\.cr\.aliyuncs\.com/")


@dataclass(frozen=True)
class Catalog:
    """Images and instance types, each as the API's own JSON object.

    Attributes:
        images: With ``ImageId``, ``ImageUri``, ``Name`` and ``Labels``.
        machines: The ``InstanceMetas`` of DescribeMachineSpec.
    """

    images: tuple[dict[str, Any], ...]
    machines: tuple[dict[str, Any], ...]

    @classmethod
    def of_region(cls, region_id: str, given: Mapping[str, Any] | None = None) -> Catalog:
        """The catalogue of one region.

        Args:
            region_id: Image URIs name this region's registry.
            given: ``Images`` and ``InstanceMetas`` in the API's shape; what is missing is taken from the
                default catalogue. None for the default catalogue.
        """
        chosen = {**_bundled(), **(given or {})}
        return cls(
            images=tuple(_published(image, region_id) for image in chosen["Images"]),
            machines=tuple(dict(machine) for machine in chosen["InstanceMetas"]),
        )

    def machine(self, instance_type: str) -> dict[str, Any] | None:
        """The instance type of that name, or None."""
        return next((spec for spec in self.machines if spec["InstanceType"] == instance_type), None)


def registry_region(image_uri: str) -> str | None:
    """The region of the official registry that an image URI names; None for any other registry."""
    match = _REGISTRY.match(image_uri)
    return match["region"] if match else None


def image_name(image_uri: str) -> str:
    """Name and tag of an image, such as ``vllm:0.14.0-gpu``."""
    return image_uri.rpartition("/")[2]


def image_labels(image: Mapping[str, Any]) -> dict[str, str]:
    """The labels of an image as a map."""
    return {label["Key"]: label["Value"] for label in image.get("Labels", ())}


def _published(image: Mapping[str, Any], region_id: str) -> dict[str, Any]:
    uri = str(image["ImageUri"])
    region = registry_region(uri)
    if region == HOME_REGION:
        uri = uri.replace(f".{region}.", f".{region_id}.", 1)
    # An id has to be the same in every run and every region, so that tests can name it.
    suffix = hashlib.sha256(image["Name"].encode()).hexdigest()[:16]
    return {"ImageId": f"image-{suffix}", **image, "ImageUri": uri}


@cache
def _bundled() -> dict[str, Sequence[dict[str, Any]]]:
    data = files("eas_deploy.emulator").joinpath("data")

    def read(name: str) -> dict[str, list[dict[str, Any]]]:
        loaded: dict[str, list[dict[str, Any]]] = json.loads(data.joinpath(name).read_text(encoding="utf-8"))
        return loaded

    machines = read("machine_specs.json")["InstanceMetas"] + read("made_up_machines.json")["InstanceMetas"]
    return {"Images": read("images.json")["Images"], "InstanceMetas": machines}
