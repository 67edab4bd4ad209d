"""Instance types: finding one, naming what is near it, and choosing a GPU when one is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from eas_deploy.catalog.chips import chip_by_name, chip_of
from eas_deploy.catalog.entries import MachineEntry
from eas_deploy.errors import ResourceNotFoundError
from eas_deploy.findings import Finding

DEFAULT_GPU_TYPE = "ecs.gn7i-c16g1.4xlarge"
"""The GPU instance type that replaces a CPU one when it is in stock: one A10 of 24 GB."""

MIN_GPU_MEMORY_GB = 16
"""The least memory of one GPU, in GB, with which vLLM can serve the models it is used for."""

# Compute capability below 7.0, the least that vLLM supports.
_TOO_OLD_GPUS = frozenset({"P4", "P100"})
_ALTERNATIVES = 3

MachineT = TypeVar("MachineT", bound=MachineEntry)


def find_machine(
    instance_type: str,
    machines: Sequence[MachineT],
    *,
    path: str = "cloud.computing.instance_type",
) -> MachineT:
    """The catalogue's entry of an instance type that can be had now.

    Args:
        instance_type: Its exact name.
        machines: What DescribeMachineSpec lists.
        path: Where the config names the instance type.

    Raises:
        ResourceNotFoundError: It does not exist (rule ``instance.unknown``) or is out of stock
            (``instance.no_stock``); names the nearest available ones of the same chip.
    """
    listed = next((machine for machine in machines if machine.instance_type == instance_type), None)
    if listed is None:
        raise _stop(
            "instance.unknown",
            path,
            f"instance type {instance_type} does not exist in this region",
            _similar_names(instance_type, machines),
            machines,
        )
    if listed.is_available is False:
        raise _stop(
            "instance.no_stock",
            path,
            f"instance type {instance_type} is out of stock",
            _closest(listed, machines),
            machines,
        )
    return listed


def pick_gpu(machines: Sequence[MachineT], *, path: str = "cloud.computing.instance_type") -> MachineT:
    """The GPU instance type to use instead of a CPU one.

    `DEFAULT_GPU_TYPE` when it is available, else the smallest available one that vLLM can use:
    fewest GPUs, then least GPU memory, cores, memory, then by name.

    Args:
        machines: What DescribeMachineSpec lists.
        path: Where the config names the instance type.

    Raises:
        ResourceNotFoundError: None is available (rule ``instance.no_stock``).
    """
    usable = sorted(filter(_runs_vllm, _available(machines)), key=_size_and_name)
    preferred = [machine for machine in usable if machine.instance_type == DEFAULT_GPU_TYPE]
    for machine in preferred or usable:
        return machine
    raise _stop(
        "instance.no_stock",
        path,
        f"no NVIDIA GPU instance type with at least {MIN_GPU_MEMORY_GB} GB of GPU memory "
        "and compute capability 7.0 is available in this region",
        (),
        machines,
    )


def _runs_vllm(machine: MachineEntry) -> bool:
    model_words = set(re.split(r"[\s_-]+", (machine.gpu or "").upper()))
    return (
        chip_of(machine) == "GPU"
        and (machine.gpu_memory or 0) >= MIN_GPU_MEMORY_GB
        and not model_words & _TOO_OLD_GPUS
    )


def _available(machines: Iterable[MachineT]) -> list[MachineT]:
    return [machine for machine in machines if machine.is_available is not False]


def _size(machine: MachineEntry) -> tuple[float, float, float, float]:
    return (machine.gpu_amount or 0, machine.gpu_memory or 0, machine.cpu or 0, machine.memory or 0)


def _size_and_name(machine: MachineEntry) -> tuple[tuple[float, ...], str]:
    return _size(machine), machine.instance_type or ""


def _closest(wanted: MachineEntry, machines: Sequence[MachineEntry]) -> list[str]:
    """Available instance types of the same chip: GPUs, GPU memory, cores and memory differ least."""

    def distance(machine: MachineEntry) -> tuple[tuple[float, ...], str]:
        apart = tuple(abs(a - b) for a, b in zip(_size(machine), _size(wanted), strict=True))
        return apart, machine.instance_type or ""

    same_chip = [machine for machine in _available(machines) if chip_of(machine) == chip_of(wanted)]
    return _names(sorted(same_chip, key=distance))


def _similar_names(instance_type: str, machines: Sequence[MachineEntry]) -> list[str]:
    """Available instance types whose names are most alike, of the chip that the name tells of."""
    chip = chip_by_name(instance_type)

    def unlikeness(machine: MachineEntry) -> tuple[float, str]:
        name = machine.instance_type or ""
        return -SequenceMatcher(None, instance_type, name).ratio(), name

    candidates = [machine for machine in _available(machines) if chip in {None, chip_of(machine)}]
    return _names(sorted(candidates, key=unlikeness))


def _names(machines: Iterable[MachineEntry]) -> list[str]:
    return [machine.instance_type for machine in machines if machine.instance_type][:_ALTERNATIVES]


def _stop(
    rule: str, path: str, message: str, alternatives: Sequence[str], machines: Sequence[MachineEntry]
) -> ResourceNotFoundError:
    hint = (
        f"the nearest available: {', '.join(alternatives)}"
        if alternatives
        else "no instance type of that chip is available in this region now; try another region"
    )
    return ResourceNotFoundError(
        f"{message[0].upper()}{message[1:]}: {hint}.",
        kind="instance type",
        looked_at=[f"the {len(machines)} instance types that DescribeMachineSpec lists"],
        findings=[Finding(rule=rule, severity="error", path=path, message=message, hint=hint)],
    )
