"""Which chip an instance type has, and whether an image made for a chip runs on it."""

from __future__ import annotations

from typing import Literal

from eas_deploy.catalog.entries import MachineEntry
from eas_deploy.catalog.frameworks import Framework
from eas_deploy.findings import Finding
from eas_deploy.rules.instance_types import is_cpu_type

Chip = Literal["CPU", "GPU", "PPU", "XPU"]
"""``GPU`` means NVIDIA's; PPU and XPU are accelerators with image builds of their own."""

# Alibaba Cloud's instance families for them: ecs.ebmppu* and ecs.egs*.
_PPU_FAMILY = "ecs.ebmppu"
_XPU_FAMILY = "ecs.egs"
# Families that carry an NVIDIA GPU: ecs.gn7i, ecs.ebmgn8, ecs.vgn6i, ecs.sgn7i, ml.gu7i.
_GPU_FAMILIES = ("ecs.gn", "ecs.ebmgn", "ecs.vgn", "ecs.sgn", "ml.gu")


def chip_of(machine: MachineEntry) -> Chip:
    """The chip of an instance type that the catalogue lists."""
    special = _special_chip(machine.instance_type or "")
    return special or ("GPU" if machine.gpu_amount else "CPU")


def chip_by_name(instance_type: str) -> Chip | None:
    """The chip that the name of an instance type tells of; None when it tells nothing.

    For types that the catalogue does not list.
    """
    special = _special_chip(instance_type)
    if special:
        return special
    if instance_type.startswith(_GPU_FAMILIES):
        return "GPU"
    return "CPU" if is_cpu_type(instance_type) else None


def check_chip(
    image_chip: str | None,
    framework: Framework,
    machine: MachineEntry,
    *,
    path: str = "cloud.computing.instance_type",
) -> list[Finding]:
    """What speaks against running an image on a machine: at most one finding of rule ``image.chip``.

    A CPU image runs anywhere. A GPU image on a CPU machine is a warning unless its framework never
    runs there, since vendors publish such examples. Every other mismatch is an error.

    Args:
        image_chip: The image's label ``system.chipType``; None or an unknown word gives no finding.
        framework: The framework of the image.
        machine: The instance type, after a switch from CPU to GPU if there was one.
        path: Where the config names the instance type.
    """
    chip = chip_of(machine)
    if image_chip not in {"GPU", "PPU", "XPU"} or image_chip == chip:
        return []
    bearable = image_chip == "GPU" and chip == "CPU" and not framework.needs_gpu
    fitting = {
        "GPU": "an NVIDIA GPU instance type",
        "PPU": f"an {_PPU_FAMILY}* instance type",
        "XPU": f"an {_XPU_FAMILY}* instance type",
    }
    return [
        Finding(
            rule="image.chip",
            severity="warning" if bearable else "error",
            path=path,
            message=f"the image is built for {image_chip} and {machine.instance_type} is a {chip} machine",
            hint=f"use {fitting[image_chip]}, or an image built for {chip}",
        )
    ]


def _special_chip(instance_type: str) -> Chip | None:
    if instance_type.startswith(_PPU_FAMILY):
        return "PPU"
    if instance_type.startswith(_XPU_FAMILY):
        return "XPU"
    return None
