"""What the catalogue's functions read of an image and of a machine.

Structural types: the answer models of the API fit them as they are, and this package depends on no
API client. Every field may be None, since the service may leave any field out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class ImageEntry(Protocol):
    """An image as ListImages lists it."""

    @property
    def image_id(self) -> str | None:
        """``image-...``."""

    @property
    def image_uri(self) -> str | None:
        """What a container pulls: ``<registry>/<repository>:<tag>``."""

    @property
    def name(self) -> str | None:
        """``vllm:0.14.0-gpu``."""

    @property
    def label_map(self) -> Mapping[str, str]:
        """The labels, key to value."""


class MachineEntry(Protocol):
    """An instance type as DescribeMachineSpec lists it."""

    @property
    def instance_type(self) -> str | None:
        """``ecs.gn7i-c16g1.4xlarge``."""

    @property
    def cpu(self) -> int | None:
        """Number of cores."""

    @property
    def memory(self) -> float | None:
        """Memory in GB."""

    @property
    def gpu(self) -> str | None:
        """The GPU's model, ``A10``."""

    @property
    def gpu_amount(self) -> int | None:
        """Number of GPUs."""

    @property
    def gpu_memory(self) -> float | None:
        """Memory of one GPU, in GB."""

    @property
    def is_available(self) -> bool | None:
        """Whether it can be had now."""

    @property
    def stock_status(self) -> str | None:
        """``WithStock``, ``ClosedWithStock``, ``NoStock`` or a newer word."""
